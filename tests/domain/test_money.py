"""Roubles are rounded half-up, VAT is taken out or added, parts add up to the total."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import KOPECK, kopecks, split, vat_inside, vat_on_top

amounts = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2)
rates = st.sampled_from([Decimal(0), Decimal(10), Decimal(20), Decimal(22)])
weights = st.lists(st.decimals(min_value=0, max_value=1_000_000, places=3), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("7", "7.00"),
    ],
)
def test_halves_of_a_kopeck_go_away_from_zero(amount: str, rounded: str) -> None:
    assert str(kopecks(Decimal(amount))) == rounded


def test_vat_is_taken_out_of_a_gross_amount() -> None:
    assert vat_inside(Decimal("532.28"), Decimal(20)) == Decimal("88.71")
    assert vat_inside(Decimal("532.28"), Decimal(22)) == Decimal("95.98")


def test_vat_is_added_to_a_net_amount() -> None:
    assert vat_on_top(Decimal("14247.75"), Decimal(22)) == Decimal("3134.51")


@settings(deadline=None)
@given(net=amounts, rate=rates)
def test_vat_put_on_top_is_found_inside_to_the_kopeck(net: Decimal, rate: Decimal) -> None:
    vat = vat_on_top(net, rate)
    assert abs(vat_inside(net + vat, rate) - vat) <= KOPECK


@settings(deadline=None)
@given(gross=amounts, rate=rates)
def test_vat_of_a_correction_mirrors_the_vat_of_the_charge(gross: Decimal, rate: Decimal) -> None:
    assert vat_inside(-gross, rate) == -vat_inside(gross, rate)


def test_the_kopeck_left_over_goes_to_the_largest_remainder() -> None:
    assert split(Decimal("0.05"), [Decimal(3), Decimal(7)]) == [Decimal("0.02"), Decimal("0.03")]
    assert split(Decimal("100.00"), [Decimal(1), Decimal(4), Decimal(1)]) == [
        Decimal("16.67"),
        Decimal("66.67"),
        Decimal("16.66"),
    ]


@settings(deadline=None)
@given(total=amounts, weights=weights)
def test_parts_add_up_and_each_is_within_a_kopeck_of_its_share(total: Decimal, weights: list[Decimal]) -> None:
    parts = split(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < KOPECK
        assert part == kopecks(part)


@settings(deadline=None)
@given(total=amounts, weights=weights)
def test_a_refund_is_divided_as_its_payment_was(total: Decimal, weights: list[Decimal]) -> None:
    assert split(-total, weights) == [-part for part in split(total, weights)]


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", ["0", "0"]), ("1.00", ["2", "-1"]), ("1.005", ["1"])],
    ids=["no weights", "zero weights", "a negative weight", "half a kopeck"],
)
def test_what_cannot_be_divided_is_a_mistake_of_the_caller(total: str, weights: list[str]) -> None:
    with pytest.raises(ValueError, match=r"kopecks|weights"):
        split(Decimal(total), [Decimal(weight) for weight in weights])
