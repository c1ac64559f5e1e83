"""Charge lines: the money for one account, service and period. Volumes are m³, prices roubles per m³,
VAT rates percent.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.money import kopecks, vat_inside, vat_on_top
from app.models import ChargeKind, VatMode


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """volume × coefficient × price, rounded half-up to the kopeck; `net` + `vat` = `amount`, the sum to pay.

    The volume of an excess line is charged over again: add up the volumes of the other lines only.
    """

    kind: ChargeKind
    volume: Decimal
    coefficient: Decimal
    price: Decimal
    vat_rate: Decimal
    vat_mode: VatMode
    net: Decimal
    vat: Decimal
    amount: Decimal


def metered_line(volume: Decimal, price: Decimal, vat_rate: Decimal, vat_mode: VatMode) -> ChargeLine:
    """The line of a measured or an average volume.

    A negative volume (averages charged more than the meter then showed) makes a correction line.
    """
    kind = ChargeKind.main if volume >= 0 else ChargeKind.correction
    return _line(kind, volume, Decimal(1), price, vat_rate, vat_mode)


def normative_lines(
    *,
    residents: int,
    normative: Decimal,
    price: Decimal,
    vat_rate: Decimal,
    vat_mode: VatMode,
    coefficient: Decimal = Decimal(1),
) -> list[ChargeLine]:
    """n × N × T and, where the coefficient k is above 1, its excess n × N × (k − 1) × T (ПП 354, п. 42).

    `normative` is m³ a person a month. The excess keeps the whole volume and carries k − 1 as its coefficient,
    since their product may need more than three decimals. Raises ValueError for a coefficient below 1.
    """
    if coefficient < 1:
        raise ValueError(f"a coefficient of {coefficient} would lower the charge")
    volume = residents * normative
    parts = [(ChargeKind.main, Decimal(1)), (ChargeKind.excess, coefficient - 1)]
    return [_line(kind, volume, part, price, vat_rate, vat_mode) for kind, part in parts if part]


def excess_line(
    volume: Decimal, coefficient: Decimal, price: Decimal, vat_rate: Decimal, vat_mode: VatMode
) -> ChargeLine:
    """What a coefficient above 1 adds to the charge of a volume."""
    return _line(ChargeKind.excess, volume, coefficient - 1, price, vat_rate, vat_mode)


def impact_line(volume: Decimal, share: Decimal, price: Decimal, vat_rate: Decimal, vat_mode: VatMode) -> ChargeLine:
    """The fee for the negative impact of drains on the sewers: a share of the price of sewerage (ПП 644)."""
    return _line(ChargeKind.impact, volume, share, price, vat_rate, vat_mode)


def lowered_line(line: ChargeLine, share: Decimal) -> ChargeLine:
    """By how much a charge falls where it is lowered by a share of it (ПП 354, прил. 1): its sum is negative."""
    priced = -kopecks(share * (line.net if line.vat_mode is VatMode.top else line.amount))
    return _taxed(ChargeKind.interruption, priced, replace(line, coefficient=share))


def _line(
    kind: ChargeKind,
    volume: Decimal,
    coefficient: Decimal,
    price: Decimal,
    vat_rate: Decimal,
    vat_mode: VatMode,
) -> ChargeLine:
    nothing = Decimal("0.00")
    bare = ChargeLine(kind, volume, coefficient, price, vat_rate, vat_mode, nothing, nothing, nothing)
    return _taxed(kind, kopecks(volume * coefficient * price), bare)


def _taxed(kind: ChargeKind, priced: Decimal, line: ChargeLine) -> ChargeLine:
    """A line like this one whose price, with the tax inside or before the tax on top, came to so much."""
    if line.vat_mode is VatMode.inside:
        vat = vat_inside(priced, line.vat_rate)
        net = priced - vat
    else:
        vat = vat_on_top(priced, line.vat_rate)
        net = priced
    return replace(line, kind=kind, net=net, vat=vat, amount=net + vat)
