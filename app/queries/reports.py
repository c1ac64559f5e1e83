"""What managers' reports ask: totals counted in advance, and pages of debts by an index. Never the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from ..models import (
    Account,
    AccountDebt,
    CoverageTotal,
    Customer,
    DebtTotal,
    LegalEntity,
    PayerGroup,
    PeriodTotal,
    Premises,
    ReadingSource,
    Service,
)
from .facts import AGES

SUMMED = ("accounts", "meters", "volume", "opening", "charged", "paid", "closing")
MOST = 10_000
"""Nobody needs the exact number of more debtors than this."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which totals a report adds up: months from the first to the last, one service or all, one payer group or all."""

    first: date
    last: date
    service_id: int | None = None
    payer_group: PayerGroup | None = None


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """One service over one month: roubles and m³."""

    period: date
    service: Service
    accounts: int
    meters: int
    volume: Decimal
    opening: Decimal
    charged: Decimal
    paid: Decimal
    closing: Decimal
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class DebtScope:
    """Which debts: of a payer group, from a sum in roubles, with something of an age (a name out of facts.AGES)."""

    payer_group: PayerGroup | None = None
    at_least: Decimal | None = None
    age: str | None = None


Place = tuple[Decimal, int]
"""Where a page of debtors starts: the debt and the account's id of the last row of the page before."""


def counted_periods(session: Session) -> Sequence[date]:
    """The months that have totals, the newest first."""
    return session.scalars(select(PeriodTotal.period).distinct().order_by(PeriodTotal.period.desc())).all()


def months(session: Session, scope: Scope) -> list[MonthTotal]:
    """The totals by month and billed service, the oldest month first."""
    sums = [func.sum(getattr(PeriodTotal, name)) for name in SUMMED]
    statement = (
        select(PeriodTotal.period, Service, *sums, func.min(PeriodTotal.counted_at))
        .join(Service, Service.id == PeriodTotal.service_id)
        .where(PeriodTotal.period.between(scope.first, scope.last), Service.is_billed)
        .group_by(PeriodTotal.period, Service.id)
        .order_by(PeriodTotal.period, Service.position)
    )
    if scope.service_id is not None:
        statement = statement.where(Service.id == scope.service_id)
    if scope.payer_group is not None:
        statement = statement.where(PeriodTotal.payer_group == scope.payer_group)
    return [MonthTotal(*row) for row in session.execute(statement)]


def meters_of(session: Session, period: date) -> int:
    """How many meters were in use in a month."""
    return int(session.scalar(select(func.sum(PeriodTotal.meters)).where(PeriodTotal.period == period)) or 0)


def coverage(session: Session, period: date) -> Sequence[tuple[date, ReadingSource, int, datetime]]:
    """Readings of a period by day and channel, and when they were counted."""
    rows = session.execute(
        select(CoverageTotal.day, CoverageTotal.source, CoverageTotal.readings, CoverageTotal.counted_at)
        .where(CoverageTotal.period == period)
        .order_by(CoverageTotal.day)
    )
    return [(day, source, readings, counted_at) for day, source, readings, counted_at in rows]


def debt_totals(session: Session, payer_group: PayerGroup | None) -> Sequence[DebtTotal]:
    statement = select(DebtTotal).order_by(DebtTotal.payer_group)
    if payer_group is not None:
        statement = statement.where(DebtTotal.payer_group == payer_group)
    return session.scalars(statement).all()


def debtors(session: Session, scope: DebtScope, *, after: Place | None, size: int) -> Sequence[AccountDebt]:
    """Debts with who owes them, the largest first, `size` of those after a place."""
    account = joinedload(AccountDebt.account)
    statement = (
        select(AccountDebt)
        .where(*_chosen(scope))
        .options(
            account.joinedload(Account.premises),
            account.joinedload(Account.customer),
            account.joinedload(Account.legal_entity),
        )
        .order_by(AccountDebt.total.desc(), AccountDebt.account_id.desc())
        .limit(size)
    )
    if after is not None:
        statement = statement.where(tuple_(AccountDebt.total, AccountDebt.account_id) < after)
    return session.scalars(statement).all()


def debtor_count(session: Session, scope: DebtScope, most: int = MOST) -> tuple[int, bool]:
    """How many debts there are, `most` at the most, and whether there are more."""
    some = select(AccountDebt.account_id).where(*_chosen(scope)).limit(most + 1).subquery()
    found = int(session.scalar(select(func.count()).select_from(some)) or 0)
    return min(found, most), found > most


def debtor_rows(scope: DebtScope) -> Select[*tuple[Any, ...]]:
    """A statement for a file: account, payer, address, debt, its ages."""
    payer = func.coalesce(Customer.full_name, LegalEntity.name)
    return (
        select(Account.number, payer, Premises.address, AccountDebt.total, *(getattr(AccountDebt, age) for age in AGES))
        .join(Account, Account.id == AccountDebt.account_id)
        .join(Premises, Premises.id == Account.premises_id)
        .outerjoin(Customer, Customer.id == Account.customer_id)
        .outerjoin(LegalEntity, LegalEntity.id == Account.legal_entity_id)
        .where(*_chosen(scope))
        .order_by(AccountDebt.total.desc(), AccountDebt.account_id.desc())
    )


def _chosen(scope: DebtScope) -> list[ColumnElement[bool]]:
    conditions = []
    if scope.payer_group is not None:
        conditions.append(AccountDebt.payer_group == scope.payer_group)
    if scope.at_least is not None:
        conditions.append(AccountDebt.total >= scope.at_least)
    if scope.age is not None:
        conditions.append(getattr(AccountDebt, scope.age) > 0)
    return conditions
