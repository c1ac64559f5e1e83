"""How much water a meter is billed for in a month: by its readings, by the average, by the normative.

What a meter showed is counted from the last value that was billed; what was guessed since then (by averages and
normatives) has been charged already and is taken off. Pure: m³ as Decimal, months named by their first day; the same
rules over a whole month of accounts are in `queries/billing_meters.py`. (ПП 354, п. 59-62)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ..models import ChargeMethod, MeterFaultKind, ReadingSource, ReadingState
from ..queries.billing_tables import KNOWN, WINDOW, month_number, month_of
from .calendar import next_month, previous_month
from .consumption import average, may_begin_anew
from .meter_history import months_between

ZERO = Decimal(0)
LITRE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Given:
    """A value of a meter that counts; `volume` since the one before it, None for the first value ever."""

    period: date
    value: Decimal
    volume: Decimal | None
    taken_on: date
    source: ReadingSource
    state: ReadingState


@dataclass(frozen=True, slots=True)
class Fault:
    """From a day to another, both included, a meter could not be believed."""

    kind: MeterFaultKind
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def touches(self, period: date) -> bool:
        return self.since < next_month(period) and (self.until is None or self.until >= period)


@dataclass(frozen=True, slots=True)
class Dial:
    """A meter and what is known of it: `readings` up to the period, the oldest first; `guesses` are the m³ charged by
    an average or a normative in its stead, by period; `charged` are the months that interference was charged for.
    `is_told`: a month before has billed what the meter showed in the end."""

    id: int
    service: str
    digits: int
    installed_on: date
    opening_value: Decimal
    verified_until: date | None
    removed_on: date | None
    closing_value: Decimal | None
    readings: Sequence[Given]
    guesses: Mapping[date, Decimal]
    faults: Sequence[Fault]
    charged: Collection[date] = ()
    is_told: bool = False

    @property
    def installed_in(self) -> date:
        return self.installed_on.replace(day=1)

    def closes_in(self, period: date) -> bool:
        is_removed = self.removed_on is not None and self.removed_on < next_month(period)
        return is_removed and self.closing_value is not None

    def is_late(self, period: date) -> bool:
        """Whether it was removed in a month that was billed without what it showed in the end."""
        return self.removed_on is not None and self.removed_on < period

    def now(self, period: date) -> Given | None:
        """The value of the period itself that is not billed yet."""
        return next((each for each in self.readings if each.period == period and not _is_billed(each)), None)

    def is_doubted(self, period: date) -> bool:
        """Whether the meter could not be believed at the end of the period or at some time in it."""
        is_expired = self.verified_until is not None and self.verified_until < next_month(period) - timedelta(days=1)
        return is_expired or any(each.touches(period) for each in self._doubts())

    def believes(self, given: Given) -> bool:
        """A control check is believed whatever the meter's verification."""
        if given.source is ReadingSource.control:
            return True
        is_verified = self.verified_until is None or given.taken_on <= self.verified_until
        return is_verified and not any(each.covers(given.taken_on) for each in self._doubts())

    def _doubts(self) -> list[Fault]:
        return [each for each in self.faults if each.kind is not MeterFaultKind.tampered]


@dataclass(frozen=True, slots=True)
class Share:
    """A meter's part of what its service needs by the normative in the month, m³; None where that is unknown.
    `tampered` counts days of interference ten times over, `back` those of the months before; `served` is how many days
    of the month, and of how many, the account stood open."""

    plain: Decimal | None
    is_tampered: bool = False
    tampered: Decimal | None = None
    back: Decimal = ZERO
    back_months: int = 0
    served: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Use:
    """What a meter is billed for. `shown` is the whole difference of the values; `missing` is how many periods in a row
    have no value; `volume` is None where it takes a normative that is unknown."""

    dial: Dial
    method: ChargeMethod
    volume: Decimal | None
    from_value: Decimal | None = None
    to_value: Decimal | None = None
    shown: Decimal | None = None
    missing: int = 0
    is_raised: bool = False
    is_waiting: bool = False  # for a clerk who looks at the value
    is_late: bool = False
    back: Decimal = ZERO
    back_months: int = 0


@dataclass(frozen=True, slots=True)
class Base:
    """The value that is counted from."""

    month: date
    value: Decimal
    is_read: bool


def in_use(dials: Sequence[Dial], period: date) -> list[Dial]:
    """The meters of one service that count in the period, in the order of their ids.

    A meter counts from the month after its installation on; in that very month where it replaces another one and shows
    something, or where another system billed by it already. One that was removed before counts once more where what it
    showed in the end was never billed.
    """
    end = next_month(period)
    present = [each for each in dials if not each.is_late(period)]
    replaced = [each for each in present if each.installed_on < period and each.removed_on and each.removed_on < end]
    found = []
    for each in present:
        shows = each.now(period) is not None or each.closes_in(period)
        is_known = any(_is_billed(given) for given in each.readings)
        if each.installed_on < period or (each.installed_on < end and ((replaced and shows) or is_known)):
            found.append(each)
    late = [each for each in dials if each.is_late(period) and each.closes_in(period) and not each.is_told]
    return sorted(found + late, key=lambda each: each.id)


