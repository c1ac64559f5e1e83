"""The demo's history written down: readings, charges, ledger entries and payments, as billing and payments would.

Rows are made in the order of time, payments with their keys given beforehand: an entry is named after its cause.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from ... import clock
from ...models import (
    Charge,
    ChargeKind,
    EntryKind,
    LedgerEntry,
    MeterVolume,
    PenaltyCharge,
    Reading,
    ReadingSource,
    ReadingState,
)
from ...queries import demo as queries
from ..calendar import next_month
from .history import SEED, Line, Story
from .volumes import Shown

CHANNELS = (ReadingSource.cabinet, ReadingSource.phone, ReadingSource.office, ReadingSource.staff)
CHANNEL_SHARES = (58, 27, 10, 5)
DAYS, DAY_SHARES = (20, 21, 22, 23, 24, 25, 26), (12, 13, 15, 16, 18, 17, 9)
RECALCULATED = "Перерасчёт: показания вместо среднего"

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sent:
    """When and how a customer gives a reading."""

    on: date
    at: datetime
    source: ReadingSource


def sent(rng: Random, period: date) -> Sent:
    """A day of the window, an hour of the day, the channel by its share."""
    day = period.replace(day=rng.choices(DAYS, DAY_SHARES)[0])
    at = clock.at(day, rng.randint(7, 21), rng.randint(0, 59))
    return Sent(day, at, rng.choices(CHANNELS, CHANNEL_SHARES)[0])


def write_readings(session: Session, stories: Sequence[Story]) -> None:
    """All readings but those of the export, which are there already: these only learn what they came to."""
    known = queries.imported_readings(session)
    rows: Rows = []
    for story in stories:
        rng = Random(f"{SEED}:readings:{story.place.account.number}")
        for meter_id, shown in story.readings.items():
            for reading in shown:
                row = known.get(meter_id)
                if row is not None and row.period == reading.period:
                    row.volume = reading.volume
                    row.state = _state(reading)
                else:
                    rows.append(_reading(story.place.account.id, meter_id, reading, sent(rng, reading.period)))
    queries.insert_rows(session, Reading, sorted(rows, key=lambda row: (row["received_at"], row["meter_id"])))


def _state(reading: Shown) -> ReadingState:
    return ReadingState.billed if reading.is_billed else ReadingState.checked


def _reading(account_id: int, meter_id: int, reading: Shown, when: Sent) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "meter_id": meter_id,
        "period": reading.period,
        "attempt": 1,
        "value": reading.value,
        "volume": reading.volume,
        "taken_on": when.on,
        "received_at": when.at,
        "checked_at": when.at,
        "source": when.source,
        "state": _state(reading),
    }


def write_charges(session: Session, stories: Sequence[Story], services: dict[str, int]) -> None:
    """Charge lines month by month, and a ledger entry for each."""
    lines = sorted(
        ((line, story.place.account.id) for story in stories for line in story.lines),
        key=lambda pair: (pair[0].period, pair[1]),
    )
    charges, entries = [], []
    for line, account_id in lines:
        charges.append(_charge(account_id, line, services))
        entries.append(_charged(account_id, line, services))
    queries.insert_rows(session, Charge, charges)
    queries.insert_rows(session, LedgerEntry, entries)


def _charge(account_id: int, line: Line, services: dict[str, int]) -> dict[str, Any]:
    made = line.line
    return {
        "account_id": account_id,
        "service_id": services[line.service],
        "period": line.period,
        "kind": made.kind,
        "method": line.method,
        "volume": made.volume,
        "price": made.price,
        "coefficient": made.coefficient,
        "vat_rate": made.vat_rate,
        "vat": made.vat,
        "amount": made.amount,
        "tariff_id": line.price.tariff_id,
        "residents": line.residents,
        "normative_id": line.normative_id,
        "coefficient_id": line.coefficient_id,
    }


def _charged(account_id: int, line: Line, services: dict[str, int]) -> dict[str, Any]:
    """As `billing_run.post` would write it, which therefore finds nothing left to write."""
    is_correction, service_id = line.line.kind is ChargeKind.correction, services[line.service]
    return {
        "account_id": account_id,
        "service_id": service_id,
        "period": line.period,
        "kind": EntryKind.correction if is_correction else EntryKind.charge,
        "amount": line.line.amount,
        "source": f"charge:{line.period:%Y-%m}:{service_id}:{line.line.kind}:0",
        "reason": RECALCULATED if is_correction else None,
        "posted_at": clock.at(next_month(line.period), 3),
    }


def write_volumes(session: Session, stories: Sequence[Story], periods: Sequence[date]) -> None:
    """What each meter was billed for: the next readings are not charged for what averages charged."""
    rows = [
        {
            "account_id": story.place.account.id,
            "period": period,
            "meter_id": meter_id,
            "method": billed.method,
            "from_value": billed.before,
            "to_value": billed.after,
            "shown": billed.shown,
            "volume": billed.volume,
            "missing": billed.missing,
        }
        for story in stories
        for meter_id, months in story.billed.items()
        for period, billed in zip(periods, months, strict=True)
    ]
    queries.insert_rows(session, MeterVolume, rows)


def write_penalties(session: Session, stories: Sequence[Story], services: dict[str, int]) -> None:
    """Penalties debt by debt, and a ledger entry for those of a service in a month."""
    rows: Rows = []
    sums: defaultdict[tuple[date, int, int], Decimal] = defaultdict(Decimal)
    for story in stories:
        for each in story.penalties:
            account_id, service_id = story.place.account.id, services[each.service]
            sums[each.period, account_id, service_id] += each.amount
            rows.append(
                {
                    "account_id": account_id,
                    "period": each.period,
                    "service_id": service_id,
                    "debt_period": each.debt_period,
                    "days": each.days,
                    "to_date": each.to_date,
                    "amount": each.amount,
                }
            )
    queries.insert_rows(session, PenaltyCharge, rows)
    queries.insert_rows(session, LedgerEntry, [_penalty(*key, amount) for key, amount in sorted(sums.items())])


def _penalty(period: date, account_id: int, service_id: int, amount: Decimal) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "service_id": service_id,
        "period": period,
        "kind": EntryKind.penalty,
        "amount": amount,
        "source": f"penalty:{period:%Y-%m}:{service_id}",
        "posted_at": clock.at(next_month(period), 3),
    }
