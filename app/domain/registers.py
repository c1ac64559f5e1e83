"""The day's register: what was counted here against what the gateway and the banks say, operation by operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from .. import clock
from ..gateways.base import Gateway, OperationStatus
from ..queries import registers as queries

EDGE = timedelta(hours=1)
"""How far apart the same payment may be counted here and there, around midnight."""


class Match(StrEnum):
    both = "both"
    ours = "ours"
    theirs = "theirs"
    differs = "differs"


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: what each side says of it, in roubles; None where it knows nothing."""

    operation: str
    payment_id: int | None
    ours: Decimal | None
    theirs: Decimal | None

    @property
    def match(self) -> Match:
        if self.theirs is None:
            return Match.ours
        if self.ours is None:
            return Match.theirs
        return Match.both if self.ours == self.theirs else Match.differs


@dataclass(frozen=True, slots=True)
class Register:
    """The rows that do not match, and how many and how much do."""

    matched: int
    sum_matched: Decimal
    open_rows: list[Row]


def of_gateway(session: Session, gateway: Gateway, day: date, said: Mapping[str, Decimal]) -> Register:
    """`said`: what `ask` brought, before the transaction. What the other side of midnight knows is no difference."""
    since, until = _day(day)
    mine = queries.counted(session, gateway.name, since, until)
    around = queries.counted_named(session, gateway.name, set(said) - set(mine))
    names = [name for name in sorted({*mine, *said}) if name in mine or name in said]
    ours = {**around, **mine}
    rows = [
        Row(name, ours[name].payment_id if name in ours else None, ours[name].amount if name in ours else None, amount)
        for name, amount in ((name, said.get(name)) for name in names)
    ]
    return _register(rows)


def ask(gateway: Gateway, day: date) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Operation → roubles that the gateway has for the day, and for the day with its edges. Raises NoAnswerError."""
    since, until = _day(day)
    facts = [
        fact
        for fact in gateway.operations(since - EDGE, until + EDGE)
        if fact.status is OperationStatus.succeeded and not fact.is_refund
    ]
    return {fact.operation_id: fact.amount for fact in facts}, {}


def of_banks(session: Session, day: date) -> Register:
    """Lines of registries of the day against the payments that they became. Money without an account is theirs only."""
    since, until = _day(day)
    rows = [Row(*row) for row in queries.bank_lines(session, since, until)]
    return _register(rows)


def _register(rows: list[Row]) -> Register:
    matched = [row for row in rows if row.match is Match.both]
    total = sum((row.ours or Decimal(0) for row in matched), Decimal(0))
    return Register(len(matched), total, [row for row in rows if row.match is not Match.both])


def _day(day: date) -> tuple[datetime, datetime]:
    """The local day, half open."""
    return clock.at(day), clock.at(day + timedelta(days=1))
