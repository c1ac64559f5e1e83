"""Lock-out of sign-in: per login and per network address, kept as rows so that all processes count together.

A locked login is answered like a wrong password; its owner gets in by recovery (security.md).
"""

import hashlib
from datetime import timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..models import SignInLock

WINDOW = timedelta(minutes=15)
TRIES_PER_LOGIN = 10
TRIES_PER_ADDRESS = 100


def count_try(session: Session, login: str, address: str) -> bool:
    """Count a try before the password is looked at (so that parallel guesses count too); False when locked."""
    by_login = _count(session, _login_key(login), TRIES_PER_LOGIN)
    by_address = _count(session, f"address:{address}", TRIES_PER_ADDRESS)
    return by_login and by_address


def forgive(session: Session, login: str, address: str) -> None:
    """After a right password: the login starts anew, the address gets its try back."""
    if (row := session.get(SignInLock, _login_key(login))) is not None:
        session.delete(row)
    if (row := session.get(SignInLock, f"address:{address}", with_for_update=True)) is not None:
        row.failures = max(0, row.failures - 1)


def release(session: Session, login: str) -> None:
    """Recovery opens a locked login."""
    if (row := session.get(SignInLock, _login_key(login))) is not None:
        session.delete(row)


def count_guess(session: Session, subject: str, *, most: int) -> bool:
    """The same brake for other guesses (an account's fact, a one-time code); False when there were too many."""
    return _count(session, "guess:" + hashlib.sha256(subject.encode()).hexdigest(), most)


def _login_key(login: str) -> str:
    return "login:" + hashlib.sha256(login.strip().lower().encode()).hexdigest()


def _count(session: Session, key: str, most: int) -> bool:
    now = clock.now()
    row = session.get(SignInLock, key, with_for_update=True)
    if row is None:
        row = SignInLock(key=key, failures=0, window_started_at=now)
        session.add(row)
    if row.locked_until is not None and row.locked_until > now:
        return False
    if now - row.window_started_at > WINDOW:
        row.failures, row.window_started_at, row.locked_until = 0, now, None
    row.failures += 1
    if row.failures > most:
        row.locked_until = now + WINDOW
        return False
    return True
