"""Letters waiting to be sent."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..models import OutboxMessage, OutboxState


def next_due(session: Session, now: datetime) -> OutboxMessage | None:
    """A letter due now, or one whose worker died while sending; locked, and passed over by other workers."""
    is_pending = and_(OutboxMessage.state == OutboxState.pending, OutboxMessage.due_at <= now)
    is_abandoned = and_(OutboxMessage.state == OutboxState.sending, OutboxMessage.leased_until < now)
    return session.scalars(
        select(OutboxMessage)
        .where(or_(is_pending, is_abandoned))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
