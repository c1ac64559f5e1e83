"""Balances and movements of accounts: sums over one account's entries, by its index."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ..models import AccountService, EntryKind, LedgerEntry, Service
from . import periods
from .periods import PeriodPage

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


def balance_before(session: Session, account_id: int, period: date) -> Decimal:
    """The account's balance at the start of a period."""
    before = select(func.sum(LedgerEntry.amount)).where(
        LedgerEntry.account_id == account_id, LedgerEntry.period < period
    )
    return session.scalar(before) or Decimal(0)


def entries_between(session: Session, account_id: int, first: date, last: date) -> Sequence[LedgerEntry]:
    """The account's entries of the periods from `first` to `last` with their services, oldest first."""
    return session.scalars(_ENTRIES, {"account_id": account_id, "first": first, "last": last}).all()


_ENTRIES = (
    select(LedgerEntry)
    .where(
        LedgerEntry.account_id == bindparam("account_id"),
        LedgerEntry.period.between(bindparam("first"), bindparam("last")),
    )
    .options(joinedload(LedgerEntry.service, innerjoin=True))
    .order_by(LedgerEntry.period, LedgerEntry.posted_at, LedgerEntry.id)
)


def periods_of(session: Session, account_id: int, *, before: date | None, after: date | None, size: int) -> PeriodPage:
    """The periods in which the account's balance moved."""
    mine = LedgerEntry.account_id == account_id
    return periods.page(session, LedgerEntry.period, mine, before=before, after=after, size=size)
