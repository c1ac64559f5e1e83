"""Signed-in sessions as rows: a cookie, or a program's token, works while its row is open, so that sign-out and
revocation are real."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request
from flask import session as cookie
from sqlalchemy import update
from sqlalchemy.orm import Session

from .. import clock
from ..domain.people import end_sessions
from ..models import UserSession
from ..queries import people

COOKIE_KEY = "session_token"
SEEN_EVERY = timedelta(minutes=5)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(session: Session, user_id: int) -> str:
    """Open a row for this device; its token."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.add(
        UserSession(
            user_id=user_id,
            token_hash=token_hash(token),
            address=request.remote_addr or "",
            device=request.user_agent.string[:200],
            created_at=now,
            seen_at=now,
        )
    )
    return token


def current_hash() -> str:
    return token_hash(cookie.get(COOKIE_KEY, ""))


def find_user(session: Session, user_id: int, token: str | None) -> people.SignedIn | None:
    """The user of an open session; None when it ended or idled away."""
    if not token:
        return None
    seen_after = clock.now() - current_app.config["SESSION_IDLE"]
    return people.signed_in_user(session, user_id, token_hash(token), seen_after)


def touch(session: Session, token: str) -> None:
    """Remember that the session is in use."""
    session.execute(update(UserSession).where(UserSession.token_hash == token_hash(token)).values(seen_at=clock.now()))


def end(session: Session, user_id: int, *, except_current: bool = False, only_id: int | None = None) -> None:
    """End the user's sessions: all, all others, or one of them."""
    end_sessions(session, user_id, except_hash=current_hash() if except_current else None, only_id=only_id)


def end_current(session: Session) -> None:
    session.execute(update(UserSession).where(UserSession.token_hash == current_hash()).values(ended_at=clock.now()))
    cookie.pop(COOKIE_KEY, None)


def show_cabinet(session: Session, customer_id: int, until: datetime) -> None:
    """This device of an employee shows the cabinet of a customer from the next request on (`manager.load_user`)."""
    _show(session, viewed_id=customer_id, viewed_until=until)


def show_own(session: Session) -> None:
    _show(session, viewed_id=None, viewed_until=None)


def _show(session: Session, **values: Any) -> None:
    session.execute(update(UserSession).where(UserSession.token_hash == current_hash()).values(**values))
