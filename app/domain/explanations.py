"""Why a month's sum is not the sum of the month before, in parts that add up to the kopeck: no database, no words.

What a service costs without corrections is volume × price × raise. From one month to the next these change one after
another, each step at the values reached before it: first the volume, for the reason that moved it, then the price, then
the raising coefficient. Kopecks that rounding leaves over go to the largest part.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ..models import ChargeKind, ChargeMethod
from .money import rounded

NOTHING = Decimal("0.00")
REGULAR = (ChargeKind.main, ChargeKind.excess)


class Cause(StrEnum):
    method = "method"
    residents = "residents"
    normative = "normative"
    volume = "volume"
    price = "price"
    coefficient = "coefficient"
    interruptions = "interruptions"
    impact = "impact"
    corrections = "corrections"
    penalties = "penalties"
    unlined = "unlined"


APART = (Cause.interruptions, Cause.impact, Cause.corrections, Cause.penalties, Cause.unlined)
LINES_APART = {
    ChargeKind.interruption: Cause.interruptions,
    ChargeKind.impact: Cause.impact,
    ChargeKind.correction: Cause.corrections,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A charge line: m³, roubles for 1 m³ with the tax that comes on top, `amount` to pay. `residents` people at
    `normative` m³ each where nothing was measured."""

    service_id: int
    kind: ChargeKind
    method: ChargeMethod
    volume: Decimal
    price: Decimal
    coefficient: Decimal
    amount: Decimal
    residents: Decimal | None = None
    normative: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """Roubles of a service that no line tells: a correction, a penalty, a charge that came without lines."""

    service_id: int
    cause: Cause
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """What was charged for a month."""

    lines: Sequence[Line] = ()
    extra: Sequence[Extra] = ()

    @property
    def total(self) -> Decimal:
        return _sum(self.lines) + _sum(self.extra)

    @property
    def services(self) -> list[int]:
        return [line.service_id for line in self.lines] + [each.service_id for each in self.extra]


@dataclass(frozen=True, slots=True)
class Made:
    """What the sum of one service was made of in one month: m³, roubles for 1 m³, how many times the volume counts.
    `methods` is empty where nothing regular was charged; `extra` is roubles by cause."""

    methods: frozenset[ChargeMethod]
    volume: Decimal
    price: Fraction | None
    multiplier: Fraction | None
    residents: Decimal | None
    normative: Decimal | None
    regular: Decimal
    extra: Mapping[Cause, Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """By how many roubles a cause changed the sum of a service, from what to what."""

    cause: Cause
    service_id: int
    amount: Decimal
    was: Made
    now: Made


def difference(now: Month, was: Month) -> list[Part]:
    """The parts of `now.total` − `was.total`, none of them nought, by service in the order of the lines."""
    services = dict.fromkeys([*now.services, *was.services])
    return [
        Part(cause, service_id, amount, before, after)
        for service_id in services
        for before, after in [(made(was, service_id), made(now, service_id))]
        for cause, amount in _changes(before, after)
    ]


def made(month: Month, service_id: int) -> Made:
    lines = [line for line in month.lines if line.service_id == service_id]
    main = [line for line in lines if line.kind is ChargeKind.main]
    regular = [line for line in lines if line.kind in REGULAR]
    volume = sum((line.volume for line in main), Decimal(0))
    plain = sum((Fraction(line.volume) * Fraction(line.price) for line in main), Fraction(0))
    raised = sum((Fraction(line.volume) * Fraction(line.coefficient * line.price) for line in regular), Fraction(0))
    return Made(
        methods=frozenset(line.method for line in regular),
        volume=volume,
        price=plain / Fraction(volume) if plain and volume else None,
        multiplier=raised / plain if plain else None,
        residents=_residents(main),
        normative=_normative(main),
        regular=_sum(regular),
        extra=_extra(lines, [each for each in month.extra if each.service_id == service_id]),
    )


def _extra(lines: Sequence[Line], extra: Sequence[Extra]) -> dict[Cause, Decimal]:
    sums = dict.fromkeys(APART, NOTHING)
    for line in lines:
        if line.kind in LINES_APART:
            sums[LINES_APART[line.kind]] += line.amount
    for each in extra:
        sums[each.cause] += each.amount
    return sums


def _residents(main: Sequence[Line]) -> Decimal | None:
    """How many people the volume is for, where all of it goes by people."""
    people = [line.residents for line in main]
    return sum((each for each in people if each is not None), Decimal(0)) if people and None not in people else None


def _normative(main: Sequence[Line]) -> Decimal | None:
    """m³ a person, where it is one for all lines."""
    known = {line.normative for line in main}
    return known.pop() if len(known) == 1 else None


def _sum(rows: Iterable[Line | Extra]) -> Decimal:
    return sum((row.amount for row in rows), NOTHING)


def _changes(was: Made, now: Made) -> Iterator[tuple[Cause, Decimal]]:
    yield from _settled(_regular(was, now), now.regular - was.regular)
    for cause in APART:
        if change := now.extra[cause] - was.extra[cause]:
            yield cause, change


def _regular(was: Made, now: Made) -> Iterator[tuple[Cause, Fraction]]:
    """The steps from volume × price × raise of one month to those of the other, exact. A month without a price or a
    raise takes the other's: it has no volume that they could change the sum of."""
    first, last = was.price or now.price or Fraction(0), now.price or was.price or Fraction(0)
    low, high = was.multiplier or now.multiplier or Fraction(1), now.multiplier or was.multiplier or Fraction(1)
    for cause, volume in _volumes(was, now):
        yield cause, Fraction(volume) * first * low
    yield Cause.price, Fraction(now.volume) * (last - first) * low
    yield Cause.coefficient, Fraction(now.volume) * last * (high - low)


def _volumes(was: Made, now: Made) -> Iterator[tuple[Cause, Decimal]]:
    """What moved the volume, and by how many m³."""
    change = now.volume - was.volume
    if was.methods and now.methods and was.methods != now.methods:
        yield Cause.method, change
    elif None in (was.residents, now.residents, was.normative, now.normative):
        yield Cause.volume, change
    elif was.normative == now.normative:
        yield (Cause.residents if was.residents != now.residents else Cause.volume), change
    else:
        people = (now.residents - was.residents) * was.normative  # type: ignore[operator]  # none of them is None
        yield Cause.residents, people
        yield Cause.normative, change - people


def _settled(steps: Iterable[tuple[Cause, Fraction]], total: Decimal) -> Iterator[tuple[Cause, Decimal]]:
    """The steps in kopecks, made to add up to the total by the largest of them."""
    parts = {cause: rounded(roubles) for cause, roubles in steps}
    largest = max(parts, key=lambda cause: abs(parts[cause]))
    parts[largest] += total - sum(parts.values(), NOTHING)
    yield from ((cause, amount) for cause, amount in parts.items() if amount)
