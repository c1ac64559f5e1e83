"""Which slip turned what a meter shows into what was typed: pure, m³ as Decimal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .consumption import ConsumptionStatus, Limits
from .meter_history import History

RED_DIGITS = 3


class Slip(StrEnum):
    red = "red"  # all three red digits without the comma
    comma_lost = "comma_lost"  # one or two of them
    comma_moved = "comma_moved"  # the comma stands too early
    swapped = "swapped"  # two neighbouring digits
    extra = "extra"  # a digit twice, or one too many
    other_meter = "other_meter"  # the cold meter's reading in the hot one's field
    new_meter = "new_meter"  # it counts from nothing: the meter may have been replaced


@dataclass(frozen=True, slots=True)
class Guess:
    """The likely slip, with the value that was meant or with the meter that it was meant for."""

    slip: Slip
    likely: Decimal | None = None
    other: History | None = None


def guess(history: History, value: Decimal, period: date, others: Sequence[History] = ()) -> Guess | None:
    """What a value that is not believed was to be; `others` are the account's other meters."""
    other = next((each for each in others if _is_of_other(history, each, value, period)), None)
    if other is not None:
        return Guess(Slip.other_meter, other=other)
    months, usual, start = history.months(period), history.average(period) or Decimal(0), history.start(period)
    most = Limits().most(usual, months)
    believable = [each for each in _candidates(value) if 0 <= (each.likely or 0) - start <= most]
    nearest = min(believable, key=lambda each: abs((each.likely or 0) - start - usual * months), default=None)
    if nearest is None and history.measure(value, period).status is ConsumptionStatus.lower and value <= most:
        return Guess(Slip.new_meter)
    return nearest


def _candidates(value: Decimal) -> Iterator[Guess]:
    """The slips of one meter, the commonest first: of equally near values the first one is told."""
    digits, fraction = str(int(value)), value % 1
    for i in range(len(digits) - 1):
        yield Guess(Slip.swapped, Decimal(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]) + fraction)
    is_one_red = not fraction and len(digits) > 1 and digits[-1] != digits[-2]  # else the last digit stands twice
    for i in range(len(digits) - is_one_red):
        if len(digits) > 1:
            yield Guess(Slip.extra, Decimal(digits[:i] + digits[i + 1 :]) + fraction)
    if not fraction:
        yield Guess(Slip.red, value.scaleb(-RED_DIGITS))
        yield Guess(Slip.comma_lost, value.scaleb(-2))
        if is_one_red:
            yield Guess(Slip.comma_lost, value.scaleb(-1))
        return
    for places in range(1, RED_DIGITS + 1):
        yield Guess(Slip.comma_moved, value.scaleb(places))


def _is_of_other(history: History, other: History, value: Decimal, period: date) -> bool:
    """Whether the value is what a meter of another water is about to show."""
    if other.meter.service_id == history.meter.service_id or other.before(period) is None:
        return False
    usual = other.average(period)
    used, months = value - other.start(period), other.months(period)
    most = Limits().most(usual, months) if usual is None else Limits().times_average * usual * months
    return 0 <= used <= most
