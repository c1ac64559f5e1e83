"""Where houses stand, out of a GeoJSON file (RFC 7946): points, or outlines and lines, of which the middle is taken.

A feature names its house as OpenStreetMap does: `addr:street`, `addr:housenumber`, and `addr:city` where several towns
have such a street.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ..i18n import _
from ..model_types import Degrees, folded, house_key
from ..models import Street
from ..queries import house_places as queries
from . import addresses
from .errors import DomainError

LONGEST_FILE = 64 * 1024 * 1024
STEP = Decimal(1).scaleb(-Degrees.places)
Point = tuple[Decimal, Decimal]


@dataclass(slots=True)
class Outcome:
    """How many houses have a place now, and which addresses of the file were not understood or are not there."""

    placed: int = 0
    lost: list[dict[str, Any]] = field(default_factory=list)

    @property
    def unknown(self) -> list[str]:
        return [address_of(told) for told in self.lost]


def take_in(session: Session, content: bytes) -> Outcome:
    """Give the houses of a file their places; others keep what they have. Raises DomainError for another file."""
    return place(session, features(content))


def place(session: Session, told_of: Sequence[dict[str, Any]]) -> Outcome:
    """The same for features, as `features` reads them."""
    by_key: dict[tuple[str, ...], list[Street]] = {}
    for each in queries.streets(session):
        by_key.setdefault(addresses.street_key(each.name), []).append(each)
    outcome, found = Outcome(), []
    for told in told_of:
        street, point = _street(by_key, told), _middle(told.get("geometry"))
        number = _said(told, "addr:housenumber")
        if street is None or point is None or not number:
            outcome.lost.append(told)
        else:
            found.append((street.id, house_key(number), point, told))
    houses, points = queries.numbers(session, {each[0] for each in found}), {}
    for street_id, key, point, told in found:
        if (street_id, key) in houses:
            points[houses[street_id, key]] = point
        else:
            outcome.lost.append(told)
    queries.place(session, points)
    outcome.placed = len(points)
    return outcome


def features(content: bytes) -> list[dict[str, Any]]:
    """What a file tells of, each with its properties and geometry. Raises DomainError for another file."""
    try:
        told = json.loads(content, parse_float=Decimal) if len(content) <= LONGEST_FILE else None
        found = told.get("features") if isinstance(told, dict) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise DomainError(_("This is not a GeoJSON file with a collection of features, or it is too large."))
    return [each for each in found if isinstance(each, dict)]


def _street(by_key: dict[tuple[str, ...], list[Street]], told: dict[str, Any]) -> Street | None:
    """The only street of this name, in the town where one is named."""
    town = folded(_said(told, "addr:city"))
    found = by_key.get(addresses.street_key(_said(told, "addr:street")), [])
    same = [street for street in found if not town or folded(street.locality.name) == town]
    return same[0] if len(same) == 1 else None


def _said(told: dict[str, Any], name: str) -> str:
    properties = told.get("properties")
    value = properties.get(name) if isinstance(properties, dict) else None
    return str(value)[:200] if isinstance(value, str | int) else ""


def address_of(told: dict[str, Any]) -> str:
    """The address as the file has it."""
    said = (_said(told, name) for name in ("addr:city", "addr:street", "addr:housenumber"))
    return ", ".join(filter(None, said)) or "?"


def _middle(geometry: Any) -> Point | None:
    """The middle of the places of a geometry, None where there is none on Earth."""
    places = list(_places(geometry.get("coordinates"), 0)) if isinstance(geometry, dict) else []
    if len(places) > 1 and places[0] == places[-1]:
        places.pop()  # a ring ends where it began
    if not places:
        return None
    middle = (sum(x for x, _y in places) / len(places), sum(y for _x, y in places) / len(places))
    longitude, latitude = (Decimal(part).quantize(STEP) for part in middle)
    return longitude, latitude


def _places(found: Any, depth: int) -> Iterator[Point]:
    if not isinstance(found, list) or depth > 4:
        return
    if _is_position(found):
        yield Decimal(found[0]), Decimal(found[1])
        return
    for each in found:
        yield from _places(each, depth + 1)


def _is_position(found: Sequence[Any]) -> bool:
    if len(found) < 2 or not all(isinstance(part, Decimal | int) for part in found[:2]):
        return False
    return bool(abs(found[0]) <= 180 and abs(found[1]) <= 90)
