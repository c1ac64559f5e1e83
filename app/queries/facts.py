"""Period facts and totals for reports, each by one set-based statement that SQLite and PostgreSQL both run.

An account's month: opening + charged + corrected + penalty − paid = closing. Payments, refunds and advance offsets
are `paid`; an opening balance brought in from elsewhere belongs to `opening` of its period.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import literal_column as sql
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..model_types import Money, UtcDateTime
from ..models import (
    Account,
    AccountDebt,
    AccountPeriod,
    AccountService,
    AccountStatus,
    Charge,
    ChargeKind,
    CoverageTotal,
    DebtTotal,
    EntryKind,
    LedgerEntry,
    Meter,
    PayerGroup,
    Period,
    PeriodTotal,
    Reading,
    ReadingState,
)
from .ledger import MONEY

BILLED = (EntryKind.charge, EntryKind.correction, EntryKind.penalty)
MEASURED = (ChargeKind.main, ChargeKind.correction)
MOVES = ("opening", "charged", "corrected", "penalty", "paid", "volume")
AGES = ("days_0_30", "days_31_60", "days_61_90", "days_over_90")
NEVER = date(1, 1, 1)
"""Before every period: stands for "no period was closed yet"."""

Rows = Select[*tuple[Any, ...]]

Slice = tuple[date, int, PayerGroup]
"""A period, a service's id and a payer group: the key of a total."""

Month = tuple[date, PayerGroup]
"""A period of a payer group."""

LastClosed = Mapping[PayerGroup, date]
"""The last closed period of each payer group; NEVER where there is none."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a slice came to: roubles and m³."""

    accounts: int
    volume: Decimal
    opening: Decimal
    charged: Decimal
    paid: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.charged - self.paid


NOTHING = Sums(0, Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def held_periods(session: Session) -> Sequence[Period]:
    """All rows of the periods, the oldest first; none of them is closed meanwhile."""
    rows = select(Period).order_by(Period.first_on, Period.payer_group).with_for_update(read=True, key_share=True)
    return session.scalars(rows.execution_options(populate_existing=True)).all()


def counted_at(session: Session) -> dict[date, datetime]:
    """When the totals of each period were counted last."""
    rows = session.execute(select(PeriodTotal.period, func.min(PeriodTotal.counted_at)).group_by(PeriodTotal.period))
    return {row[0]: row[1] for row in rows}


# An account's month ---------------------------------------------------------------------------------------


def write_account_periods(session: Session, period: date, group: PayerGroup, last_closed: date) -> None:
    """Write the facts of a payer group's period, which has none yet."""
    moves = union_all(*moves_of(period, [group], last_closed), _volumes(period, group)).subquery()
    opening, charged, corrected, penalty, paid, volume = (func.coalesce(func.sum(moves.c[name]), 0) for name in MOVES)
    rows = select(
        moves.c.account_id, literal(period), moves.c.service_id, opening, charged, corrected, penalty, paid, volume,
        opening + charged + corrected + penalty - paid, literal(group, AccountPeriod.payer_group.type),
    ).group_by(moves.c.account_id, moves.c.service_id)  # fmt: skip
    columns = ["account_id", "period", "service_id", *MOVES, "closing", "payer_group"]
    session.execute(insert(AccountPeriod).from_select(columns, rows))


def moves_of(period: date, groups: Sequence[PayerGroup], last_closed: date) -> tuple[Rows, Rows]:
    """What the facts of a period add up from: the last period closed before it, and the entries since. An entry is
    NULL in all columns but its own: a sum that meets nothing else takes no memory."""
    return _carried_over(groups, last_closed), _entries(period, groups, last_closed)


def _carried_over(groups: Sequence[PayerGroup], last_closed: date) -> Rows:
    return select(
        AccountPeriod.account_id,
        AccountPeriod.service_id,
        AccountPeriod.closing.label("opening"),
        *(sql("0").label(name) for name in MOVES[1:]),
    ).where(AccountPeriod.period == last_closed, AccountPeriod.payer_group.in_(groups))


def _entries(period: date, groups: Sequence[PayerGroup], last_closed: date) -> Rows:
    is_before = (LedgerEntry.period < period) | (LedgerEntry.kind == EntryKind.opening)
    kinds = {"charged": EntryKind.charge, "corrected": EntryKind.correction, "penalty": EntryKind.penalty}
    return select(
        LedgerEntry.account_id,
        LedgerEntry.service_id,
        case((is_before, LedgerEntry.amount)).label("opening"),
        *(
            case((and_(~is_before, LedgerEntry.kind == kind), LedgerEntry.amount)).label(name)
            for name, kind in kinds.items()
        ),
        case((and_(~is_before, LedgerEntry.kind.in_(MONEY)), -LedgerEntry.amount)).label("paid"),
        sql("0").label("volume"),
    ).where(LedgerEntry.period > last_closed, LedgerEntry.period <= period, is_of(LedgerEntry.account_id, groups))


def _volumes(period: date, group: PayerGroup) -> Rows:
    nothing: list[ColumnElement[Any]] = [sql("0") for _ in MOVES[:-1]]
    return select(Charge.account_id, Charge.service_id, *nothing, Charge.volume).where(
        Charge.period == period, Charge.kind.in_(MEASURED), is_of(Charge.account_id, [group])
    )


def is_of(account_id: InstrumentedAttribute[int], groups: Sequence[PayerGroup]) -> ColumnElement[bool]:
    """Whether a row belongs to an account of these payer groups."""
    if set(groups) == set(PayerGroup):
        return true()
    return account_id.in_(select(Account.id).where(Account.payer_group.in_(groups)))


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(LedgerEntry.amount).filter(condition), 0)


