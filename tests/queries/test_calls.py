"""Places by fragments of their address, as an operator types them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.extensions import db
from app.model_types import folded
from app.models import Premises
from app.panel.fragments import contains
from app.panel.values import Unfit
from app.queries import calls
from app.queries.calls import Places
from tests import factories
from tests.conftest import Act
from tests.statements import recorded

Ask = Callable[[str], tuple[list[str], bool]]


def found(session: Session, text: str) -> Places:
    def condition(column, words):  # type: ignore[no-untyped-def]
        try:
            return contains(column, words, db.session.get_bind().dialect.name)
        except Unfit:
            return None

    return calls.places(session, text, area_code="342", contains=condition)


@pytest.fixture
def ask(act: Act) -> Ask:
    """The flats found, and whether the answer is sure."""
    with act() as session:
        for street, house, flats in (("ул. Революции", "21а", ("1", "14", "140", "141")), ("ул. Мира", "14", ("21",))):
            for flat in flats:
                place = factories.premises(session, street=street, house=house, flat=flat)
                factories.account(session, premises=place, number=f"{house.rstrip('а')}{flat:0>4}")
        place = factories.premises(session, street="ул. Лесная", house="3", flat="2")
        account = factories.account(session, premises=place, number="0048213507")
        factories.meter(session, account, serial="17-304561")
        account.customer.phone = "73422019537"

    def run(text: str) -> tuple[list[str], bool]:
        with act() as session:
            places = found(session, text)
            return [_short(place) for place in places.found], places.is_sure

    return run


def _short(place: Premises) -> str:
    return folded(place.address).replace("пермь, ул. ", "").replace("кв. ", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("рев 21а 14", "революции, 21а, 14"),
        ("РЕВ 21А 14", "революции, 21а, 14"),
        ("14 21а рев", "революции, 21а, 14"),
        ("мира 14", "мира, 14, 21"),
        ("лесн 3", "лесная, 3, 2"),
        ("48213507", "лесная, 3, 2"),
        ("17-304561", "лесная, 3, 2"),
        ("201-95-37", "лесная, 3, 2"),
    ],
)
def test_one_place_answers_surely(ask: Ask, text: str, expected: str) -> None:
    flats, is_sure = ask(text)
    assert (flats[0], is_sure) == (expected, True)


def test_the_numbers_that_were_typed_come_before_longer_ones(act: Act, ask: Ask) -> None:
    with act() as session:
        factories.premises(session, street="ул. Революции", house="23", flat="14")
    flats, is_sure = ask("рев 14")
    assert (sorted(flats[:2]), is_sure) == (["революции, 21а, 14", "революции, 23, 14"], False)
    assert sorted(flats[2:]) == ["революции, 21а, 140", "революции, 21а, 141"]


def test_a_flat_that_is_there_is_not_mixed_with_longer_numbers(ask: Ask) -> None:
    assert ask("рев 21а 14") == (["революции, 21а, 14"], True)


def test_several_places_are_listed(ask: Ask) -> None:
    flats, is_sure = ask("рев 21а")
    assert (len(flats), is_sure) == (4, False)


@pytest.mark.parametrize("text", ["", "   ", "нигде 5", "%", "_", "'", "\x00", "1", "!!!", "а" * 500])
def test_anything_may_be_typed(ask: Ask, text: str) -> None:
    assert ask(text)[1] is False


def test_an_address_takes_five_statements(act: Act, ask: Ask) -> None:
    with act() as session, recorded() as statements:
        found(session, "рев 21а 14")
    assert len(statements) <= 5
