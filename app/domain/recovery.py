"""A forgotten password: a one-time password goes to the bound e-mail, and the old one lives until it is used."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..models import SiteUser
from ..queries import people
from . import cards, lockout, tokens
from .people import end_sessions
from .tokens import Found, Issued, TokenState

PURPOSE = "password"
LIFETIME = timedelta(hours=24)
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: it may be read from paper
LETTERS, REQUESTS_PER_ADDRESS = 3, 20


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """Whom to write, and what the letter shows. One that is not due is drawn for the time it takes, and not sent:
    else the clock would tell which logins exist."""

    user: SiteUser
    issued: Issued
    is_due: bool


def request(session: Session, login: str, address: str) -> OneTimePassword:
    """A one-time password for the owner of a login or an e-mail. Not due, with the same answer to whoever asks, for an
    unknown login, a cabinet that is not confirmed or blocked, and too many requests. In any case the user's saved cards
    are gone."""
    user = people.user_by_login(session, login)
    subject = login.strip().lower() if user is None else user.id
    is_allowed = lockout.count_guess(session, f"recovery:{subject}", most=LETTERS)
    is_allowed &= lockout.count_guess(session, f"recovery from:{lockout.network(address)}", most=REQUESTS_PER_ADDRESS)
    cards.forget_all(session, user)
    secret = _new_secret()
    if user is None or not is_allowed or not user.active:
        nobody = SiteUser(username="", first_name="", email="")
        return OneTimePassword(nobody, Issued(secret, clock.now() + LIFETIME), is_due=False)
    return OneTimePassword(user, tokens.issue(session, user, PURPOSE, lifetime=LIFETIME, secret=secret), is_due=True)


def one_time_password(session: Session, user: SiteUser, lifetime: timedelta) -> Issued:
    """A one-time password that staff give to somebody whom they know: by a letter, or on paper."""
    return tokens.issue(session, user, PURPOSE, lifetime=lifetime, secret=_new_secret())


def _new_secret() -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))


def is_right(session: Session, user: SiteUser | None, typed: str) -> bool:
    """Whether this is a one-time password of the user; the same work for nobody."""
    found = tokens.look_up(session, PURPOSE, _as_issued(typed))
    return _belongs(found, user)


def redeem(session: Session, user: SiteUser, typed: str) -> bool:
    """Use it up: the old password and all sessions end, the lock is opened, a new password must be chosen.
    False when it was used at the same moment."""
    if not _belongs(tokens.use(session, PURPOSE, _as_issued(typed)), user):
        return False
    user.password, user.must_change_password = None, True
    end_sessions(session, user.id)
    lockout.release(session, user)
    return True


def _belongs(found: Found, user: SiteUser | None) -> bool:
    return found.state is TokenState.good and user is not None and found.user is not None and found.user.id == user.id


def _as_issued(typed: str) -> str:
    """In capitals with hyphens, however it was typed over."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))