def measure(dial: Dial, period: date, share: Share, guessed_periods: int) -> Use:
    """What the meter is billed for in the period; an average stands in for so many periods in a row."""
    use = _measured(dial, period, share, guessed_periods)
    return replace(use, back=share.back, back_months=share.back_months, is_late=dial.is_late(period))


def _measured(dial: Dial, period: date, share: Share, guessed_periods: int) -> Use:
    base, now = _base(dial, period), dial.now(period)
    if share.is_tampered:
        before, after, shown = _values(dial, base, now) if now is not None else (None, None, None)
        return Use(dial, ChargeMethod.tampered, share.tampered, before, after, shown)
    if dial.closes_in(period):
        assert dial.closing_value is not None
        shown = _wrapped(dial, base.value, dial.closing_value)
        volume = shown - _guessed(dial, base, period)
        return Use(dial, ChargeMethod.meter, volume, base.value, dial.closing_value, shown)
    if now is not None and dial.believes(now):
        return _read(dial, base, now)
    return _guess(dial, base, period, share, guessed_periods)


def _read(dial: Dial, base: Base, now: Given) -> Use:
    method = ChargeMethod.control if now.source is ReadingSource.control else ChargeMethod.meter
    values = _values(dial, base, now)
    return Use(
        dial,
        method,
        values[2] - _guessed(dial, base, now.period),
        *values,
        is_waiting=now.state is ReadingState.review,
    )


def _guess(dial: Dial, base: Base, period: date, share: Share, guessed_periods: int) -> Use:
    missing = months_between(base.month, period)
    if missing == 0:  # another system billed this month, or the meter came in it
        return Use(dial, ChargeMethod.meter, ZERO, base.value, base.value, ZERO)
    mean = _average(dial, base, period) if missing <= guessed_periods else None
    if mean is not None:
        count, of = share.served
        volume = (mean * count / of).quantize(LITRE, ROUND_HALF_UP)
        return Use(dial, ChargeMethod.average, volume, base.value, missing=missing)
    return Use(
        dial,
        ChargeMethod.normative,
        share.plain,
        base.value,
        missing=missing,
        is_raised=dial.is_doubted(period),
    )


def _is_billed(given: Given) -> bool:
    return given.state is ReadingState.billed


def _base(dial: Dial, period: date) -> Base:
    billed = [each for each in dial.readings if _is_billed(each) and each.period <= period]
    if billed:
        return Base(billed[-1].period, billed[-1].value, is_read=True)
    return Base(dial.installed_in, dial.opening_value, is_read=False)


def _values(dial: Dial, base: Base, now: Given) -> tuple[Decimal, Decimal, Decimal]:
    """From, to and the m³ between them. The volumes of the values since the base know of rollovers and decisions by
    hand."""
    if now.volume is None:
        return base.value, now.value, now.value - base.value
    between = (each.volume or ZERO for each in dial.readings if base.month < each.period < now.period)
    return base.value, now.value, now.volume + sum(between, ZERO)


def _wrapped(dial: Dial, before: Decimal, after: Decimal) -> Decimal:
    """The difference of two values; a meter near its end began anew."""
    capacity = Decimal(10) ** dial.digits
    went_round = after < before and may_begin_anew(before, capacity)
    return after - before + (capacity if went_round else 0)


def _guessed(dial: Dial, base: Base, period: date) -> Decimal:
    return sum((volume for month, volume in dial.guesses.items() if base.month < month < period), ZERO)


def _average(dial: Dial, base: Base, period: date) -> Decimal | None:
    """The monthly use up to the base (ПП 354, п. 59). None where too little is known, also where the first value of the
    last months has a history of its own that is too old to be told."""
    first = month_of(month_number(period) - KNOWN)
    past = [each for each in dial.readings if first <= each.period <= base.month]
    if not base.is_read or not past or past[-1].volume is None:
        return None
    start = _start(dial, past, first)
    if start is None:
        return None
    volumes = {each.period: each.volume for each in past}
    history, month = [], start
    while (month := next_month(month)) <= base.month:
        history.append(volumes.get(month))
    mean = average(history, is_whole=True)
    return None if mean is None else max(mean, ZERO)


def _start(dial: Dial, past: Sequence[Given], first: date) -> date | None:
    """The month after which the water of the history begins: that of a reading old enough to be the window's border,
    else of the meter's first value."""
    old = [each.period for each in past if months_between(each.period, past[-1].period) >= WINDOW]
    if old:
        return old[-1]
    if past[0].volume is None:
        return past[0].period
    return min(dial.installed_in, previous_month(past[0].period)) if dial.installed_in >= first else None
