"""Numbers in any clothing are read exactly or refused with advice."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.errors import DomainError
from app.domain.numbers import parse_decimal, parse_money, parse_volume

ROUBLES = r"Enter the amount in roubles, for example 1 234,50\."


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234\u2009567,5", "1234567.5"),
        ("  12\n", "12"),
        ("00012", "12"),
        ("１２", "12"),
        ("１２，５", "12.5"),
        ("0", "0"),
        ("0" * 300 + "5", "5"),
    ],
)
def test_what_people_type_is_read_exactly(typed: str, read: str) -> None:
    assert str(parse_money(typed)) == read


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", ",", "5,", ",5", "abc", "12abc", "NaN", "inf", "-inf", "1e309", "1e3", "1E-3", "0x1F", "1_000", "+5",
        "1,234.50", "1.234,50", "1,2,3", "00012 345", "12 34", "1  234", "1\t234", "12, 5", "--1", "- 1", "٣", "१२",
        "12²", "½", "①", "12 ₽", "1'234", "\x00", "1\n234",
    ],
)  # fmt: skip
def test_what_is_not_a_number_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(DomainError, match=ROUBLES):
        parse_money(typed)


def test_without_a_hint_the_advice_is_general() -> None:
    with pytest.raises(DomainError, match="Enter a number in the digits 0 to 9"):
        parse_decimal("ten", places=0, minimum=Decimal(0), maximum=Decimal(9))


@pytest.mark.parametrize("typed", ["1,005", "1,000"])
def test_places_beyond_the_allowed_are_refused_not_rounded(typed: str) -> None:
    with pytest.raises(DomainError, match="no more than 2 digits after the decimal mark"):
        parse_money(typed)


def test_one_place_and_no_place_have_their_own_words() -> None:
    with pytest.raises(DomainError, match="no more than 1 digit after"):
        parse_decimal("1,25", places=1, minimum=Decimal(0), maximum=Decimal(9))
    with pytest.raises(DomainError, match="Enter a whole number"):
        parse_decimal("1,5", places=0, minimum=Decimal(0), maximum=Decimal(9))


@pytest.mark.parametrize("typed", ["-1", "−1", "–1", "－１", "-0,01"])
def test_a_negative_amount_is_refused_with_the_least_allowed(typed: str) -> None:
    with pytest.raises(DomainError, match=r"too small: enter 0 or more\."):
        parse_money(typed)


@pytest.mark.parametrize("typed", ["9" * 40, "1000000000", pytest.param("9" * 5000, id="5000 digits")])
def test_an_amount_beyond_the_limit_is_refused_with_the_limit(typed: str) -> None:
    with pytest.raises(DomainError, match="too large: enter 999\u00a0999\u00a0999,99 or less"):
        parse_money(typed)


def test_both_limits_are_allowed() -> None:
    limits = {"places": 2, "minimum": Decimal("-5.25"), "maximum": Decimal("7.50")}
    assert parse_decimal("-5,25", **limits) == Decimal("-5.25")  # type: ignore[arg-type]
    assert parse_decimal("7,50", **limits) == Decimal("7.50")  # type: ignore[arg-type]


def test_minus_zero_is_zero() -> None:
    assert str(parse_money("-0,00")) == "0.00"


def test_a_reading_has_three_decimals_at_most() -> None:
    assert parse_volume("1 234,567") == Decimal("1234.567")
    with pytest.raises(DomainError, match="no more than 3 digits"):
        parse_volume("1,2345")
    with pytest.raises(DomainError, match="Enter cubic metres as the meter shows them"):
        parse_volume("many")


@settings(deadline=None)
@given(st.text() | st.text(alphabet="0123456789 .,-+eE\u00a0１٣"))
@example("9" * 100_000)
@example("1 " * 10_000)
def test_any_text_gives_a_number_within_the_limits_or_advice(text: str) -> None:
    try:
        value = parse_volume(text)
    except DomainError:
        return
    assert 0 <= value < 10**10
    assert value == round(value, 3)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=999_999_999, places=2))
def test_an_amount_shown_with_spaces_and_a_comma_is_read_back(amount: Decimal) -> None:
    shown = f"{amount:,f}".replace(",", "\u00a0").replace(".", ",")
    assert parse_money(shown) == amount
