"""One account's charges for one month: the lines of a bill, and why they cannot be made.

Pure: everything that is known of the account comes in, nothing is asked. The same rules over all accounts of a month
are in `queries/billing_*.py`; a test holds the two against each other line by line. m³ and roubles.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from ..i18n import N_
from ..models import ChargeKind, ChargeMethod, MeterFaultKind, PayerGroup
from ..queries.billing_tables import BACK_PART, METHODS, Law, month_number, month_of
from . import charges
from .billing_volumes import LITRE, ZERO, Dial, Fault, Share, Use, in_use, measure
from .calendar import days, previous_month
from .charges import ChargeLine
from .estimates import SEWERAGE
from .rates import Price

COLD, HOT = "cold", "hot"
WATER = (COLD, HOT)


class Reason(StrEnum):
    """Why an account is not billed: `NotBilled.reason`. The first of them that holds is told."""

    closed = "closed"
    no_tariff = "no_tariff"
    review = "review"
    no_residents = "no_residents"
    no_volume = "no_volume"
    no_normative = "no_normative"


REASONS = {
    Reason.closed: N_("The account is closed, and nobody said on which day"),
    Reason.no_tariff: N_("No price is in force for one of its services"),
    Reason.review: N_("A reading waits to be looked at"),
    Reason.no_residents: N_("How many people live there is not on record"),
    Reason.no_volume: N_("A company without readings: there is no volume to charge"),
    Reason.no_normative: N_("There is no normative for this kind of housing"),
}
"""To be translated when shown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate and the row that it comes from."""

    id: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """What is in force for an account on the last day of the month, by the code of the service; what is not, is left
    out. Normatives are m³ a person."""

    prices: Mapping[str, Price]
    normatives: Mapping[str, Figure]
    coefficients: Mapping[str, Figure]
    law: Law


@dataclass(frozen=True, slots=True)
class People:
    """`residents` holds before the first of `changes`: from a day on, so many people, the oldest first. Before the
    account was opened and after it was closed there is nobody."""

    residents: int | None
    changes: Sequence[tuple[date, int]]
    opened_on: date = date.min
    closed_on: date | None = None

    def serves(self, day: date) -> bool:
        return self.opened_on <= day <= (self.closed_on or date.max)

    def on(self, day: date) -> int | None:
        if not self.serves(day):
            return 0
        return next((number for since, number in reversed(self.changes) if since <= day), self.residents)

    def days(self, period: date) -> int | None:
        """How many days of a month they live there together; None where that is unknown."""
        month = days(period)
        are_same = not self.changes and self.serves(month[0]) and self.serves(month[-1])
        people = [self.residents] * len(month) if are_same else [self.on(day) for day in month]
        return None if None in people else sum(each for each in people if each is not None)


@dataclass(frozen=True, slots=True)
class Household:
    """What is known of an account.

    `services` are those it is linked to, `billed` those of them that this utility charges. `hours` are the full hours
    without a service beyond the free ones. `is_closed` without a day.
    """

    payer_group: PayerGroup
    services: frozenset[str]
    billed: frozenset[str]
    people: People
    can_have_meter: bool
    bears_impact: bool
    dials: Sequence[Dial]
    hours: Mapping[str, int]
    is_closed: bool = False

    def needs(self, water: str) -> bool:
        """Whether the volume of this water is charged for, be it as sewerage."""
        return bool(self.billed & {water, SEWERAGE})


@dataclass(frozen=True, slots=True)
class Line:
    """A charge line; `residents` people by the normative, where all of the volume goes by people."""

    service: str
    part: int
    method: ChargeMethod
    line: ChargeLine
    tariff_id: int
    residents: Decimal | None = None
    normative_id: int | None = None
    coefficient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    lines: Sequence[Line]
    uses: Sequence[Use]


@dataclass(frozen=True, slots=True)
class Water:
    """What is charged for a water: m³ of the month, of them `raised` by a coefficient, and `back` for interference in
    months before. `people` and `normative_id` where the month's volume goes by people alone."""

    volume: Decimal
    method: ChargeMethod | None
    raised: Decimal = ZERO
    back: Decimal = ZERO
    people: Decimal | None = None
    normative_id: int | None = None


def bill(of: Household, rates: Rates, period: date) -> Bill | Reason:
    """The month's lines of an account; or why there are none, and then of no service at all."""
    if of.is_closed:
        return Reason.closed
    if not of.billed <= rates.prices.keys():
        return Reason.no_tariff
    uses = {code: _uses(of, rates, period, code) for code in WATER if of.needs(code)}
    reason = _reason(of, rates, period, uses)
    if reason is not None:
        return reason
    waters = {code: _water(of, rates, period, uses, code) for code in uses}
    lines = [line for code in (COLD, SEWERAGE, HOT) if code in of.billed for line in _lines(of, rates, waters, code)]
    return Bill(lines, [use for of_water in uses.values() for use in of_water])


