"""Visits for requests: the times of one request, the visits of a day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import (
    Account,
    House,
    Locality,
    Premises,
    RequestState,
    ServiceRequest,
    SlotState,
    Street,
    VisitSlot,
)

MOST = 500
"""Visits of one day."""


def slots(session: Session, request_id: int) -> Sequence[VisitSlot]:
    """The times of a request, also those that are of no use any more."""
    of_request = select(VisitSlot).where(VisitSlot.request_id == request_id)
    return session.scalars(of_request.order_by(VisitSlot.starts_at, VisitSlot.id)).all()


def agreed(session: Session, since: datetime, until: datetime) -> Sequence[VisitSlot]:
    """The visits agreed on between two moments, by town, district and time; with all that a fitter must know."""
    request = joinedload(VisitSlot.request)
    account = request.joinedload(ServiceRequest.account)
    house = account.joinedload(Account.premises).joinedload(Premises.house)
    return session.scalars(
        select(VisitSlot)
        .join(VisitSlot.request)
        .join(ServiceRequest.account)
        .join(Account.premises)
        .join(Premises.house)
        .join(House.street)
        .join(Street.locality)
        .where(
            VisitSlot.starts_at >= since,
            VisitSlot.starts_at < until,
            VisitSlot.state == SlotState.agreed,
            ServiceRequest.state.not_in((RequestState.declined, RequestState.withdrawn)),
        )
        .options(
            request.joinedload(ServiceRequest.offering),
            request.joinedload(ServiceRequest.assignee),
            account.joinedload(Account.customer),
            account.joinedload(Account.legal_entity),
            house.joinedload(House.street).joinedload(Street.locality),
        )
        .order_by(Locality.name, House.district, VisitSlot.starts_at, VisitSlot.id)
        .limit(MOST)
    ).all()
