"""Penalties of one service of an account: month by month what its debts cost so far, less what was charged for it.

Money pays the oldest debt first and penalties after all debts, so no penalty is on a penalty; what is paid ahead is an
advance. Pure: roubles. The same over all accounts of a month is in `queries/billing_penalties.py`.
"""

from collections.abc import Callable, Mapping, Sequence
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
    """A part of the debt of a month: paid on a day, or owed to it."""

    period: date
    amount: Decimal
    day: date


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

    def _weight(self, payer_class: PayerClass, period: date, day: date) -> Fraction:
        segments = self._rules.segments(payer_class, self.due(period), day)
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
        exact = (Fraction(part.amount) * weights.weight(payer_class, period, part.day) for part in mine)
        days = max(weights.days(period, part.day) for part in mine)
        found[period] = Owed(rounded(sum(exact, Fraction(0))), days)
    return found


def parts(billed: Mapping[date, Decimal], money: Sequence[Received], asof: date) -> list[Part]:
    """The debts of months (what each was billed, penalties left out) by the days on which they were paid; what is
    unpaid is owed to the day `asof`. A month that gave back more than it charged (negative) paid the difference on its
    last day, which the caller puts among the money."""
    debts = _along({period: max(amount, ZERO) for period, amount in sorted(billed.items())})
    receipts = _along(_kept([each for each in money if each.day <= asof]))
    end = max((high for _day, _low, high in receipts), default=ZERO)
    found = []
    for period, low, high in debts:
        for day, start, stop in receipts:
            if (amount := min(high, stop) - max(low, start)) > 0:
                found.append(Part(period, amount, day))
        if high > max(low, end):
            found.append(Part(period, high - max(low, end), asof))
    return found


def _kept(money: Sequence[Received]) -> dict[date, Decimal]:
    """By day, what came and was never returned: a return takes the latest money away."""
    days = sorted({each.day for each in money})
    amounts = [sum((each.amount for each in money if each.day == day), ZERO) for day in days]
    sums = list(accumulate(amounts))
    lasting = [max(min(sums[place:]), ZERO) for place in range(len(sums))]
    steps = zip(days, lasting, [ZERO, *lasting], strict=False)
    return {day: now - before for day, now, before in steps}


def _along(amounts: Mapping[date, Decimal]) -> list[tuple[date, Decimal, Decimal]]:
    """Amounts laid out one behind another: each from a sum to a sum."""
    ends = list(accumulate(amounts.values()))
    return [(day, end - amount, end) for (day, amount), end in zip(amounts.items(), ends, strict=True) if amount]
