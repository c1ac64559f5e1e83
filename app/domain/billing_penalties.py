"""Penalties of one service of an account: month by month what its debts cost so far, less what was charged for it.

Money pays the oldest debt first and penalties after all debts, so no penalty is on a penalty; what is paid ahead is an
advance. Money counts while it is held: a return takes the latest money away, and from its day on the debt that it had
paid costs again, the count of days going on from the due date; the days between cost nothing. Pure: roubles. The same
over all accounts of a month is in `queries/billing_penalties.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate

from ..models import PayerClass
from .money import rounded
from .penalties import PenaltyRules

ZERO = Decimal(0)
NEVER = 10**6  # days
Due = Callable[[date], date]
"""The last day to pay the bill of a month."""


@dataclass(frozen=True, slots=True)
class Received:
    """Money by the local day of its payment; what was returned is negative."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the debt of a month: paid on a day, or owed to it. `again` is the day on which money that had paid
    it before was returned."""

    period: date
    amount: Decimal
    day: date
    again: date | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """The penalty for the debt of a month to this day, and the days of delay."""

    to_date: Decimal
    days: int


class Weights:
    """What a rouble of a debt costs by a day, as a fraction of it; remembered, for the same days come again."""

    def __init__(self, rules: PenaltyRules, due: Due) -> None:
        self._rules = rules
        self.due = cache(due)
        self.weight = cache(self._weight)

    def _weight(self, payer_class: PayerClass, period: date, day: date, again: date | None = None) -> Fraction:
        segments = self._rules.segments(payer_class, self.due(period), day, again)
        return sum((Fraction(each.rate) * each.days / each.share for each in segments), Fraction(0)) / 100

    def first_day(self, payer_class: PayerClass) -> int:
        """The first day of delay that may cost the class anything."""
        days = (each.first_day for each in self._rules.shares if each.payer_class == payer_class and each.share)
        return min(days, default=NEVER)

    def days(self, period: date, day: date) -> int:
        return max((day - self.due(period)).days, 0)


def owed(parts: Sequence[Part], payer_class: PayerClass, weights: Weights) -> dict[date, Owed]:
    """The penalty for each month's debt, rounded once, half up."""
    found = {}
    for period in dict.fromkeys(part.period for part in parts):
        mine = [part for part in parts if part.period == period]
        exact = (Fraction(part.amount) * weights.weight(payer_class, period, part.day, part.again) for part in mine)
        days = max(weights.days(period, part.day) for part in mine)
        found[period] = Owed(rounded(sum(exact, Fraction(0))), days)
    return found


def parts(billed: Mapping[date, Decimal], money: Sequence[Received], asof: date) -> list[Part]:
    """The debts of months (what each was billed, penalties left out) by the days on which they were paid; what is
    unpaid is owed to the day `asof`. A month that gave back more than it charged (negative) paid the difference on its
    last day, which the caller puts among the money."""
    debts = _along({period: max(amount, ZERO) for period, amount in sorted(billed.items())})
    end = max((high for _period, _low, high in debts), default=ZERO)
    owing = list(_owing([each for each in money if each.day <= asof], end, asof))
    return [
        Part(period, amount, each.day, each.again)
        for period, low, high in debts
        for each in owing
        if (amount := min(high, each.high) - max(low, each.low)) > 0
    ]


@dataclass(frozen=True, slots=True)
class _Owing:
    """From a sum to a sum all that was billed was owed to a day, `again` from a day on."""

    low: Decimal
    high: Decimal
    again: date | None
    day: date


def _owing(money: Sequence[Received], end: Decimal, asof: date) -> Iterator[_Owing]:
    """What money pays and returns lay bare, along the line of all that was billed."""
    bare: list[tuple[Decimal, Decimal, date | None]] = [(ZERO, end, None)]
    total = level = ZERO
    for day in sorted({each.day for each in money}):
        total += sum((each.amount for each in money if each.day == day), ZERO)
        before, level = level, max(total, ZERO)
        for low, high, again in bare:
            if min(high, level) > low:
                yield _Owing(low, min(high, level), again, day)
        bare = [(max(low, level), high, again) for low, high, again in bare if high > level]
        if level < min(before, end):
            bare.append((level, min(before, end), day))
    for low, high, again in bare:
        yield _Owing(low, high, again, asof)


def _along(amounts: Mapping[date, Decimal]) -> list[tuple[date, Decimal, Decimal]]:
    """Amounts laid out one behind another: each from a sum to a sum."""
    ends = list(accumulate(amounts.values()))
    return [(day, end - amount, end) for (day, amount), end in zip(amounts.items(), ends, strict=True) if amount]
