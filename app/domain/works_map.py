"""A map of works drawn from the places of houses alone: no foreign tiles, nothing asked of anybody.

Places are put on a plane for the few kilometres of a town; the unit is that of the drawing, `WIDTH` across.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians

from sqlalchemy.orm import Session

from ..models import NetworkWork
from ..queries import house_places as queries
from ..queries.house_places import Placed

WIDTH, LOWEST, HIGHEST, EDGE = 1000, 420, 720, 70
MOST_HOUSES = 2000
MOST_NUMBERS = 60
"""More numbers of houses would lie one over another."""
NAME, STEP, ABOVE = 200, 52, 60
"""Room for the name of a street, between marks, and from a mark to its house."""
SMALLEST = 0.002
"""A map of one house shows so many degrees around it, some 200 metres."""


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    label: str
    is_touched: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A work above one of its houses; `number` is its number in the list under the map."""

    x: int
    y: int
    house: tuple[int, int]
    number: int
    work: NetworkWork


@dataclass(frozen=True, slots=True)
class Name:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    dots: Sequence[Dot]
    names: Sequence[Name]
    marks: Sequence[Mark]


def of_works(session: Session, works: Sequence[NetworkWork]) -> Drawing | None:
    """The works whose houses have known places, numbered as they stand; None where no place is known."""
    touched = queries.touched(session, [work.id for work in works], MOST_HOUSES)
    if not touched:
        return None
    houses = {house.id: house for _work_id, house in touched}
    plane = _Plane(houses.values())
    near = [house for house in queries.along(session, {each.street_id for each in houses.values()}) if plane.has(house)]
    shown = {house.id: house for house in (*near, *houses.values())}
    has_numbers = len(shown) <= MOST_NUMBERS
    dots = [
        Dot(*plane.at(house), house.number if has_numbers else "", is_touched=house.id in houses)
        for house in shown.values()
    ]
    numbers = {work.id: (number, work) for number, work in enumerate(works, 1)}
    names = list(_names(plane, shown.values(), houses.keys()))
    return Drawing(WIDTH, plane.height, dots, names, list(_marks(plane, touched, numbers)))


def _names(plane: "_Plane", houses: Iterable[Placed], touched: Collection[int]) -> Iterable[Name]:
    """The name of each street over an end of it, the one that no work touches if there is one."""
    streets: dict[int, list[Placed]] = {}
    for house in sorted(houses, key=plane.at):
        streets.setdefault(house.street_id, []).append(house)
    for ends in streets.values():
        is_right = ends[0].id in touched and ends[-1].id not in touched
        x, y = plane.at(ends[-1] if is_right else ends[0])
        yield Name(max(min(x - NAME * is_right, WIDTH - NAME), 0), max(y - 26, 24), ends[0].street)


def _marks(
    plane: "_Plane", touched: Sequence[tuple[int, Placed]], numbers: Mapping[int, tuple[int, NetworkWork]]
) -> Iterable[Mark]:
    """Each work at the house in the middle of its houses; marks that would lie one over another stand side by side."""
    of: dict[int, list[Placed]] = {}
    for work_id, house in touched:
        of.setdefault(work_id, []).append(house)
    taken: set[tuple[int, int]] = set()
    for work_id, houses in of.items():
        house = plane.at(sorted(houses, key=plane.at)[len(houses) // 2])
        x, y = round(house[0] / STEP) * STEP, max(round((house[1] - ABOVE) / STEP) * STEP, STEP)
        while (x, y) in taken:
            x += STEP
        taken.add((x, y))
        yield Mark(x, y, house, *numbers[work_id])


class _Plane:
    """Degrees to units: the works' houses fill the drawing, north is up."""

    def __init__(self, houses: Iterable[Placed]) -> None:
        known = list(houses)
        self._narrowing = cos(radians(float(known[0].latitude)))
        spots = [self._flat(house.longitude, house.latitude) for house in known]
        self._left, right = _span([x for x, _y in spots])
        bottom, self._top = _span([y for _x, y in spots])
        inner = WIDTH - 2 * EDGE
        self._scale = min(inner / (right - self._left), (HIGHEST - 2 * EDGE) / (self._top - bottom))
        self._indent = (inner - (right - self._left) * self._scale) / 2
        self.height = max(round((self._top - bottom) * self._scale) + 2 * EDGE, LOWEST)
        self._drop = (self.height - 2 * EDGE - (self._top - bottom) * self._scale) / 2

    def _flat(self, longitude: Decimal, latitude: Decimal) -> tuple[float, float]:
        return float(longitude) * self._narrowing, float(latitude)

    def at(self, house: Placed) -> tuple[int, int]:
        x, y = self._flat(house.longitude, house.latitude)
        across, down = (x - self._left) * self._scale, (self._top - y) * self._scale
        return round(EDGE + self._indent + across), round(EDGE + self._drop + down)

    def has(self, house: Placed) -> bool:
        x, y = self.at(house)
        return 0 < x < WIDTH and 0 < y < self.height


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the largest, SMALLEST apart at least."""
    low, high = min(values), max(values)
    missing = max(SMALLEST - (high - low), 0) / 2
    return low - missing, high + missing


# for other programs -------------------------------------------------------------------------------------


def geojson(session: Session, works: Sequence[NetworkWork], link: str) -> dict[str, object]:
    """The works as a FeatureCollection (RFC 7946), one feature each with the places of its houses; a work whose places
    are not known, or that touches all houses, has no geometry. `link` is the address of a work's page but its key."""
    of: dict[int, list[list[float]]] = {}
    for work_id, house in queries.touched(session, [work.id for work in works], MOST_HOUSES):
        of.setdefault(work_id, []).append([float(house.longitude), float(house.latitude)])
    return {"type": "FeatureCollection", "features": [_feature(work, of.get(work.id), link) for work in works]}


def _feature(work: NetworkWork, places: list[list[float]] | None, link: str) -> dict[str, object]:
    moments = ("starts_at", "ends_at", "no_water_from", "no_water_to")
    return {
        "type": "Feature",
        "id": work.id,
        "geometry": {"type": "MultiPoint", "coordinates": places} if places else None,
        "properties": {
            "title": work.title,
            "kind": work.kind.value,
            "is_planned": work.is_planned,
            "is_everywhere": work.is_everywhere,
            "addresses": work.addresses,
            "roads": work.roads,
            "url": f"{link}{work.id}",
            **{name: value.isoformat() if (value := getattr(work, name)) else None for name in moments},
        },
    }
