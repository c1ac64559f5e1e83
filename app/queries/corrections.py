"""What staff put right by hand: what waits for another person, what an account's corrections come to."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from ..models import Account, Correction, CorrectionState, LedgerEntry
from .ledger import MONEY

ASKED = Correction.state == CorrectionState.asked


def one(session: Session, correction_id: int) -> Correction | None:
    """With its account and premises."""
    place = joinedload(Correction.account).joinedload(Account.premises)
    return session.scalar(select(Correction).where(Correction.id == correction_id).options(place))


def locked(session: Session, correction_id: int) -> Correction | None:
    row = select(Correction).where(Correction.id == correction_id)
    return session.scalar(row.with_for_update(of=Correction).execution_options(populate_existing=True))


def newest(session: Session, account_id: int) -> Correction | None:
    mine = select(Correction).where(Correction.account_id == account_id)
    return session.scalar(mine.order_by(Correction.id.desc()).limit(1))


def waiting(session: Session, *, after: int, most: int) -> Sequence[Correction]:
    """Those that another person must decide on, the oldest first."""
    return session.scalars(
        select(Correction)
        .where(ASKED, Correction.id > after)
        .options(joinedload(Correction.account))
        .order_by(Correction.id)
        .limit(most)
    ).all()


def together(session: Session, account_id: int, month: date) -> Decimal:
    """Roubles, whether more or less, that stand in a month by hand or wait to."""
    counts = or_(Correction.period == month, ASKED)
    return _sum(session, func.abs(Correction.amount), Correction.account_id == account_id, counts)


def taken_off(session: Session, account_id: int, service_id: int, besides: int | None) -> Decimal:
    """Roubles less of a service that wait for another person, as a positive sum."""
    less = Correction.to_service_id.is_(None), Correction.amount < 0, Correction.service_id == service_id
    return -_sum(session, Correction.amount, *_waits(account_id, besides), *less)


def offset_from(session: Session, account_id: int, service_id: int, besides: int | None) -> Decimal:
    """What of a service's advance waits to be set off."""
    of = Correction.to_service_id.is_not(None), Correction.service_id == service_id
    return _sum(session, Correction.amount, *_waits(account_id, besides), *of)


def offset_to(session: Session, account_id: int, service_id: int, besides: int | None) -> Decimal:
    """What of a service's debt waits to be covered by an advance."""
    return _sum(session, Correction.amount, *_waits(account_id, besides), Correction.to_service_id == service_id)


def charged(session: Session, account_id: int, service_id: int) -> Decimal:
    """All that the account was ever charged for a service, corrections counted."""
    row = LedgerEntry
    of = row.account_id == account_id, row.service_id == service_id, row.kind.not_in(MONEY)
    return session.scalar(select(func.sum(row.amount)).where(*of)) or Decimal(0)


def _waits(account_id: int, besides: int | None) -> tuple[ColumnElement[bool], ...]:
    return Correction.account_id == account_id, ASKED, Correction.id.is_distinct_from(besides)


def _sum(
    session: Session, amount: ColumnElement[Any] | InstrumentedAttribute[Any], *where: ColumnElement[bool]
) -> Decimal:
    total = func.coalesce(func.sum(amount), 0, type_=Correction.amount.type)
    return session.scalar(select(total).where(*where)) or Decimal(0)
