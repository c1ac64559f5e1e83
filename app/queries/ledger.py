"""Balances and movements of accounts: sums over one account's entries, by its index."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, ColumnElement, Date, Integer, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from ..models import AccountService, EntryKind, LedgerEntry, Service
from . import periods
from .periods import PeriodPage, PeriodPages

MONEY = (EntryKind.payment, EntryKind.refund, EntryKind.offset)
"""Kinds of entries that say what was paid and returned; the others say what was charged."""


def pays_for(account_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether a `Service` concerns the account: it is billed for it, or its money is not settled yet."""
    billed = select(AccountService.service_id).where(AccountService.account_id == account_id)
    unsettled = (
        select(LedgerEntry.service_id)
        .where(LedgerEntry.account_id == account_id)
        .group_by(LedgerEntry.service_id)
        .having(func.sum(LedgerEntry.amount) != 0)
    )
    return or_(and_(Service.is_billed, Service.id.in_(billed)), Service.id.in_(unsettled))


def balances(session: Session, account_id: int) -> list[tuple[Service, Decimal]]:
    """The balance of each service that the account pays for, in roubles; debt is positive."""
    total = func.coalesce(func.sum(LedgerEntry.amount), 0, type_=LedgerEntry.amount.type)
    rows = session.execute(
        select(Service, total)
        .outerjoin(LedgerEntry, and_(LedgerEntry.service_id == Service.id, LedgerEntry.account_id == account_id))
        .where(pays_for(account_id))
        .group_by(Service.id)
        .order_by(Service.position)
    )
    return [(service, Decimal(balance)) for service, balance in rows]


def balance_of(session: Session, account_ids: Sequence[int]) -> dict[int, Decimal]:
    """The balance of several accounts over all services, for a page of a list."""
    rows = session.execute(
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id.in_(account_ids))
        .group_by(LedgerEntry.account_id)
    )
    return {account_id: total for account_id, total in rows}


@dataclass(frozen=True, slots=True)
class Movements:
    """Entries of an account with their services, oldest first; its balance before them in roubles; which of their
    periods are no bill yet."""

    opening: Decimal
    entries: Sequence[LedgerEntry]
    drafts: Set[date]


def movements(session: Session, account_id: int, first: date, last: date) -> Movements:
    """What moved in the periods from `first` to `last`; one statement."""
    rows = session.execute(_MOVEMENTS, {"account_id": account_id, "first": first, "last": last}).all()
    opening = rows[0][1] if rows else None
    return Movements(opening or Decimal(0), [row[0] for row in rows], {row[0].period for row in rows if row[2]})


_ACCOUNT_ID: BindParameter[int] = bindparam("account_id", type_=Integer)
_FIRST = bindparam("first", type_=Date)
_EARLIER = aliased(LedgerEntry)
_MOVEMENTS = (
    select(
        LedgerEntry,
        select(func.sum(_EARLIER.amount))
        .where(_EARLIER.account_id == _ACCOUNT_ID, _EARLIER.period < _FIRST)
        .scalar_subquery(),
        LedgerEntry.period.in_(periods.drafts_of(_ACCOUNT_ID)),
    )
    .where(LedgerEntry.account_id == _ACCOUNT_ID, LedgerEntry.period.between(_FIRST, bindparam("last", type_=Date)))
    .options(joinedload(LedgerEntry.service, innerjoin=True))
    .order_by(LedgerEntry.period, LedgerEntry.posted_at, LedgerEntry.id)
)


def periods_of(session: Session, account_id: int, *, before: date | None, after: date | None, size: int) -> PeriodPage:
    """The periods in which the account's balance moved."""
    return _PERIODS.page(session, {"account_id": account_id}, before=before, after=after, size=size)


_PERIODS = PeriodPages(LedgerEntry.period, LedgerEntry.account_id == _ACCOUNT_ID)
