"""Addresses as people write them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.domain import addresses
from app.models import House, Locality, Street
from app.views.fragments import contains
from tests import factories
from tests.conftest import Act
from tests.statements import recorded

HOUSES = (
    ("ул. Революции", "21а"),
    ("ул. Революции", "21"),
    ("ул. Революции", "121а"),
    ("ул. Королёва", "5"),
    ("Комсомольский проспект", "45а"),
    ("ул. 25 Октября", "10"),
    ("ул. 1-я Красноармейская", "3"),
    ("бульвар Гагарина", "101/2"),
    ("ул. Лебедева", "21а"),
)
Ask = Callable[[str], list[str]]


@pytest.fixture
def ask(act: Act) -> Ask:
    with act() as session:
        for street, house in HOUSES:
            factories.premises(session, street=street, house=house)

    def run(text: str) -> list[str]:
        with act() as session:
            return [house.label for house in addresses.houses(session, text, contains, most=25)]

    return run


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("рев 21а", "ул. Революции, 21а"),
        ("РЕВ 21А", "ул. Революции, 21а"),
        ("рев 21 а", "ул. Революции, 21а"),
        ("улица революции дом 21а кв. 14", "ул. Революции, 21а"),
        ("рев 21а 14", "ул. Революции, 21а"),
        ("ул революции,д.21а,кв14", "ул. Революции, 21а"),
        ("рев 21a", "ул. Революции, 21а"),
        ("21а революции", "ул. Революции, 21а"),
        ("Пермь, ул. Революции, 21а", "ул. Революции, 21а"),
        ("пермь революции 21а", "ул. Революции, 21а"),
        ("королева 5", "ул. Королёва, 5"),
        ("комсом пр-т 45а", "Комсомольский проспект, 45а"),
        ("25 октября 10", "ул. 25 Октября, 10"),
        ("красноармейская 1-я 3", "ул. 1-я Красноармейская, 3"),
        ("б-р гагарина 101/2", "бульвар Гагарина, 101/2"),
        ("гагарина 101", "бульвар Гагарина, 101/2"),
    ],
)
def test_a_house_is_found_however_its_address_is_written(ask: Ask, text: str, label: str) -> None:
    assert ask(text) == [label]


def test_a_street_alone_finds_its_houses_in_their_order(ask: Ask) -> None:
    assert ask("революции") == ["ул. Революции, 21", "ул. Революции, 21а", "ул. Революции, 121а"]


@pytest.mark.parametrize("text", ["", " ", ",", "21а", "рев 999", "волюц 21а", "нигде 5", "ул.", "%", "'", "к" * 500])
def test_what_is_no_address_finds_nothing(ask: Ask, text: str) -> None:
    assert ask(text) == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("рев 999", ["ул. Революции, 21", "ул. Революции, 21а", "ул. Революции, 121а"]),
        ("рив 21а", ["ул. Революции, 21а"]),
        ("ривалюции 21", ["ул. Революции, 21"]),
        ("ул. ливедева 3", ["ул. Лебедева, 21а"]),
        ("гогарина", ["бульвар Гагарина, 101/2"]),
        ("нигде 5", []),
        ("21а", []),
        ("ул.", []),
        ("", []),
    ],
)
def test_an_address_that_finds_nothing_offers_what_is_alike(act: Act, ask: Ask, text: str, labels: list[str]) -> None:
    with act() as session:
        assert [house.label for house in addresses.likely(session, text, contains, most=25)] == labels


def test_a_town_before_the_comma_tells_streets_of_one_name_apart(act: Any) -> None:
    with act() as session:
        factories.premises(session, street="ул. Ленина", house="5")
        town = Locality(name="Краснокамск")
        session.add(House(street=Street(locality=town, name="ул. Ленина"), number="5", label="ул. Ленина, 5"))
        session.flush()
        assert len(addresses.streets(session, "ленина", contains)) == 2
        found = addresses.streets(session, "краснокамск, ленина", contains)
        assert [street.locality.name for street in found] == ["Краснокамск"]


def test_the_kind_of_a_street_and_its_whole_name_decide(act: Any) -> None:
    with act() as session:
        for name in ("ул. Мира", "проспект Мира", "ул. Мира Новая"):
            factories.premises(session, street=name)
        asked = {"мира": 2, "ул мира": 1, "пр-т Мира": 1, "мира новая": 1, "ми": 3}
        assert {text: len(addresses.streets(session, text, contains)) for text in asked} == asked
        assert session.scalar(select(Street.id).limit(1)) is not None


def test_an_address_full_of_numbers_asks_the_database_little(ask: Ask) -> None:
    with recorded() as statements:
        assert ask("ленина " + " ".join(map(str, range(1, 40)))) == []
    assert len(statements) < 30
