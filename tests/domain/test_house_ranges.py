"""Ranges of houses: what clerks type, which houses are meant, and that the database says the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain import house_ranges
from app.domain.errors import DomainError
from app.domain.house_ranges import HouseRange
from app.model_types import HOUSE_KEY, house_key
from app.models import House, HouseSide, Street, WorkRange
from app.queries import network_works
from tests import factories

PLAIN = st.builds("{}{}".format, st.integers(1, 130), st.sampled_from(["", "а", "б", "/2"]))


@st.composite
def ranges(draw: Any) -> HouseRange:
    first, last = sorted((draw(PLAIN), draw(PLAIN)), key=house_key)
    side = draw(st.sampled_from(HouseSide))
    found = HouseRange(side, first, last)
    return found if first != last or found.covers(first) else HouseRange(side)


def test_houses_stand_in_the_order_of_their_street() -> None:
    street = ["1", "2", "2/1", "2/10", "2а", "2б", "9", "10", "21", "21/2", "21а", "100"]
    assert sorted({*street}, key=house_key) == street
    assert house_key("б/н") < house_key("1")


@pytest.mark.parametrize(
    "same",
    [("8а", "8А", "8 а", "8-а", "8A", "8a"), ("21к2", "21 корп. 2", "21 К. 2", "21корпус2"), ("5с1", "5 стр. 1")],
)
def test_a_number_is_one_however_it_is_written(same: tuple[str, ...]) -> None:
    assert len({house_key(number) for number in same}) == 1


def test_numbers_that_differ_have_keys_that_differ() -> None:
    numbers = ("35", "3-5", "3/5", "3к5", "35а", "3", "5")
    assert len({house_key(number) for number in numbers}) == len(numbers)


@given(st.text(max_size=20))
def test_any_text_has_a_key_that_fits(number: str) -> None:
    assert len(house_key(number)) <= HOUSE_KEY


@pytest.mark.parametrize(
    ("typed", "numbers", "others"),
    [
        ("60–98", ["60", "60а", "77", "97/2", "98"], ["59", "59а", "98а", "98/2", "100"]),
        ("60-98 чётные", ["60", "60а", "98"], ["61", "61а", "77"]),
        ("нечетные", ["1", "77/2", "99999"], ["2", "б/н"]),
        ("чет. сторона", ["2", "8а"], ["7а"]),
        ("21а", ["21а", "21А", "21 а"], ["21", "21б", "21/2"]),
        ("21/2", ["21/2"], ["21", "21а"]),
        ("21-25б, 101", ["21", "24", "25б", "101"], ["25в", "26", "102"]),
        ("с 5 по 9", ["5", "9"], ["10"]),
        ("д. 8", ["8"], ["8а"]),
        ("вся улица", ["1", "б/н", "500а"], []),
    ],
)
def test_clerks_words_mean_these_houses(typed: str, numbers: list[str], others: list[str]) -> None:
    found = house_ranges.numbers_of(typed)
    assert found is not None
    assert [number for number in numbers if not any(each.covers(number) for each in found)] == []
    assert [number for number in others if any(each.covers(number) for each in found)] == []


@pytest.mark.parametrize("typed", ["", "60–", "–98", "abc", "60–98–99", "1 2 3", "60 рядом", "1;2", "12345678"])
def test_what_nobody_understands_is_no_range(typed: str) -> None:
    assert house_ranges.numbers_of(typed) is None


@pytest.mark.parametrize("typed", ["98–60", "21б–21а", "7 чётные"])
def test_a_range_of_no_houses_is_refused_with_advice(typed: str) -> None:
    with pytest.raises(DomainError):
        house_ranges.numbers_of(typed)


@given(st.lists(ranges(), min_size=1, max_size=5))
def test_what_is_shown_is_read_again(known: list[HouseRange]) -> None:
    text = house_ranges.words("ул. 25 Октября", known)
    assert ("ул. 25 Октября", known) in list(house_ranges.readings(text))


@pytest.mark.parametrize(
    ("line", "likeliest"),
    [
        ("куйбышева 28-52 чет", ("куйбышева", "28–52 чётные")),
        ("ул. Куйбышева, 28–52 (чётная сторона)", ("ул. Куйбышева", "28–52 чётные")),
        ("ул. 25 Октября 10", ("ул. 25 Октября", "10")),
        ("ул. 1-я Красноармейская: нечётные", ("ул. 1-я Красноармейская", "нечётные")),
        ("ул. Мира", ("ул. Мира", "вся улица")),
        ("57", ("", "57")),
    ],
)
def test_a_line_is_a_street_and_its_houses(line: str, likeliest: tuple[str, str]) -> None:
    name, found = next(house_ranges.readings(line))
    assert (name, ", ".join(map(str, found))) == likeliest


def test_the_database_says_of_houses_what_the_rule_says(act: Any) -> None:
    known = [f"{number}{letter}" for number in range(1, 31) for letter in ("", "а", "/2", "к2")] + ["б/н", "3-5"]
    asked = [HouseRange(side) for side in HouseSide] + [
        HouseRange(side, first, last)
        for side in HouseSide
        for first, last in (("5", "5"), ("5", "5а"), ("5а", "14"), ("9", "21/2"), ("14/2", "14к2"), ("6", "30к2"))
    ]
    with act() as session:
        factories.premises(session, street="ул. Другая", house="5")
        street = Street(locality=session.scalars(select(Street)).one().locality, name="ул. Длинная")
        session.add_all(House(street=street, number=number, label=f"ул. Длинная, {number}") for number in known)
        session.flush()
        for each in asked:
            row = factories.work_range(session, "ул. Длинная")
            row.side, row.first_key, row.last_key = each.side, each.first_key, each.last_key
            work = factories.work(session, ranges=[row], is_everywhere=False)
            found = set(session.scalars(select(House.number).where(House.id.in_(network_works.house_ids(work)))))
            assert found == {number for number in known if each.covers(number)}, each
            assert network_works.has_houses(session, row) is bool(found)
        assert session.scalar(select(WorkRange.id).limit(1)) is not None
