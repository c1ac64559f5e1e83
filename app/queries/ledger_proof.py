"""What of the books does not hold, asked of the whole database, some months in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    case,
    cast,
    false,
    func,
    inspect,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from ..model_types import Money, UtcDateTime
from ..models import Account, AccountPeriod, LedgerEntry, PayerGroup, Period, PeriodState, Service
from .facts import MOVES, Rows, moves_of

SUMS = MOVES[:-1]
"""The sums of an account's month that follow from the ledger; the volume does not."""
GAPS = (*SUMS, "closing")


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month, the month that its facts go on from, and when each payer group closed it."""

    period: date
    before: date
    closed_at: Mapping[PayerGroup, datetime | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """An account's service in a month: by how many roubles its facts differ from the entries, whether an entry was
    posted after the closing, whether it has no facts at all. There are `in_all` of them in the months asked for."""

    number: str
    period: date
    service: str
    by: Decimal
    is_late: bool
    is_missing: bool
    in_all: int


def closed_periods(session: Session) -> Sequence[Period]:
    rows = select(Period).where(Period.state == PeriodState.closed)
    return session.scalars(rows.order_by(Period.first_on, Period.payer_group)).all()


def differences(session: Session, months: Sequence[ClosedMonth], most: int) -> list[Difference]:
    """Where the facts of months are not what the month before each and its entries come to; `most` of them. PostgreSQL
    looks through several months at the same time."""
    found = union_all(*(_faults(month) for month in months)).subquery()
    order = found.c.period, found.c.account_id, found.c.service_id
    named = select(*found.c, func.count().over().label("in_all")).order_by(*order).limit(most).subquery()
    columns = named.c.period, Service.code, named.c.by, named.c.is_late, named.c.is_missing, named.c.in_all
    rows = session.execute(
        select(Account.number, *columns)
        .join(Account, Account.id == named.c.account_id)
        .join(Service, Service.id == named.c.service_id)
        .order_by(named.c.period, Account.number, Service.position)
    )
    return [Difference(*row) for row in rows]


def _faults(month: ClosedMonth) -> Rows:
    """Facts that are not what they add up from, or that an entry came after; what was carried over, and entries,
    without facts. Each row of the month, of the month before and of the entries is read once."""
    row = _facts_less_moves(month).subquery().c
    gaps = [func.coalesce(func.sum(row[name]).filter(row[name] != 0), 0) for name in GAPS]
    is_missing = func.count(row.payer_group) == 0
    is_late = _is_late(func.max(row.posted_at), func.max(row.payer_group), month)
    by = sum((func.abs(gap) for gap in gaps[1:]), start=func.abs(gaps[0]))
    return (
        select(
            row.account_id,
            row.service_id,
            literal(month.period).label("period"),
            type_coerce(case((is_missing, 0), else_=by), Money()).label("by"),
            is_late.label("is_late"),
            is_missing.label("is_missing"),
        )
        .group_by(row.account_id, row.service_id)
        .having(or_(is_missing, is_late, *(gap != 0 for gap in gaps)))
    )


def _facts_less_moves(month: ClosedMonth) -> CompoundSelect[Any]:
    """The facts of a month, and with the opposite sign what they add up from: together they come to nothing. The last
    gap is between the sums of a fact and its closing. A sum that meets nothing else takes no memory."""
    carried, entries = moves_of(month.period, list(month.closed_at), month.before)
    fact, nothing = AccountPeriod, cast(null(), Money())
    key = fact.account_id.label("account_id"), fact.service_id.label("service_id")
    opening, charged, corrected, penalty, paid = sums = [getattr(fact, name) for name in SUMS]
    closing = fact.closing - (opening + charged + corrected + penalty - paid)
    nobody, never = cast(null(), String()).label("payer_group"), cast(null(), UtcDateTime()).label("posted_at")
    facts = select(
        *key,
        *(value.label(name) for name, value in zip(GAPS, (*sums, closing), strict=True)),
        never,
        cast(fact.payer_group, String()).label("payer_group"),
    ).where(fact.period == month.period, fact.payer_group.in_(list(month.closed_at)))
    opened = carried.selected_columns["opening"]
    moved = [entries.selected_columns[name] for name in SUMS]
    return union_all(
        facts,
        carried.with_only_columns(*key, -opened, *(nothing.label(name) for name in GAPS[1:]), never, nobody),
        entries.with_only_columns(
            LedgerEntry.account_id,
            LedgerEntry.service_id,
            *(-amount for amount in moved),
            nothing,
            LedgerEntry.posted_at,
            nobody,
        ),
    )


def _is_late(posted_at: Any, group: Any, month: ClosedMonth) -> ColumnElement[bool]:
    closed = {group.name: literal(at, UtcDateTime()) for group, at in month.closed_at.items() if at is not None}
    if not closed:
        return false()
    return func.coalesce(posted_at > case(closed, value=group), false())


def has_unique_sources(session: Session) -> bool:
    """Whether the database itself keeps the sources of an account's entries apart."""
    known = inspect(session.connection()).get_unique_constraints(LedgerEntry.__tablename__)
    return any(set(rule["column_names"]) == {"account_id", "source"} for rule in known)


def repeated_sources(session: Session, most: int) -> list[tuple[str, str]]:
    """Accounts with a source that stands in more than one entry; only where the database does not keep them apart."""
    found = (
        select(LedgerEntry.account_id, LedgerEntry.source)
        .group_by(LedgerEntry.account_id, LedgerEntry.source)
        .having(func.count() > 1)
        .limit(most)
        .subquery()
    )
    rows = session.execute(select(Account.number, found.c.source).join(Account, Account.id == found.c.account_id))
    return [(number, source) for number, source in rows]
