"""How the files of banks are read."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import RegistryProfile


def named(session: Session, name: str) -> RegistryProfile | None:
    return session.scalar(select(RegistryProfile).where(RegistryProfile.name == name))


def all_of_them(session: Session) -> Sequence[RegistryProfile]:
    """The first that was added comes first."""
    return session.scalars(select(RegistryProfile).order_by(RegistryProfile.id)).all()
