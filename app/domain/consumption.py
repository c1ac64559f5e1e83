"""What a new reading means, and the average that stands in for a missing one. Volumes are m³."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from ..queries.billing_tables import LEAST_KNOWN, ROLLOVER_TENTHS, WINDOW


class ConsumptionStatus(StrEnum):
    ok = "ok"
    rollover = "rollover"  # the meter went past its last number and began anew
    lower = "lower"  # type: ignore[assignment]  # below the previous reading: an operator may decide by hand
    digits = "digits"  # the meter cannot show such a number
    confirm = "confirm"  # unusually much: the customer confirms, then it is reviewed


@dataclass(frozen=True, slots=True)
class Consumption:
    status: ConsumptionStatus
    volume: Decimal | None  # None where the reading is refused


@dataclass(frozen=True, slots=True)
class Limits:
    """When a consumption is believed without a question."""

    times_average: Decimal = Decimal(3)
    monthly: Decimal = Decimal(30)  # m³, whatever the average

    def most(self, average: Decimal | None, months: int) -> Decimal:
        return months * max(self.times_average * (average or 0), self.monthly)


def consumption(
    *,
    digits: int,
    previous: Decimal,
    current: Decimal,
    average: Decimal | None = None,
    months: int = 1,
    limits: Limits = Limits(),
) -> Consumption:
    """Compare a reading with the previous one, `months` before it; neither is negative.

    `digits` counts the meter's whole cubic metres. "More digits than the meter has" is about the value: zeros
    before it, as in 000253 on a meter of five digits, are a slip that changes nothing.
    """
    most = limits.most(average, months)
    capacity = Decimal(10) ** digits
    difference = current - previous
    if current >= capacity:
        return Consumption(ConsumptionStatus.digits, None)
    if 0 <= difference <= most:
        return Consumption(ConsumptionStatus.ok, difference)
    if difference > most:
        return Consumption(ConsumptionStatus.confirm, difference)
    wrapped = difference + capacity
    if may_begin_anew(previous, capacity) and previous < capacity and wrapped <= most:
        return Consumption(ConsumptionStatus.rollover, wrapped)
    return Consumption(ConsumptionStatus.lower, None)


def may_begin_anew(value: Decimal, capacity: Decimal) -> bool:
    """Whether a meter is so near its last number, that of its `capacity`, that a lower value may follow."""
    return value * 10 >= capacity * ROLLOVER_TENTHS


def average(
    history: Sequence[Decimal | None], *, months: int = WINDOW, at_least: int = LEAST_KNOWN, is_whole: bool = False
) -> Decimal | None:
    """The average monthly volume to three decimals, or None where the normative must be used instead.

    `history` goes month by month, the oldest first, None for a month without a reading. The reading after a gap
    holds the gap's water too, so a window never starts inside one: it grows back over the gap, and the gap's
    months divide with the rest. Months after the last reading do not count, nor do those before the first one,
    unless the history `is_whole`: begins with the meter, whose first reading holds them then. (ПП 354, п. 59)
    """
    read = [i for i, volume in enumerate(history) if volume is not None]
    if not read:
        return None
    known = history[0 if is_whole else read[0] : read[-1] + 1]
    start = max(len(known) - months, 0)
    while start and known[start - 1] is None:
        start -= 1
    window = known[start:]
    volumes = [volume for volume in window if volume is not None]
    if len(volumes) < at_least:
        return None
    return (sum(volumes, Decimal(0)) / len(window)).quantize(Decimal("0.001"), ROUND_HALF_UP)
