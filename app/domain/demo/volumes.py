"""How much water a demo account uses month by month, what its meters show, and what volume is billed for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from ...models import ChargeMethod
from ..calendar import next_month
from ..consumption import average

SEASON = (1.04, 1.02, 1.03, 1.0, 0.96, 0.9, 0.82, 0.85, 0.98, 1.02, 1.03, 1.06)  # January first: summers at the dacha
GUESSED_AT_MOST = 3  # periods that an average stands in for a reading (ПП 354, п. 59)
LITRE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Dial:
    """A meter as the export leaves it: `value` is what it showed at the end of the last period."""

    meter_id: int
    service: str
    digits: int
    value: Decimal
    verified_until: date | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading: what the dial shows and the m³ since the reading before."""

    period: date
    value: Decimal
    volume: Decimal
    is_billed: bool


@dataclass(frozen=True, slots=True)
class Billed:
    """The m³ to charge for one period, of `shown` between two values of the dial; `missing` is how many periods in a
    row have none. `is_raised` asks for the raising coefficient (ПП 354, п. 42, 60)."""

    volume: Decimal
    method: ChargeMethod
    is_raised: bool = False
    before: Decimal | None = None
    after: Decimal | None = None
    shown: Decimal | None = None
    missing: int = 0


def monthly_use(rng: Random, periods: Sequence[date], mean: float) -> list[Decimal]:
    """Around `mean` m³ a month by season, now and then a month away from home."""
    away = 0.02
    return [
        Decimal(str(round(mean * SEASON[period.month - 1] * rng.uniform(0.82, 1.18) * (rng.random() > away), 3)))
        for period in periods
    ]


def habit(rng: Random, count: int) -> list[bool]:
    """In which months the readings are sent. The last one always is: the export holds it."""
    kind = rng.random()
    if kind < 0.025:
        return [False] * (count - 1) + [True]
    missed = 0.01 if kind < 0.6 else 0.06 if kind < 0.9 else 0.22
    return [rng.random() > missed for _ in range(count - 1)] + [True]


def values(dial: Dial, use: Sequence[Decimal]) -> list[Decimal]:
    """What the dial showed before the first month and at the end of each, the export's value last."""
    capacity = Decimal(10) ** dial.digits
    shown = [dial.value]
    for volume in reversed(use):
        before = shown[-1] - volume
        shown.append(before if before >= 0 else before + capacity)  # a rollover
    return shown[::-1]


def readings(dial: Dial, periods: Sequence[date], use: Sequence[Decimal], sent: Sequence[bool]) -> list[Shown]:
    """The readings sent. After its verification a meter is not read any more, but for the export's last time."""
    shown, since, found = values(dial, use)[1:], Decimal(0), []
    for period, value, volume, is_sent in zip(periods, shown, use, sent, strict=True):
        since += volume
        is_valid, is_last = is_verified(dial, period), period == periods[-1]
        if is_sent and (is_valid or is_last):
            found.append(Shown(period, value, since, is_valid))
            since = Decimal(0)
    return found


def is_verified(dial: Dial, period: date) -> bool:
    """Whether the meter may be billed by in this period, to its end."""
    return dial.verified_until is None or dial.verified_until >= next_month(period)


def billed(
    dial: Dial, periods: Sequence[date], use: Sequence[Decimal], sent: Sequence[bool], need: Decimal
) -> list[Billed]:
    """Period by period: the reading, else the average for three periods, else `need`, the normative's m³."""
    history: list[Decimal | None] = []
    lines: list[Billed] = []
    guessed = since = Decimal(0)
    gap = 0
    before, *shown = values(dial, use)
    for period, now, volume, is_sent in zip(periods, shown, use, sent, strict=True):
        since += volume
        is_valid = is_verified(dial, period)
        if is_sent and is_valid:
            history.append(since)
            lines.append(Billed(since - guessed, ChargeMethod.meter, before=before, after=now, shown=since))
            guessed = since = Decimal(0)
            gap, before = 0, now
            continue
        history.append(None)
        gap += 1
        mean = average(history) if gap <= GUESSED_AT_MOST else None
        if mean is None:
            is_raised = not is_valid and gap > GUESSED_AT_MOST
            lines.append(Billed(need, ChargeMethod.normative, is_raised, before, missing=gap))
        else:
            lines.append(Billed(mean, ChargeMethod.average, before=before, missing=gap))
        guessed += lines[-1].volume
    return lines
