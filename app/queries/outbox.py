"""Letters waiting to be sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..models import OutboxMessage, OutboxState


def due(session: Session, now: datetime, most: int) -> Sequence[OutboxMessage]:
    """Letters due now, and those whose worker died while sending; locked so that two workers share them."""
    is_pending = and_(OutboxMessage.state == OutboxState.pending, OutboxMessage.due_at <= now)
    is_abandoned = and_(OutboxMessage.state == OutboxState.sending, OutboxMessage.leased_until < now)
    return session.scalars(
        select(OutboxMessage)
        .where(or_(is_pending, is_abandoned))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
