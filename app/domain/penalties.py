"""Penalties for late payment: a share of a rate for each day of delay, by class of payer (ЖК 155, part 14 and 14.1).

Day k of delay is the due date + k, and the day of payment counts. The rate is the key rate on the day of payment, in
some years held under a cap; a moratorium takes its days out while the count of days goes on. Every figure comes from
dated rows: `PenaltyRules` holds them, and reads no clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise

from ..formats import long_date
from ..i18n import _
from ..models import PayerClass as PayerClass
from .errors import MissingRateError
from .money import rounded

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeyRate:
    """Percent a year, in force from a day until the next one."""

    valid_from: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class RateCap:
    """The rate is no higher than `percent` on the days from `valid_from` to `valid_to`, both included."""

    valid_from: date
    valid_to: date | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PenaltyShare:
    """From the `first_day` of delay a day costs 1/`share` of the rate; 0 is nothing. In force on the days from
    `valid_from` to `valid_to`, both included."""

    payer_class: PayerClass
    first_day: int
    share: int
    valid_from: date = date.min
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Moratorium:
    """Days without penalty, both ends included, for debts whose due date lies before `debts_before` (None: for all)."""

    first_on: date
    last_on: date
    debts_before: date | None


@dataclass(frozen=True, slots=True)
class Segment:
    """Days in a row, days of moratoria left out, that cost the same: `rate` percent / `share` a day."""

    rate: Decimal
    share: int
    days: int


@dataclass(frozen=True, slots=True)
class Penalty:
    """`days` counts the whole delay; `amount` is in roubles."""

    amount: Decimal
    days: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class PenaltyRules:
    key_rates: Sequence[KeyRate]
    caps: Sequence[RateCap]
    shares: Sequence[PenaltyShare]
    moratoria: Sequence[Moratorium]

    def penalty(self, principal: Decimal, *, payer_class: PayerClass, due: date, paid: date) -> Penalty:
        """What a debt of `principal` roubles, due on a day and paid on another, costs more.

        One rounding at the end, half up. Raises MissingRateError where no key rate is known for the day of payment.
        """
        segments = tuple(self.segments(payer_class, due, paid))
        owed = sum((Fraction(each.rate) * each.days / each.share for each in segments), Fraction(0))
        exact = Fraction(principal) * owed / 100
        return Penalty(rounded(exact), max((paid - due).days, 0), segments)

    def segments(self, payer_class: PayerClass, due: date, paid: date, again: date | None = None) -> Iterator[Segment]:
        """The days that cost something, in their order; of a debt whose money was returned, from the day `again`."""
        if paid < max(again or due, due + DAY):
            return
        runs = self._runs(payer_class, due, paid, again or due)
        for (rate, share), equal in groupby(runs, key=lambda run: run[0]):
            yield Segment(rate, share, sum(days for _, days in equal))

    def _runs(
        self, payer_class: PayerClass, due: date, paid: date, since: date
    ) -> Iterator[tuple[tuple[Decimal, int], int]]:
        """Rate and share, and for how many days: from each day on which a rule begins or has ended."""
        key_rate, first = self._key_rate(paid), max(since, due + DAY)
        late = (paid - due).days
        steps = sorted(
            (each for each in self.shares if each.payer_class == payer_class and each.first_day <= late),
            key=lambda each: each.first_day,
        )
        idle = [each for each in self.moratoria if each.debts_before is None or due < each.debts_before]
        dated: tuple[RateCap | PenaltyShare, ...] = (*steps, *self.caps)
        begun = {*(each.valid_from for each in dated), *(each.first_on for each in idle)}
        begun |= {due + each.first_day * DAY for each in steps}
        ended = {*(each.valid_to for each in dated if each.valid_to), *(each.last_on for each in idle)}
        changes = begun | {day + DAY for day in ended if day < paid}
        for day, end in pairwise([first, *sorted(each for each in changes if first < each <= paid), paid + DAY]):
            number = (day - due).days
            share = next((each.share for each in reversed(steps) if each.first_day <= number and _holds(each, day)), 0)
            if share and not any(each.first_on <= day <= each.last_on for each in idle):
                yield (self._capped(key_rate, day), share), (end - day).days

    def _key_rate(self, day: date) -> Decimal:
        known = [each for each in self.key_rates if each.valid_from <= day]
        if not known:
            words = _("Penalties cannot be counted: no key rate is known for %(day)s. Add it.", day=long_date(day))
            raise MissingRateError(words)
        return max(known, key=lambda each: each.valid_from).percent

    def _capped(self, key_rate: Decimal, day: date) -> Decimal:
        return min([key_rate, *(each.percent for each in self.caps if _holds(each, day))])


def _holds(row: RateCap | PenaltyShare, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