def _reason(of: Household, rates: Rates, period: date, uses: Mapping[str, Sequence[Use]]) -> Reason | None:
    everything = [use for of_water in uses.values() for use in of_water]
    if any(use.is_waiting for use in everything):
        return Reason.review
    is_bare = any(use.volume is None for use in everything)
    for code in uses:
        must = code == COLD or code in of.services
        if not _present(uses[code]) and must and need(of, rates, period, code) is None:
            is_bare = True
    if not is_bare:
        return None
    if of.people.days(period) is None:
        return Reason.no_residents if of.payer_group is PayerGroup.population else Reason.no_volume
    return Reason.no_normative


# People and normatives ------------------------------------------------------------------------------------


def need(of: Household, rates: Rates, period: date, code: str) -> Decimal | None:
    """What the account's people need of a water in the month by the normative, m³ to the litre."""
    counted = of.people.days(period)
    if code not in rates.normatives or counted is None:
        return None
    return _by_people(rates.normatives[code].value, counted, period)


def _by_people(normative: Decimal, counted: int, period: date) -> Decimal:
    return (normative * counted / len(days(period))).quantize(LITRE, ROUND_HALF_UP)


# Interference (ПП 354, п. 62) -----------------------------------------------------------------------------


def tampered_volume(
    people: People, faults: Sequence[Fault], normative: Decimal | None, period: date, *, times: int
) -> Decimal | None:
    """The need of a month whose days of interference count so many times over; None where it is unknown."""
    return _weighted(people, faults, normative, period, (times, 1))


def back_volume(
    people: People,
    faults: Sequence[Fault],
    normative: Decimal | None,
    period: date,
    *,
    law: Law,
    charged: Collection[date],
) -> tuple[Decimal, int]:
    """What is charged for the days of interference in the months before, as far as the law goes back, and the bits of
    those months (`MeterVolume.back_months`). No month is charged for twice."""
    total, bits, month = ZERO, 0, period
    for place in range(law.tampered_back):
        month = previous_month(month)
        volume = None if month in charged else _weighted(people, faults, normative, month, (law.tampered_times, 0))
        if volume:
            total, bits = total + volume, bits | 1 << place
    return total, bits


def charged_months(rows: Iterable[tuple[int, date, bool, int]]) -> defaultdict[int, set[date]]:
    """The months that meters were charged for interference in: by meter, out of each month's volume, whether that was
    itself charged for interference, and the bits of the months before."""
    found: defaultdict[int, set[date]] = defaultdict(set)
    for meter_id, period, is_tampered, bits in rows:
        back = {place + 1 for place in range(bits.bit_length()) if bits >> place & 1}
        found[meter_id] |= {month_of(month_number(period) - each) for each in back | ({0} if is_tampered else set())}
    return found


def _weighted(
    people: People, faults: Sequence[Fault], normative: Decimal | None, period: date, times: tuple[int, int]
) -> Decimal | None:
    """The normative's m³ where days of interference, and the other ones, count so many times."""
    counted = 0
    for day in days(period):
        weight = times[0] if any(each.covers(day) for each in faults) else times[1]
        number = people.on(day)
        if weight and number is None:
            return None
        counted += weight * (number or 0)
    return None if normative is None else _by_people(normative, counted, period)


# Interruptions --------------------------------------------------------------------------------------------


