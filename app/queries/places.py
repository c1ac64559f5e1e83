"""Towns and villages that the utility serves."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import House, Locality


def localities(session: Session) -> Sequence[Locality]:
    """By name; a few hundred at most."""
    return session.scalars(select(Locality).order_by(Locality.name).limit(500)).all()


def has_district(session: Session, name: str) -> bool:
    """Whether any house is in a part of the town that is called so."""
    return session.scalar(select(House.id).where(House.district == name).limit(1)) is not None
