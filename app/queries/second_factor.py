"""The second factor of people who sign in."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import RecoveryCode, SiteUser


def locked_user(session: Session, user_id: int) -> SiteUser:
    """The user with the secret, locked so that one code opens one of two sign-ins."""
    return session.scalars(select(SiteUser).where(SiteUser.id == user_id).with_for_update()).one()


def unused(session: Session, user_id: int, code_hash: str) -> RecoveryCode | None:
    return session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
        )
    )


def codes_left(session: Session, user_id: int) -> int:
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0