def _moment(now: datetime) -> ColumnElement[datetime]:
    return literal(now, UtcDateTime())


# Totals of a period ---------------------------------------------------------------------------------------


def closed_sums(session: Session, periods: Sequence[date]) -> dict[Slice, Sums]:
    """The sums of closed periods, from the facts of accounts."""
    billed = AccountPeriod.charged + AccountPeriod.corrected + AccountPeriod.penalty
    rows = session.execute(
        select(
            AccountPeriod.period, AccountPeriod.service_id, AccountPeriod.payer_group, func.count(),
            func.sum(AccountPeriod.volume), func.sum(AccountPeriod.opening), func.sum(billed, type_=Money()),
            func.sum(AccountPeriod.paid),
        )
        .join(Account, Account.id == AccountPeriod.account_id)
        .where(AccountPeriod.period.in_(periods), Account.status != AccountStatus.undone)
        .group_by(AccountPeriod.period, AccountPeriod.service_id, AccountPeriod.payer_group)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): Sums(*row[3:]) for row in rows}


def moves_since(session: Session, last_closed: LastClosed, drafts: Collection[Month]) -> dict[Slice, Sums]:
    """What was posted and measured in the periods that are not closed; `accounts` is 0. `drafts` are those whose
    charges are not posted yet."""
    key = LedgerEntry.period, LedgerEntry.service_id, Account.payer_group
    posted = session.execute(
        select(
            *key,
            _sum_where(LedgerEntry.kind == EntryKind.opening),
            _sum_where(LedgerEntry.kind.in_(BILLED)),
            -_sum_where(LedgerEntry.kind.in_(MONEY)),
        )
        .join(Account, Account.id == LedgerEntry.account_id)
        .where(_is_open(LedgerEntry.period, last_closed), Account.status != AccountStatus.undone)
        .group_by(*key)
    )
    volumes = _open_volumes(session, last_closed, drafts)
    return {
        (period, service, group): Sums(0, volumes.get((period, service, group), Decimal(0)), *sums)
        for period, service, group, *sums in posted
    }


