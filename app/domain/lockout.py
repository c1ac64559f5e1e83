"""Lock-out of sign-in: per person and per network, kept as rows so that all processes count together.

A locked login is answered like a wrong password; its owner gets in by recovery.
"""

import hashlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from .. import clock
from ..models import SignInLock, SiteUser
from ..queries import people
from ..queries.dialects import insert_for

WINDOW = timedelta(minutes=15)
TRIES_PER_LOGIN = 10
TRIES_PER_ADDRESS = 100


def count_try(session: Session, login: str, address: str) -> bool:
    """Count a try before the password is looked at (so that parallel guesses count too); False when locked."""
    by_login = _count(session, _login_key(people.user_by_login(session, login), login), TRIES_PER_LOGIN)
    by_address = _count(session, _address_key(address), TRIES_PER_ADDRESS)
    return by_login and by_address


def forgive(session: Session, user: SiteUser, address: str) -> None:
    """After a right password: the user starts anew, the address gets its try back."""
    release(session, user)
    _give_back(session, _address_key(address))


def release(session: Session, user: SiteUser) -> None:
    """Recovery opens a locked login."""
    session.execute(delete(SignInLock).where(SignInLock.key == _login_key(user, "")))


def count_guess(session: Session, subject: str, *, most: int, within: timedelta = WINDOW) -> bool:
    """The same brake for other guesses (an account's fact, a letter asked for); False when there were too many."""
    return _count(session, _guess_key(subject), most, within)


def is_locked(session: Session, subject: str) -> bool:
    """Whether guesses at the subject are held off now."""
    row = session.get(SignInLock, _guess_key(subject))
    return row is not None and row.locked_until is not None and row.locked_until > clock.now()


def give_back(session: Session, subject: str) -> None:
    """The guess counted last was right."""
    _give_back(session, _guess_key(subject))


def network(address: str) -> str:
    """What tries are counted by: one subscriber has an IPv4 address or a whole IPv6 network of 64 bits."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((int(known), 64), strict=False))


def _login_key(user: SiteUser | None, login: str) -> str:
    """One for all spellings: a person has a login and an e-mail."""
    return f"login:{user.id}" if user is not None else "login:" + _hash(login.strip().lower())


def _address_key(address: str) -> str:
    return f"address:{network(address)}"


def _guess_key(subject: str) -> str:
    return "guess:" + _hash(subject)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _count(session: Session, key: str, most: int, within: timedelta = WINDOW) -> bool:
    now = clock.now()
    row = _locked_row(session, key)
    if row.locked_until is not None and row.locked_until > now:
        return False
    if now - row.window_started_at > within:
        row.failures, row.window_started_at, row.locked_until = 0, now, None
    row.failures += 1
    if row.failures > most:
        row.locked_until = now + within
        return False
    return True


def _locked_row(session: Session, key: str) -> SignInLock:
    """The counter, held until the commit; of two first tries at once one makes it and the other waits."""
    fresh = insert_for(session, SignInLock).values(key=key, failures=0, window_started_at=clock.now())
    held = fresh.on_conflict_do_update(index_elements=["key"], set_={"key": key}).returning(SignInLock)
    row: SignInLock = session.scalars(held, execution_options={"populate_existing": True}).one()
    return row


def _give_back(session: Session, key: str) -> None:
    counted = update(SignInLock).where(SignInLock.key == key, SignInLock.failures > 0)
    session.execute(counted.values(failures=SignInLock.failures - 1))
