"""Where houses stand: what is known of it, and of the houses that works touch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from ..models import House, Locality, Street, WorkRange
from .network_works import COVERS

CHUNK = 500
MOST_NEIGHBOURS = 600


@dataclass(frozen=True, slots=True)
class Placed:
    """A house whose place is known, in degrees."""

    id: int
    number: str
    street_id: int
    street: str
    longitude: Decimal
    latitude: Decimal


_PLACED = (House.id, House.number, House.street_id, Street.name, House.longitude, House.latitude)
_IS_KNOWN = (House.longitude.is_not(None), House.latitude.is_not(None))


def touched(session: Session, work_ids: Collection[int], most: int) -> list[tuple[int, Placed]]:
    """(id of a work, a house that it touches by its ranges), along the streets, at most so many; one statement."""
    rows = session.execute(
        select(WorkRange.work_id, *_PLACED)
        .select_from(WorkRange)
        .join(House, COVERS)
        .join(Street, Street.id == House.street_id)
        .where(WorkRange.work_id.in_(work_ids), *_IS_KNOWN)
        .distinct()
        .order_by(WorkRange.work_id, House.street_id, House.id)
        .limit(most)
    )
    return [(work_id, _placed(house)) for work_id, *house in rows]


def along(session: Session, street_ids: Collection[int]) -> list[Placed]:
    """Houses of the streets."""
    rows = session.execute(
        select(*_PLACED)
        .join(Street, Street.id == House.street_id)
        .where(House.street_id.in_(street_ids), *_IS_KNOWN)
        .order_by(House.street_id, House.number_key)
        .limit(MOST_NEIGHBOURS)
    )
    return [_placed(row) for row in rows]


def _placed(row: Sequence[Any]) -> Placed:
    return Placed(*row)


def streets(session: Session) -> Sequence[Street]:
    """All streets with their towns."""
    return session.scalars(select(Street).join(Locality).options(joinedload(Street.locality, innerjoin=True))).all()


def numbers(session: Session, street_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Ids of the houses by (street, key of the number)."""
    found: dict[tuple[int, str], int] = {}
    ids = sorted(street_ids)
    for start in range(0, len(ids), CHUNK):
        rows = select(House.street_id, House.number_key, House.id).where(
            House.street_id.in_(ids[start : start + CHUNK])
        )
        found |= {(street_id, key): house_id for street_id, key, house_id in session.execute(rows)}
    return found


def place(session: Session, points: Mapping[int, tuple[Decimal, Decimal]]) -> None:
    """Write (longitude, latitude) by the ids of the houses."""
    table: Table = House.__table__  # type: ignore[assignment]
    statement = update(table).where(table.c.id == bindparam("of"))
    values: dict[str, Any] = {"longitude": bindparam("x"), "latitude": bindparam("y")}
    if points:
        session.execute(statement.values(values), [{"of": key, "x": x, "y": y} for key, (x, y) in points.items()])
        session.expire_all()