def _open_volumes(session: Session, last_closed: LastClosed, drafts: Collection[Month]) -> dict[Slice, Decimal]:
    key = Charge.period, Charge.service_id, Account.payer_group
    rows = session.execute(
        select(*key, func.sum(Charge.volume))
        .join(Account, Account.id == Charge.account_id)
        .where(_is_open(Charge.period, last_closed), Charge.kind.in_(MEASURED), Account.status != AccountStatus.undone)
        .group_by(*key)
    )
    return {
        (period, service, group): volume for period, service, group, volume in rows if (period, group) not in drafts
    }


def _is_open(period: InstrumentedAttribute[date], last_closed: LastClosed) -> ColumnElement[bool]:
    """Whether a row that is joined with its account is of a period after the last closed one of the group."""
    of_group = (and_(Account.payer_group == group, period > last) for group, last in last_closed.items())
    return and_(period > min(last_closed.values()), or_(*of_group))


def accounts_served(session: Session) -> dict[tuple[int, PayerGroup], int]:
    """How many active accounts are billed for each service."""
    rows = session.execute(
        select(AccountService.service_id, Account.payer_group, func.count())
        .join(Account, Account.id == AccountService.account_id)
        .where(Account.status == AccountStatus.active)
        .group_by(AccountService.service_id, Account.payer_group)
    )
    return {(service, group): count for service, group, count in rows}


def meters_in_use(session: Session, month: tuple[date, date]) -> dict[tuple[int, PayerGroup], int]:
    """How many meters of each service stood in the half-open month."""
    first, end = month
    rows = session.execute(
        select(Meter.service_id, Account.payer_group, func.count())
        .join(Account, Account.id == Meter.account_id)
        .where(
            Meter.installed_on < end,
            Meter.removed_on.is_(None) | (Meter.removed_on >= first),
            Account.status != AccountStatus.undone,
        )
        .group_by(Meter.service_id, Account.payer_group)
    )
    return {(service, group): count for service, group, count in rows}


def replace_totals(session: Session, periods: Sequence[date], totals: Sequence[PeriodTotal]) -> None:
    session.execute(delete(PeriodTotal).where(PeriodTotal.period.in_(periods)))
    session.add_all(totals)


def write_coverage(session: Session, periods: Sequence[date], taken_since: date, now: datetime) -> None:
    """Count the readings of the periods anew, by the day on which they were taken and the channel; the one that
    counts for each meter. `taken_since` bounds how far back the index of days is read."""
    session.execute(delete(CoverageTotal).where(CoverageTotal.period.in_(periods)))
    key = Reading.period, Reading.taken_on, Reading.source
    rows = (
        select(*key, func.count(), _moment(now))
        .where(
            Reading.taken_on >= taken_since,
            Reading.period.in_(periods),
            Reading.state.not_in((ReadingState.replaced, ReadingState.undone, ReadingState.declined)),
        )
        .group_by(*key)
    )
    columns = ["period", "day", "source", "readings", "counted_at"]
    session.execute(insert(CoverageTotal).from_select(columns, rows))


# Debts by age ---------------------------------------------------------------------------------------------


def write_debts(
    session: Session, last_closed: LastClosed, *, ages: Mapping[str, Sequence[date]], before: date, now: datetime
) -> None:
    """Write each account's debt by age anew. `ages` names the periods of each age but the oldest; every period not
    after `before` is of the oldest age; a period that no age names is not due yet, and is no debt.

    Payments cover the oldest charges of their service first, so the balance consists of the newest charges: going
    back from the newest, each period keeps as much of the balance as it was billed. That needs the balance and the
    last few periods instead of the whole history.
    """
    session.execute(delete(AccountDebt))
    unpaid = _unpaid_by_period(last_closed, before)
    young = [func.coalesce(func.sum(unpaid.c.unpaid).filter(unpaid.c.period.in_(ages[age])), 0) for age in AGES[:-1]]
    oldest = func.max(unpaid.c.balance) - func.sum(unpaid.c.unpaid)
    by_service = (
        select(unpaid.c.account_id, *(column.label(age) for age, column in zip(AGES, (*young, oldest), strict=True)))
        .group_by(unpaid.c.account_id, unpaid.c.service_id)
        .having(func.max(unpaid.c.balance) > 0)
        .subquery()
    )
    sums = [func.sum(by_service.c[age]) for age in AGES]
    total = sums[0] + sums[1] + sums[2] + sums[3]
    rows = (
        select(Account.id, Account.payer_group, total, *sums, _moment(now))
        .join_from(by_service, Account, Account.id == by_service.c.account_id)
        .where(Account.status != AccountStatus.undone)
        .group_by(Account.id)
        .having(total > 0)
    )
    columns = ["account_id", "payer_group", "total", *AGES, "counted_at"]
    session.execute(insert(AccountDebt).from_select(columns, rows))


