"""Where houses stand, out of GeoJSON; and how their places are drawn."""

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import house_places, records, works_map
from app.domain.errors import DomainError
from app.models import House
from tests import factories


@pytest.fixture
def session(act: Any) -> Any:
    with act() as session:
        for street, house in (("ул. Ленина", "8а"), ("ул. Ленина", "9"), ("проспект Мира", "3")):
            factories.premises(session, street=street, house=house)
        yield session


def feature(street: str, house: str, coordinates: Any, kind: str = "Point", **more: str) -> dict[str, Any]:
    properties = {"addr:street": street, "addr:housenumber": house, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def taken(session: Session, *features: Any) -> house_places.Outcome:
    return house_places.take_in(session, json.dumps({"type": "FeatureCollection", "features": features}).encode())


def places(session: Session) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    return {house.label: (house.longitude, house.latitude) for house in session.scalars(select(House))}


def test_houses_are_found_as_other_maps_spell_them_and_outlines_give_their_middle(session: Session) -> None:
    ring = [[[56.0, 58.0], [56.2, 58.0], [56.2, 58.2], [56.0, 58.2], [56.0, 58.0]]]
    outcome = taken(
        session,
        feature("улица Ленина", "8А", [56.2400001, 58.01], **{"addr:city": "Пермь"}),
        feature("Мира проспект", "3", ring, "Polygon"),
    )
    assert (outcome.placed, outcome.unknown) == (2, [])
    assert places(session) == {
        "ул. Ленина, 8а": (Decimal("56.240000"), Decimal("58.010000")),
        "ул. Ленина, 9": (None, None),
        "проспект Мира, 3": (Decimal("56.100000"), Decimal("58.100000")),
    }


def test_what_is_not_there_or_not_on_earth_is_told_and_changes_nothing(session: Session) -> None:
    outcome = taken(
        session,
        feature("ул. Ленина", "77", [56, 58]),
        feature("ул. Нигде", "1", [56, 58]),
        feature("ул. Ленина", "9", [560, 58]),
        feature("ул. Ленина", "8а", [56, 58], **{"addr:city": "Кунгур"}),
        {"type": "Feature", "properties": None, "geometry": None},
        7,
    )
    assert outcome.placed == 0
    assert outcome.unknown == ["ул. Нигде, 1", "ул. Ленина, 9", "Кунгур, ул. Ленина, 8а", "?", "ул. Ленина, 77"]
    assert set(places(session).values()) == {(None, None)}


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"type": "FeatureCollection"}', b"[" * 10_000], ids=str)
def test_another_file_is_refused(session: Session, content: bytes) -> None:
    with pytest.raises(DomainError):
        house_places.take_in(session, content)


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [("58", None, "longitude"), ("91", "56", "latitude"), ("58", "181", "longitude")],
)
def test_a_place_that_cannot_be_is_not_kept(session: Session, latitude: str, longitude: str | None, field: str) -> None:
    house = session.scalars(select(House)).first()
    assert house is not None
    house.latitude, house.longitude = Decimal(latitude), Decimal(longitude) if longitude else None
    with session.no_autoflush, pytest.raises(DomainError) as refused:
        records.house(session, house)
    assert refused.value.field == field


def test_the_map_has_north_above_and_both_ways_one_scale(session: Session) -> None:
    south, north, east = session.scalars(select(House).order_by(House.id)).all()
    for house, x, y in ((south, "56.0", "58.00"), (north, "56.0", "58.01"), (east, "56.01", "58.00")):
        house.longitude, house.latitude = Decimal(x), Decimal(y)
    work = factories.work(session, "Всё", streets=["ул. Ленина", "проспект Мира"])
    drawing = works_map.of_works(session, [work])
    assert drawing is not None
    at = {dot.label: (dot.x, dot.y) for dot in drawing.dots}
    assert at["8а"][0] == at["9"][0]
    assert at["9"][1] < at["8а"][1] == at["3"][1]
    across, down = at["3"][0] - at["8а"][0], at["8а"][1] - at["9"][1]
    assert across / down == pytest.approx(0.53, abs=0.01)  # a degree of longitude at 58° is cos 58° of one of latitude
    assert all(0 <= dot.x <= drawing.width and 0 <= dot.y <= drawing.height for dot in drawing.dots)
    assert {name.text for name in drawing.names} == {"ул. Ленина", "проспект Мира"}


def test_two_works_at_one_house_have_two_marks(session: Session) -> None:
    for house in session.scalars(select(House)):
        house.longitude, house.latitude = Decimal("56.24"), Decimal("58.01")
    works = [factories.work(session, f"{n}", streets=["ул. Ленина"]) for n in range(3)]
    drawing = works_map.of_works(session, works)
    assert drawing is not None
    assert len({(mark.x, mark.y) for mark in drawing.marks}) == 3
