"""Values that stand in the text of a statement, not beside it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute


def one_of(column: InstrumentedAttribute[Any] | ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (…)` or `column = …` of words of our own, never of somebody else's: word for word as the partial index
    says that serves it (SQLite compares the texts), and without SQLAlchemy's writing a list of parameters into the text
    anew at each execution."""
    words: list[ColumnElement[Any]] = [literal_column(f"'{value}'") for value in values]
    return column == words[0] if len(words) == 1 else column.in_(words)