def hours_beyond(spans: Iterable[tuple[datetime, datetime]], month: tuple[datetime, datetime], free: int) -> int:
    """The full hours without a service in a half-open month beyond the free ones (ПП 354, прил. 1)."""
    seconds, reached = 0.0, month[0]
    for began, ended in sorted(spans):
        start, stop = max(began, reached), min(ended, month[1])
        if stop > start:
            seconds, reached = seconds + (stop - start).total_seconds(), stop
    return max(int(seconds // 3600) - free, 0)


# Volumes --------------------------------------------------------------------------------------------------


def _uses(of: Household, rates: Rates, period: date, code: str) -> list[Use]:
    dials = in_use([dial for dial in of.dials if dial.service == code], period)
    plain = need(of, rates, period, code)
    sharing = [dial for dial in dials if not dial.is_late(period)]
    served = sum(map(of.people.serves, days(period))), len(days(period))
    shares = {
        dial.id: replace(_share(of, rates, period, dial, plain, (place, len(sharing))), served=served)
        for place, dial in enumerate(sharing, 1)
    }
    return [measure(dial, period, shares.get(dial.id, Share(ZERO)), rates.law.guessed_periods) for dial in dials]


def _present(uses: Iterable[Use]) -> list[Use]:
    """Without the meters that were removed in months before."""
    return [use for use in uses if not use.is_late]


def _share(
    of: Household, rates: Rates, period: date, dial: Dial, plain: Decimal | None, place: tuple[int, int]
) -> Share:
    """Meters of one service share its normative."""
    faults = [each for each in dial.faults if each.kind is MeterFaultKind.tampered]
    if not faults:
        return Share(_part(plain, place))
    figure = rates.normatives.get(dial.service)
    normative = None if figure is None else figure.value
    back, months = back_volume(of.people, faults, normative, period, law=rates.law, charged=dial.charged)
    now = tampered_volume(of.people, faults, normative, period, times=rates.law.tampered_times)
    return Share(
        plain=_part(plain, place),
        is_tampered=any(each.touches(period) for each in faults),
        tampered=_part(now, place),
        back=_part(back, place) or ZERO,
        back_months=months,
    )


def _part(volume: Decimal | None, place: tuple[int, int]) -> Decimal | None:
    """Whole litres, which add up to the volume."""
    if volume is None:
        return None
    litres, (number, of) = int(volume / LITRE), place
    return (litres * number // of - litres * (number - 1) // of) * LITRE


def _water(of: Household, rates: Rates, period: date, uses: Mapping[str, Sequence[Use]], code: str) -> Water:
    """The volume of a water, with what removed meters showed that was never billed."""
    water = _of_month(of, rates, period, uses, code)
    late = [use for use in uses[code] if use.is_late]
    if not late:
        return water
    volume, method = sum((use.volume or ZERO for use in late), water.volume), water.method or ChargeMethod.meter
    if volume != water.volume:
        water = replace(water, people=None, normative_id=None)
    return replace(water, volume=volume, method=method)


def _of_month(of: Household, rates: Rates, period: date, uses: Mapping[str, Sequence[Use]], code: str) -> Water:
    """Its meters' volume, or by people. Who has a cold meter alone heats the water at home."""
    if present := _present(uses[code]):
        return _metered(of, rates, period, present, code)
    has_meters = any(_present(each) for each in uses.values())
    if code == HOT and HOT not in of.services and has_meters:
        return Water(ZERO, None)
    volume = need(of, rates, period, code) or ZERO
    return Water(
        volume,
        ChargeMethod.normative,
        raised=volume if of.can_have_meter else ZERO,
        **_people(of, rates, period, code),
    )


def _metered(of: Household, rates: Rates, period: date, uses: Sequence[Use], code: str) -> Water:
    method = min((use.method for use in uses), key=METHODS.index)
    volume = sum((use.volume or ZERO for use in uses), ZERO)
    by_people = method is ChargeMethod.normative and volume == need(of, rates, period, code)
    return Water(
        volume,
        method,
        raised=sum((use.volume or ZERO for use in uses if use.is_raised), ZERO),
        back=sum((use.back for use in uses), ZERO),
        **(_people(of, rates, period, code) if by_people else {}),
    )


def _people(of: Household, rates: Rates, period: date, code: str) -> dict[str, Any]:
    counted = Decimal(of.people.days(period) or 0)
    figure = rates.normatives.get(code)
    return {
        "people": (counted / len(days(period))).quantize(LITRE, ROUND_HALF_UP),
        "normative_id": None if figure is None else figure.id,
    }


# Lines ----------------------------------------------------------------------------------------------------


def _lines(of: Household, rates: Rates, waters: Mapping[str, Water], code: str) -> Iterator[Line]:
    """A service's lines: the month, the excess by the coefficient, interference in months before, interruptions, the
    negative impact."""
    water = _drains(waters) if code == SEWERAGE else waters[code]
    price, figure = rates.prices[code], rates.coefficients.get(code)
    money, tariff_id = (price.amount, price.vat_rate, price.vat_mode), price.tariff_id
    people = water.people, water.normative_id
    assert water.method is not None
    main = charges.metered_line(water.volume, *money)
    yield Line(code, 0, water.method, main, tariff_id, *people)
    if water.raised and figure is not None and figure.value > 1:
        excess = charges.excess_line(water.raised, figure.value, *money)
        yield Line(code, 0, water.method, excess, tariff_id, *people, coefficient_id=figure.id)
    if water.back:
        yield Line(code, BACK_PART, ChargeMethod.tampered, charges.metered_line(water.back, *money), tariff_id)
    if of.hours.get(code) and main.kind is ChargeKind.main:
        share = min(of.hours[code] * rates.law.hour_share, Decimal(1))
        yield Line(code, 0, water.method, charges.lowered_line(main, share), tariff_id)
    if code == SEWERAGE and of.bears_impact and (drained := water.volume + water.back):
        fee = charges.impact_line(drained, rates.law.impact_share, *money)
        yield Line(code, 0, water.method, fee, tariff_id)


def _drains(waters: Mapping[str, Water]) -> Water:
    """All the water used, cold and hot; hot water by the normative is not raised."""
    known = [water for water in waters.values() if water.method is not None]
    return Water(
        sum((water.volume for water in known), ZERO),
        min((water.method for water in known if water.method), key=METHODS.index),
        raised=waters[COLD].raised,
        back=sum((water.back for water in known), ZERO),
    )
