"""Values that stand in the text of a statement, not beside it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute


def one_of(column: InstrumentedAttribute[Any] | ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (…)` of words of our own, never of somebody else's: as the partial index says that serves it, and
    without SQLAlchemy's writing a list of parameters into the text anew at each execution."""
    return column.in_([literal_column(f"'{value}'") for value in values])
