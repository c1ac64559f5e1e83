"""Towns and villages that the utility serves."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Locality


def localities(session: Session) -> Sequence[Locality]:
    """By name; a few hundred at most."""
    return session.scalars(select(Locality).order_by(Locality.name).limit(500)).all()