def _unpaid_by_period(last_closed: LastClosed, before: date) -> Subquery:
    """What is left unpaid of each recent period of each service, beside the service's balance. Windows over one pile
    of rows: a join of two would be planned badly while the statistics of a large table lag behind."""
    pile = union_all(_closings(last_closed, before), _billed_and_closed(before), _open(last_closed))
    moves = pile.subquery()
    service = moves.c.account_id, moves.c.service_id
    billed = case((and_(moves.c.period > before, moves.c.billed > 0), moves.c.billed), else_=0)
    newer = func.sum(billed).over(partition_by=service, order_by=moves.c.period.desc(), rows=(None, -1))
    balance = func.sum(moves.c.amount).over(partition_by=service)
    rows = select(
        *service,
        moves.c.period,
        billed.label("billed"),
        balance.label("balance"),
        (balance - func.coalesce(newer, 0)).label("uncovered"),
    ).subquery()
    left = case((rows.c.uncovered <= 0, 0), (rows.c.uncovered < rows.c.billed, rows.c.uncovered), else_=rows.c.billed)
    return select(rows.c.account_id, rows.c.service_id, rows.c.period, rows.c.balance, left.label("unpaid")).subquery()


def _closings(last_closed: LastClosed, before: date) -> Rows:
    """The balances with which the last closed period ended, under a period that is none of the recent ones."""
    of_group = (
        and_(AccountPeriod.payer_group == group, AccountPeriod.period == last) for group, last in last_closed.items()
    )
    return select(
        AccountPeriod.account_id,
        AccountPeriod.service_id,
        literal(before).label("period"),
        sql("0").label("billed"),
        AccountPeriod.closing.label("amount"),
    ).where(AccountPeriod.period.in_(set(last_closed.values())), or_(*of_group))


def _billed_and_closed(before: date) -> Rows:
    """What closed periods were billed: the growth of the closing balance, which holds a brought-in opening balance as
    well. The row of `before` itself only serves the one after it."""
    previous = func.lag(AccountPeriod.closing).over(
        partition_by=(AccountPeriod.account_id, AccountPeriod.service_id), order_by=AccountPeriod.period
    )
    billed = AccountPeriod.closing - func.coalesce(previous, 0) + AccountPeriod.paid
    key = AccountPeriod.account_id, AccountPeriod.service_id, AccountPeriod.period
    return select(*key, billed, sql("0")).where(AccountPeriod.period >= before)


def _open(last_closed: LastClosed) -> Rows:
    """What open periods were billed, and what they changed the balance by."""
    key = LedgerEntry.account_id, LedgerEntry.service_id, LedgerEntry.period
    billed = _sum_where(LedgerEntry.kind.not_in(MONEY))
    return (
        select(*key, billed, func.sum(LedgerEntry.amount))
        .join(Account, Account.id == LedgerEntry.account_id)
        .where(_is_open(LedgerEntry.period, last_closed))
        .group_by(*key)
    )


def write_debt_totals(session: Session, now: datetime) -> None:
    session.execute(delete(DebtTotal))
    sums = [func.sum(getattr(AccountDebt, name)) for name in ("total", *AGES)]
    rows = select(AccountDebt.payer_group, func.count(), *sums, _moment(now)).group_by(AccountDebt.payer_group)
    columns = ["payer_group", "debtors", "total", *AGES, "counted_at"]
    session.execute(insert(DebtTotal).from_select(columns, rows))
