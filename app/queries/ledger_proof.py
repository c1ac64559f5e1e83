"""What of the books does not hold, asked of the whole database a month at a time: one statement each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
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
from sqlalchemy import literal_column as sql
from sqlalchemy.orm import Session

from ..model_types import Money, UtcDateTime
from ..models import Account, AccountPeriod, LedgerEntry, PayerGroup, Period, PeriodState, Service
from .facts import MOVES, moves_of

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
    posted after the closing, whether it has no facts at all. There are `in_all` of them."""

    number: str
    service: str
    by: Decimal
    is_late: bool
    is_missing: bool
    in_all: int


def closed_periods(session: Session) -> Sequence[Period]:
    rows = select(Period).where(Period.state == PeriodState.closed)
    return session.scalars(rows.order_by(Period.first_on, Period.payer_group)).all()


def differences(session: Session, month: ClosedMonth, most: int) -> list[Difference]:
    """Where the facts of a month are not what the month before it and the entries come to; `most` of them."""
    pile = union_all(*_pile(month)).subquery()
    sums = [func.sum(pile.c[name]) for name in (*SUMS, "wrong")]
    by = type_coerce(sum((func.abs(each) for each in sums[1:]), start=func.abs(sums[0])), Money())
    is_late, is_missing = _is_late(pile.c, month), func.max(pile.c.stored) == 0
    found = (
        select(
            pile.c.account_id,
            pile.c.service_id,
            by.label("by"),
            is_late.label("is_late"),
            is_missing.label("is_missing"),
            func.count().over().label("in_all"),
        )
        .group_by(pile.c.account_id, pile.c.service_id)
        .having(or_(by != 0, is_late, is_missing))
        .limit(most)
        .subquery()
    )
    rows = session.execute(
        select(Account.number, Service.code, found.c.by, found.c.is_late, found.c.is_missing, found.c.in_all)
        .join(Account, Account.id == found.c.account_id)
        .join(Service, Service.id == found.c.service_id)
        .order_by(Account.number, Service.position)
    )
    return [Difference(*row) for row in rows]


def _pile(month: ClosedMonth) -> list[Select[*tuple[Any, ...]]]:
    """What the facts follow from, and the facts with the opposite sign: where all is well they cancel out."""
    groups = list(month.closed_at)
    carried, entries = moves_of(month.period, groups, month.before)
    no_moment, no_group = cast(null(), UtcDateTime), cast(null(), AccountPeriod.payer_group.type)
    facts = [getattr(AccountPeriod, name) for name in SUMS]
    opening, charged, corrected, penalty, paid = facts
    stored = select(
        AccountPeriod.account_id,
        AccountPeriod.service_id,
        *(-each for each in facts),
        sql("0"),
        no_moment,
        AccountPeriod.payer_group,
        AccountPeriod.closing - (opening + charged + corrected + penalty - paid),
        sql("1"),
    ).where(AccountPeriod.period == month.period, AccountPeriod.payer_group.in_(groups))
    zero: ColumnElement[Any] = sql("0")
    return [
        carried.add_columns(
            no_moment.label("posted_at"), no_group.label("payer_group"), zero.label("wrong"), zero.label("stored")
        ),
        entries.add_columns(LedgerEntry.posted_at, no_group, zero, zero),
        stored,
    ]


def _is_late(pile: Any, month: ClosedMonth) -> ColumnElement[bool]:
    closed = {group: literal(at, UtcDateTime()) for group, at in month.closed_at.items() if at is not None}
    if not closed:
        return false()
    return func.coalesce(func.max(pile.posted_at) > case(closed, value=func.max(pile.payer_group)), false())


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
