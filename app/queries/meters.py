"""Meters of an account."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import Meter, Service


def of_account(session: Session, account_id: int) -> Sequence[Meter]:
    """Every meter of an account with its service, those in use first."""
    return session.scalars(
        select(Meter)
        .join(Service, Service.id == Meter.service_id)
        .where(Meter.account_id == account_id)
        .options(joinedload(Meter.service, innerjoin=True))
        .order_by(Meter.removed_on.is_not(None), Service.position, Meter.id)
    ).all()
