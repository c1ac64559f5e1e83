"""What the nightly cleaning takes away: one DELETE a table, told apart by moments alone."""

from datetime import datetime

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from ..models import GatewayEvent, OneTimeToken, SignInLock, UserSession
from .payments import OF_NO_PAYMENT, UNSIGNED


def delete_locks(session: Session, before: datetime) -> None:
    """Counters of tries that neither lock nor count any more."""
    session.execute(
        delete(SignInLock).where(
            SignInLock.window_started_at < before,
            or_(SignInLock.locked_until.is_(None), SignInLock.locked_until < before),
        )
    )


def delete_tokens(session: Session, before: datetime) -> None:
    session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < before))


def delete_sessions(session: Session, before: datetime) -> None:
    """Sessions that nobody has used since."""
    session.execute(delete(UserSession).where(UserSession.seen_at < before))


def delete_unsigned_events(session: Session, before: datetime) -> None:
    """Messages to the gateway's address that anybody may have sent, or that name no payment of ours."""
    reasons = (*UNSIGNED, *OF_NO_PAYMENT)
    session.execute(delete(GatewayEvent).where(GatewayEvent.reason.in_(reasons), GatewayEvent.received_at < before))
