"""Two years of one demo account: its readings, charges and payments by the product's own rules, without a database."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random

from ...models import Account, ChargeKind, ChargeMethod, PayerGroup
from .. import charges, rates
from ..billing_penalties import Weights
from ..estimates import last_day
from ..rates import Price, RateBook
from . import payers, volumes
from .debts import Debts, Penalty
from .volumes import Billed, Dial, Shown

SEED = "rodnik"
LEAST_MEASURED = (ChargeMethod.normative, ChargeMethod.average, ChargeMethod.meter)
SHOWN = payers.Habit((6, 13), unpaid=1, card_share=0.8)
AWAY = payers.Habit((6, 13), unpaid=4, card_share=0.8)
AWAY_USE = (Decimal("2.114"), Decimal("2.385"))  # m³ of cold water in the last two months


@dataclass(frozen=True, slots=True)
class Place:
    """An account with its meters and opening balance; `is_shown` when one of the demo's sign-ins acts for it, `is_away`
    when its people were away of late."""

    account: Account
    dials: tuple[Dial, ...]
    opening: payers.Amounts
    is_shown: bool = False
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A charge line of a service (its code) for a period; `residents` people by the normative."""

    service: str
    period: date
    method: ChargeMethod
    price: Price
    line: charges.ChargeLine
    residents: int | None = None
    normative_id: int | None = None
    coefficient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All that happened: readings, uses and billed volumes by meter id, charge lines by period, penalties and
    payments."""

    place: Place
    readings: dict[int, list[Shown]]
    use: dict[int, list[Decimal]]
    billed: dict[int, list[Billed]]
    lines: list[Line]
    penalties: list[Penalty]
    payments: list[payers.Paid]


def tell(place: Place, periods: Sequence[date], book: RateBook, weights: Weights, now: datetime) -> Story:
    """The same account has the same story each time."""
    rng = Random(f"{SEED}:{place.account.number}")
    mean = _mean(rng, place)
    sent = volumes.habit(rng, len(periods))
    if place.is_shown:
        sent = [number != len(periods) // 2 for number in range(len(periods))]
    use, readings, billed = {}, {}, {}
    for dial in place.dials:
        share = 0.62 if dial.service == "hot" else 1.0
        used, given = volumes.monthly_use(rng, periods, mean * share), sent
        if place.is_away:
            used, given = _away(dial, used, sent)
        use[dial.meter_id] = used
        readings[dial.meter_id] = volumes.readings(dial, periods, used, given)
        need = _need(place.account, dial.service, periods, book, mean)
        billed[dial.meter_id] = volumes.billed(dial, periods, used, given, need)
    by_service = {dial.service: billed[dial.meter_id] for dial in place.dials}
    lines = list(_lines(place, periods, book, _by_normative(place, periods, book, mean) | by_service))
    bills = _bills(lines)
    debts = Debts(weights, rates.payer_class(place.account), place.opening, bills)
    payer = _payer(place, rng)
    paid = payers.payments(rng, payer, place.opening, bills, now, debts.charge)
    return Story(place, readings, use, billed, lines, debts.charged, paid)


def _payer(place: Place, rng: Random) -> payers.Habit:
    if place.is_away:
        return AWAY
    return SHOWN if place.is_shown else payers.habit(rng)


def _away(dial: Dial, use: Sequence[Decimal], sent: Sequence[bool]) -> tuple[list[Decimal], list[bool]]:
    """Cold water was read again in the last month, after one by the average, and showed less; hot water was not."""
    if dial.service == "cold":
        return [*use[:-2], *AWAY_USE], [*sent[:-2], False, True]
    return [*use[:-1], Decimal(0)], [*sent[:-1], False]


def _mean(rng: Random, place: Place) -> float:
    """m³ of cold water a month: by the people of a flat, by the trade of a firm."""
    if place.account.payer_group is PayerGroup.other:
        return rng.triangular(25, 320, 70)
    each = rng.triangular(2.0, 6.4, 3.3)
    return (place.account.residents or 1) * (3.1 if place.is_shown else each)


def _need(account: Account, service: str, periods: Sequence[date], book: RateBook, mean: float) -> Decimal:
    """m³ a month where nothing is measured: the normative, or what a firm's contract says."""
    if account.residents is None:
        return Decimal(round(mean)).quantize(volumes.LITRE)
    return account.residents * book.normative(service, last_day(periods[0]))


def _by_normative(place: Place, periods: Sequence[date], book: RateBook, mean: float) -> dict[str, list[Billed]]:
    """Who has no meter pays by the normative; who has one for cold water alone heats it at home."""
    if place.dials:
        return {}
    services = ("cold", "hot") if place.account.residents else ("cold",)
    return {
        service: [
            Billed(_need(place.account, service, periods, book, mean), ChargeMethod.normative, is_raised=True)
            for _ in periods
        ]
        for service in services
    }


def _lines(place: Place, periods: Sequence[date], book: RateBook, billed: dict[str, list[Billed]]) -> Iterator[Line]:
    """Cold water by its volume; sewerage by the volume of all water."""
    group, residents = place.account.payer_group, place.account.residents
    for number, period in enumerate(periods):
        day, water = last_day(period), [months[number] for months in billed.values()]
        cold, price = billed["cold"][number], book.price("cold", group, day)
        for line in _cold(cold, price, residents, book, day):
            yield Line("cold", period, cold.method, price, line, **_by_people(cold, line, residents, book, day))
        price = book.price("sewerage", group, day)
        volume = sum((part.volume for part in water), Decimal(0))
        method = min((part.method for part in water), key=LEAST_MEASURED.index)
        line = charges.metered_line(volume, price.amount, price.vat_rate, price.vat_mode)
        yield Line("sewerage", period, method, price, line)


def _cold(cold: Billed, price: Price, residents: int | None, book: RateBook, day: date) -> list[charges.ChargeLine]:
    if cold.method is not ChargeMethod.normative or residents is None:
        return [charges.metered_line(cold.volume, price.amount, price.vat_rate, price.vat_mode)]
    return charges.normative_lines(
        residents=residents,
        normative=cold.volume / residents,
        price=price.amount,
        vat_rate=price.vat_rate,
        vat_mode=price.vat_mode,
        coefficient=book.coefficient("cold", day) if cold.is_raised else Decimal(1),
    )


def _by_people(
    cold: Billed, line: charges.ChargeLine, residents: int | None, book: RateBook, day: date
) -> dict[str, int]:
    if cold.method is not ChargeMethod.normative or residents is None:
        return {}
    origin = {"residents": residents, "normative_id": book.normative_row("cold", day).id}
    if line.kind is ChargeKind.excess:
        origin["coefficient_id"] = book.coefficient_row("cold", day).id
    return origin


def _bills(lines: Sequence[Line]) -> list[tuple[date, payers.Amounts]]:
    bills: defaultdict[date, payers.Amounts] = defaultdict(dict)
    for line in lines:
        bill = bills[line.period]
        bill[line.service] = bill.get(line.service, Decimal(0)) + line.line.amount
    return sorted(bills.items())
