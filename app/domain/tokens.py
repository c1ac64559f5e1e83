"""Links and one-time passwords of letters: random, used once, short-lived, kept as a hash.

Each is bound to the password and the e-mail that its owner had: once either changes, what was sent before is worth
nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..models import OneTimeToken, SiteUser
from ..queries import registration as queries


class TokenState(StrEnum):
    """What a token is worth: `good`, or why it is worth nothing."""

    good = "good"
    used = "used"
    expired = "expired"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Issued:
    """What the letter shows: the secret stands nowhere else."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A token as it was looked up; the user is None for an unknown one."""

    state: TokenState
    user: SiteUser | None = None
    payload: dict[str, Any] | None = None


def issue(
    session: Session,
    user: SiteUser,
    purpose: str,
    *,
    lifetime: timedelta,
    secret: str | None = None,
    payload: dict[str, Any] | None = None,
) -> Issued:
    """A new token of the user for one purpose; `secret` is made up unless the caller has a form of its own."""
    issued = Issued(secret or secrets.token_urlsafe(32), clock.now() + lifetime)
    session.add(
        OneTimeToken(
            token_hash=_hash(purpose, issued.secret),
            purpose=purpose,
            user_id=user.id,
            payload={**(payload or {}), "owner": fingerprint(user)},
            created_at=clock.now(),
            expires_at=issued.expires_at,
        )
    )
    return issued


def look_up(session: Session, purpose: str, secret: str) -> Found:
    """What the secret is worth now; changes nothing."""
    return judge(queries.token(session, _hash(purpose, secret)))


def use(session: Session, purpose: str, secret: str) -> Found:
    """The same, and a good token is used up; its row is locked, so that of two uses one finds it used."""
    row = queries.token(session, _hash(purpose, secret), lock=True)
    found = judge(row)
    if row is not None and found.state is TokenState.good:
        row[0].used_at = clock.now()
    return found


def judge(row: tuple[OneTimeToken, SiteUser] | None) -> Found:
    """What a token is worth now."""
    if row is None:
        return Found(TokenState.unknown)
    token, user = row
    state = TokenState.good
    if token.used_at is not None or token.payload.get("owner") != fingerprint(user):
        state = TokenState.used
    elif token.expires_at <= clock.now():
        state = TokenState.expired
    return Found(state, user, token.payload)


def _hash(purpose: str, secret: str) -> str:
    return hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()


def fingerprint(user: SiteUser) -> str:
    return hashlib.sha256(f"{user.password}:{user.email}".encode()).hexdigest()[:16]
