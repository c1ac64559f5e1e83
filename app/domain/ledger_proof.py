"""Proves the books over the whole database: facts equal the sums of entries, each cause counts once, what is closed
stays as it was.

A month's facts follow from those of the month before and its own entries, so that month after month proves them all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ..i18n import N_
from ..models import PayerGroup, Period, RunState
from ..queries import bulk_load
from ..queries import ledger_proof as queries
from ..queries.facts import NEVER
from ..queries.ledger_proof import ClosedMonth
from . import runs
from .runs import OpenTransaction, Tell

MOST = 100
"""So many accounts are named of each kind of fault; all of them are counted."""

AT_ONCE = 2
"""So many months are proved by one statement: the database may use so many cores, and the memory for so many."""

HASH_MEMORY = "5"
"""A month of a million accounts is grouped in 1 GB: so many times `work_mem` for each keeps it off the disk."""

STAGE = N_("Closed months")


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold: `sum` facts differ from entries by so many roubles, `missing` no facts of entries, `late` an
    entry posted after the closing, `source` a cause that counts twice; `rule` the database does not forbid that."""

    kind: str
    account: str = ""
    month: date | None = None
    service: str = ""
    by: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """How many months were proved, and the faults: some by name, all by number."""

    months: int
    faults: tuple[Fault, ...]
    in_all: int

    @property
    def is_sound(self) -> bool:
        return not self.in_all

    def as_json(self) -> dict[str, Any]:
        return {
            "sound": self.is_sound,
            "months": self.months,
            "faults": self.in_all,
            "named": [_as_json(fault) for fault in self.faults],
        }


def _as_json(fault: Fault) -> dict[str, Any]:
    values = {
        "kind": fault.kind,
        "account": fault.account,
        "month": fault.month and f"{fault.month:%Y-%m}",
        "service": fault.service,
        "by": None if fault.by is None else f"{fault.by:.2f}",
        "source": fault.source,
    }
    return {name: value for name, value in values.items() if value}


def carry_out(open_transaction: OpenTransaction, session: Session, run_id: int, tell: Tell) -> None:
    """Prove the books for a run and keep in it what came of that. `session` is one of its own,
    whose transaction lasts as long as the proof: it reads, without keeping anybody waiting."""
    with open_transaction() as writing:
        if runs.claim(writing, run_id) is None:
            return
    with runs.kept_failure(open_transaction, run_id):
        try:
            proof = prove(session, tell)
        finally:
            session.rollback()
        with open_transaction() as writing:
            runs.end(writing, run_id, RunState.done, proof.as_json())


def prove(session: Session, tell: Tell) -> Proof:
    """Reads only. `tell` hears how many of the months are proved; the memory does not grow with the database."""
    bulk_load.prepare(session, hash_mem_multiplier=HASH_MEMORY)
    months = _closed_months(queries.closed_periods(session))
    faults, in_all = _of_sources(session)
    for first in range(0, len(months), AT_ONCE):
        tell(STAGE, first, len(months))
        found = queries.differences(session, months[first : first + AT_ONCE], MOST)
        in_all += found[0].in_all if found else 0
        faults += [fault for each in found for fault in _of(each)]
    return Proof(len({month.period for month in months}), tuple(faults[:MOST]), in_all)


def _closed_months(periods: Sequence[Period]) -> list[ClosedMonth]:
    """The oldest first; the groups together where they go on from the same month."""
    months: dict[tuple[date, date], ClosedMonth] = {}
    last = dict.fromkeys(PayerGroup, NEVER)
    for period in periods:
        group, month = period.payer_group, period.first_on
        closed_at = dict(months[month, last[group]].closed_at) if (month, last[group]) in months else {}
        months[month, last[group]] = ClosedMonth(month, last[group], {**closed_at, group: period.closed_at})
        last[group] = month
    return list(months.values())


def _of(found: queries.Difference) -> Iterator[Fault]:
    kinds = {"missing": found.is_missing, "sum": found.by and not found.is_missing, "late": found.is_late}
    for kind, is_found in kinds.items():
        if is_found:
            yield Fault(kind, found.number, found.period, found.service, found.by if kind == "sum" else None)


def _of_sources(session: Session) -> tuple[list[Fault], int]:
    if queries.has_unique_sources(session):
        return [], 0
    repeated = [Fault("source", number, source=source) for number, source in queries.repeated_sources(session, MOST)]
    return [Fault("rule"), *repeated], 1 + len(repeated)
