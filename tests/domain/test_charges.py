"""Charge lines: rounded one by one, the excess apart, VAT inside or on top."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.charges import ChargeLine, metered_line, normative_lines
from app.domain.money import vat_inside
from app.models import ChargeKind, VatMode

VECTORS: dict[str, Any] = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "data/vectors/charges.json").read_text("utf-8"))
}
COLD, SEWERAGE = Decimal("41.45"), Decimal("36.45")


def population(volume: str, price: Decimal, vat_rate: int = 20) -> ChargeLine:
    return metered_line(Decimal(volume), price, Decimal(vat_rate), VatMode.inside)


def by_normative(coefficient: str) -> list[ChargeLine]:
    return normative_lines(
        residents=2,
        normative=Decimal("3.881"),
        price=COLD,
        coefficient=Decimal(coefficient),
        vat_rate=Decimal(20),
        vat_mode=VatMode.inside,
    )


@pytest.mark.parametrize("rate", [20, 22])
def test_cold_and_hot_water_make_the_sewerage_volume(rate: int) -> None:
    case = VECTORS["C01"]

    cold = population("5.373", COLD, rate)
    sewerage = population(case["vo_volume"], SEWERAGE, rate)

    assert cold.amount == Decimal(case["hvs"])
    assert sewerage.amount == Decimal(case["vo"])
    assert cold.amount + sewerage.amount == Decimal(case["total"])
    assert vat_inside(cold.amount + sewerage.amount, Decimal(rate)) == Decimal(case[f"vat_inside_{rate}"])


@pytest.mark.parametrize(("coefficient", "key"), [("1.5", "15"), ("3", "3")])
def test_the_excess_by_the_coefficient_is_a_line_of_its_own(coefficient: str, key: str) -> None:
    case = VECTORS["C02"]

    base, excess = by_normative(coefficient)

    assert (base.kind, excess.kind) == (ChargeKind.main, ChargeKind.excess)
    assert base.amount == Decimal(case["base"])
    assert excess.amount == Decimal(case[f"excess{key}"])
    assert base.amount + excess.amount == Decimal(case[f"k{key}"])
    assert excess.coefficient == Decimal(coefficient) - 1


def test_a_coefficient_of_one_makes_no_excess() -> None:
    assert [line.amount for line in by_normative("1")] == [Decimal(VECTORS["C02"]["base"])]


def test_a_coefficient_below_one_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="coefficient"):
        by_normative("0.5")


def test_both_meters_count_in_the_month_of_a_replacement() -> None:
    case = VECTORS["C05"]
    volume = (Decimal("415.300") - Decimal("412.000")) + Decimal("5.120")

    assert str(volume) == case["volume"]
    assert population(str(volume), COLD).amount == Decimal(case["hvs"])


def test_a_reading_after_averages_charges_the_rest() -> None:
    case = VECTORS["C06"]
    volume = Decimal(case["delta"]) - Decimal(case["charged"])

    line = population(str(volume), COLD)

    assert (line.kind, str(line.volume)) == (ChargeKind.main, case["this_month"])
    assert line.amount == Decimal(case["hvs"])


def test_no_use_is_a_charge_of_nothing() -> None:
    line = population("0", COLD)
    assert (line.kind, str(line.amount)) == (ChargeKind.main, "0.00")


def test_averages_above_the_reading_make_a_correction_that_mirrors_the_charge() -> None:
    back, charge = population("-5.2", COLD), population("5.2", COLD)

    assert back.kind is ChargeKind.correction
    assert (back.net, back.vat, back.amount) == (-charge.net, -charge.vat, -charge.amount)


def test_vat_on_top_is_counted_line_by_line() -> None:
    case = VECTORS["C11"]
    lines = [metered_line(Decimal("412.5"), Decimal(price), Decimal(22), VatMode.top) for price in ("34.54", "30.38")]

    assert sum(line.net for line in lines) == Decimal(case["net"])
    assert sum(line.vat for line in lines) == Decimal(case["vat_rows"]) != Decimal(case["vat_total_level"])
    assert sum(line.amount for line in lines) == Decimal(case["gross"])


def test_each_line_takes_the_vat_out_by_its_own_rate() -> None:
    lines = [population("5.373", COLD, 20), population("5.373", COLD, 22)]
    assert [line.vat for line in lines] == [Decimal("37.12"), Decimal("40.16")]


@settings(deadline=None)
@given(
    volume=st.decimals(min_value=-10_000, max_value=10_000, places=3),
    price=st.decimals(min_value=0, max_value=500, places=4),
    rate=st.sampled_from([Decimal(0), Decimal(20), Decimal(22)]),
    mode=st.sampled_from(VatMode),
)
def test_net_and_vat_make_the_amount(volume: Decimal, price: Decimal, rate: Decimal, mode: VatMode) -> None:
    line = metered_line(volume, price, rate, mode)

    priced = line.amount if mode is VatMode.inside else line.net
    assert abs(priced - volume * price) <= Decimal("0.005")
    assert line.net + line.vat == line.amount
    assert line.vat * volume >= 0
