"""Numbers of people and firms: forms and check digits."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.ru import inn as stdnum_inn

from app.domain.errors import DomainError
from app.domain.identifiers import IN_BANK, PLAIN, check, phone

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/identifiers.json").read_text("utf-8"))


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet="0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['t']} {case['v']}")
def test_every_vector_is_judged_as_known(case: dict[str, Any]) -> None:
    assert check(case["t"], case["v"], case.get("bik")) is case["ok"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("inn", "500100732259"),
        ("ogrn", "1027700132195"),
        ("ogrnip", "304500116000157"),
        ("ogrnip", "304590200000030"),
        ("kpp", "5902AZ001"),
        ("bik", "045773603"),
        ("snils", "112-233-445 95"),
        ("snils", "11223344595"),
        ("snils", "112-233-199 00"),
        ("snils", "112-233-289 00"),
        ("snils", "112-699-998 00"),
        ("els", "10АБ123456"),
        ("els", "10ab123456"),
        ("jku", "10АБ123456-01"),
    ],
)
def test_right_numbers_pass(kind: str, value: str) -> None:
    assert check(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("kpp", "5902az001"),
        ("kpp", "59020100"),
        ("bik", "04577360"),
        ("bik", "04577360A"),
        ("snils", "112 233 445 95"),
        ("snils", "112-233-44595"),
        ("els", "10Ё0123456"),
        ("els", "10АБ12345"),
        ("jku", "10АБ123456"),
        ("inn", "5902817382 "),
        ("inn", "5902817382\n"),
        ("bik", "045773603\n"),
        ("ogrn", "304500116000157"),
    ],
)
def test_wrong_forms_do_not_pass(kind: str, value: str) -> None:
    assert not check(kind, value)


@pytest.mark.parametrize(
    ("kind", "length"),
    [("inn", 10), ("inn", 12), ("ogrn", 13), ("ogrnip", 15), ("snils", 11), ("account", 20), ("corr", 20)],
)
def test_all_zeros_do_not_pass(kind: str, length: int) -> None:
    assert not check(kind, "0" * length, "000000000")


@pytest.mark.parametrize("kind", [*PLAIN, *IN_BANK])
@pytest.mark.parametrize(
    "value", ["", "abc", "1" * 300, "1" * 10_000, "٥٩٠٢٨١٧٣٨٢", "５９０２８１７３８２", "²²²²²²²²²²", "-1", "\x00"]
)
def test_any_text_may_be_asked_about(kind: str, value: str) -> None:
    assert not check(kind, value, "045773603")


@pytest.mark.parametrize("bik", [None, "", "04577360", "٠٤٥٧٧٣٦٠٣", "1" * 300])
def test_an_account_is_not_right_without_a_right_bik(bik: str | None) -> None:
    assert not check("corr", "30101810900000000603", bik)


@settings(deadline=None)
@given(digits(9), st.integers(0, 9))
def test_one_firms_inn_in_ten_is_right_and_an_independent_check_agrees(start: str, last: int) -> None:
    value = f"{start}{last}"
    assert check("inn", value) is (stdnum_inn.is_valid(value) and value != "0" * 10)


@settings(deadline=None)
@given(digits(10))
def test_each_start_has_one_persons_inn(start: str) -> None:
    right = [f"{start}{end:02}" for end in range(100) if check("inn", f"{start}{end:02}")]
    assert right == ([start + stdnum_inn.calc_personal_check_digits(start)] if start.strip("0") else [])


@settings(deadline=None)
@given(digits(20).filter(lambda text: text.strip("0")), st.integers(0, 19), st.sampled_from([*IN_BANK]))
def test_a_slip_in_any_one_digit_of_an_account_is_noticed(value: str, at: int, kind: str) -> None:
    variants = [value[:at] + digit + value[at + 1 :] for digit in "0123456789"]
    right = [variant for variant in variants if check(kind, variant, "045773603")]
    assert len(right) == 1 or not variants[0].strip("0")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("201-95-37", "73422019537"),
        ("8 (342) 201-95-37", "73422019537"),
        ("+7 (342) 201-95-37", "73422019537"),
        ("+7\u00a0342\u00a02019537", "73422019537"),
        ("7 912 345 67 89", "79123456789"),
        ("912.345.67.89", "79123456789"),
        ("８９１２３４５６７８９", "79123456789"),
        ("+44 20 7946 0958", "442079460958"),
    ],
)
def test_a_phone_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert phone(typed) == stored


def test_the_local_prefix_is_the_utilitys_own() -> None:
    assert phone("201-95-37", local="343") == "73432019537"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "12345",
        "0123456",
        "+7 912 345 67 8",
        "+7 912 345 67 890",
        "81234567890123",
        "1" * 300,
        "٣٤٢٢٠١٩٥٣٧",
        "+++",
        "201-95-37 доб. 5",
    ],
)
def test_what_is_not_a_phone_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(DomainError, match=r"Enter the phone with its code, for example \+7 342 201-95-37"):
        phone(typed)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="0123456789+-() "))
def test_any_text_gives_digits_that_stay_the_same_or_advice(text: str) -> None:
    try:
        stored = phone(text)
    except DomainError:
        return
    assert stored.isdecimal()
    assert len(stored) <= 15
    assert phone(f"+{stored}") == stored
