"""Streets and houses by parts of their names."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from ..model_types import folded
from ..models import House, Locality, Street

MOST_STREETS, MOST_TOWNS, MOST_NAMES = 50, 1000, 20_000


def localities(session: Session) -> dict[str, int]:
    """The towns by their names as search compares them."""
    towns = session.execute(select(Locality.id, Locality.name).limit(MOST_TOWNS))
    return {folded(name): key for key, name in towns}


def streets(session: Session, condition: ColumnElement[bool]) -> Sequence[Street]:
    return session.scalars(
        select(Street)
        .where(condition)
        .options(joinedload(Street.locality))
        .order_by(Street.name_fold, Street.id)
        .limit(MOST_STREETS)
    ).all()


def names(session: Session) -> Sequence[tuple[int, str]]:
    """The keys of streets and their names as search compares them."""
    return [(key, name) for key, name in session.execute(select(Street.id, Street.name_fold).limit(MOST_NAMES))]


def namesakes(session: Session, street: Street) -> int:
    """How many streets have this name, in all towns."""
    return session.scalar(select(func.count()).where(Street.name_fold == street.name_fold)) or 0


def numbered(session: Session, street_ids: Collection[int], key: str | None, *, most: int) -> Sequence[House]:
    """The houses of the streets that have this key; of any where it is None."""
    statement = _on(street_ids)
    return session.scalars((statement if key is None else statement.where(House.number_key == key)).limit(most)).all()


def beginning(session: Session, street_ids: Collection[int], key: str, *, most: int) -> Sequence[House]:
    """The houses of the streets whose keys begin so."""
    within = House.number_key.between(key, key + "\U0010ffff")
    return session.scalars(_on(street_ids).where(within).limit(most)).all()


def _on(street_ids: Collection[int]) -> Select[House]:
    return (
        select(House)
        .join(House.street)
        .where(House.street_id.in_(street_ids))
        .options(joinedload(House.street, innerjoin=True).joinedload(Street.locality, innerjoin=True))
        .order_by(Street.name_fold, Street.id, House.number_key)
    )
