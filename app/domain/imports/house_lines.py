"""The places of houses as the lines of a file: each feature of a GeoJSON file is one, counted from 1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ...models import ImportBatch
from .. import house_places
from ..errors import DomainError
from . import refusals as why
from . import text
from .outcome import Outcome
from .profiles import Profile
from .refusals import FileRefused
from .text import FileFacts, Line

COUNTS = ("placed",)


@dataclass(frozen=True, slots=True)
class GoodPlace:
    line: Line
    feature: dict[str, Any]


def examine(path: Path, profile: Profile) -> FileFacts:
    """The file's lines are its features. Raises FileRefused where it is no text or no GeoJSON."""
    return replace(text.examine(path, profile), lines=len(_features(path)))


def read(path: Path) -> Iterator[tuple[Line, dict[str, Any]]]:
    for number, feature in enumerate(_features(path), 1):
        yield Line(number, house_places.address_of(feature)), feature


def store(session: Session, _batch: ImportBatch, good: Sequence[GoodPlace], done: Outcome) -> None:
    """Give the houses of a chunk their places; what names no house of ours is refused."""
    outcome = house_places.place(session, [each.feature for each in good])
    done.counts["placed"] += outcome.placed
    lost = {id(feature) for feature in outcome.lost}
    for each in good:
        if id(each.feature) in lost:
            done.refuse(each.line, why.NO_HOUSE)


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        return house_places.features(path.read_bytes())
    except DomainError as error:
        raise FileRefused(why.NOT_GEOJSON) from error
