"""What of the books does not hold, asked of the whole database, some months in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    inspect,
    literal,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from ..model_types import Money, UtcDateTime
from ..models import Account, AccountPeriod, LedgerEntry, PayerGroup, Period, PeriodState, Service
from .facts import MOVES, Rows, moves_of

SUMS = MOVES[:-1]
"""The sums of an account's month that follow from the ledger; the volume does not."""


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
    """Grouped by account and service: an account without facts may have many entries."""
    found = union_all(_differing(month), _missing(month)).subquery().c
    return select(
        found.account_id,
        found.service_id,
        literal(month.period).label("period"),
        func.max(found.by).label("by"),
        (func.count().filter(found.is_late) > 0).label("is_late"),
        (func.count().filter(found.is_missing) > 0).label("is_missing"),
    ).group_by(found.account_id, found.service_id)


def _differing(month: ClosedMonth) -> Rows:
    """Facts that are not their entries and the facts before them, or that an entry came after."""
    carried, moves = moves_of(month.period, list(month.closed_at), month.before)
    before, entries = carried.subquery().c, _sums(moves).subquery().c
    opening, charged, corrected, penalty, paid = facts = [getattr(AccountPeriod, name) for name in SUMS]
    gaps = [fact - func.coalesce(entries[name], 0) for name, fact in zip(SUMS, facts, strict=True)]
    gaps[0] -= func.coalesce(before.opening, 0)
    gaps.append(AccountPeriod.closing - (opening + charged + corrected + penalty - paid))
    is_late = _is_late(entries.posted_at, month)
    by = sum((func.abs(gap) for gap in gaps[1:]), start=func.abs(gaps[0]))
    return (
        _found(AccountPeriod.account_id, AccountPeriod.service_id, by, is_late, false())
        .outerjoin(before.account_id.table, _is_same(before))
        .outerjoin(entries.account_id.table, _is_same(entries))
        .where(_is_of(month), or_(is_late, *(gap != 0 for gap in gaps)))
    )


def _missing(month: ClosedMonth) -> Rows:
    """What was carried over, and entries, without facts."""
    moves = moves_of(month.period, list(month.closed_at), month.before)
    due = union_all(*(rows.with_only_columns(*list(rows.selected_columns)[:2]) for rows in moves)).subquery().c
    has_facts = exists().where(_is_same(due), _is_of(month))
    return _found(due.account_id, due.service_id, cast(0, Money()), false(), true()).where(~has_facts)


def _found(account_id: Any, service_id: Any, by: Any, is_late: Any, is_missing: Any) -> Rows:
    return select(
        account_id.label("account_id"),
        service_id.label("service_id"),
        type_coerce(by, Money()).label("by"),
        is_late.label("is_late"),
        is_missing.label("is_missing"),
    )


def _sums(moves: Rows) -> Rows:
    """Of an account's service one row. A sum that meets nothing but NULL takes no memory."""
    entry = moves.add_columns(LedgerEntry.posted_at).subquery().c
    sums = (cast(func.sum(entry[name]).filter(entry[name].is_not(None)), Money()).label(name) for name in SUMS)
    key = entry.account_id, entry.service_id
    return select(*key, *sums, func.max(entry.posted_at).label("posted_at")).group_by(*key)


def _is_same(row: Any) -> ColumnElement[bool]:
    return and_(row.account_id == AccountPeriod.account_id, row.service_id == AccountPeriod.service_id)


def _is_of(month: ClosedMonth) -> ColumnElement[bool]:
    return and_(AccountPeriod.period == month.period, AccountPeriod.payer_group.in_(list(month.closed_at)))


def _is_late(posted_at: Any, month: ClosedMonth) -> ColumnElement[bool]:
    closed = {group: literal(at, UtcDateTime()) for group, at in month.closed_at.items() if at is not None}
    if not closed:
        return false()
    return func.coalesce(posted_at > case(closed, value=AccountPeriod.payer_group), false())


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
