"""Search by fragments, as the queries ask for it: the panel's index conditions for the database at work."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from ..extensions import db
from ..panel import fragments
from ..panel.values import Unfit


def contains(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool] | None:
    """The condition that a folded column contains every word; None where the words are too short for an index."""
    try:
        return fragments.contains(column, words, db.session.get_bind().dialect.name)
    except Unfit:
        return None
