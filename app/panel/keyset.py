"""Pages by key: where a page begins is the last row before it, so that page 40,000 costs what page 1 costs.

Rows stand in the order (column, primary key), both in one direction; rows without a value stand after all others
ascending, before them descending. They are read as a part of their own, because `… OR column IS NULL` would walk the
index from its start.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from .values import Unfit, coerce

LONGEST_TOKEN = 3000


@dataclass(frozen=True, slots=True)
class Order:
    """A column that an index leads with, the primary key, the direction.

    `is_sorted`: the rows are known to be few and are sorted when found. The planner takes fragments for more frequent
    than they are and would walk the index of the order through the whole table.
    """

    column: InstrumentedAttribute[Any]
    key: InstrumentedAttribute[Any]
    is_descending: bool = False
    is_sorted: bool = False

    @property
    def is_by_key(self) -> bool:
        return self.column.key == self.key.key

    @property
    def may_be_empty(self) -> bool:
        return bool(self.column.property.columns[0].nullable)

    def terms(self) -> list[Any]:
        """What a statement is ordered by."""
        return _directed([self.key] if self.is_by_key else [self.column, self.key], self)

    def turned(self) -> "Order":
        return replace(self, is_descending=not self.is_descending)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after a row, before a row (`row` is its value and key), or at the very end."""

    way: str  # after, before, last
    row: tuple[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page and the positions of its neighbours; None where there is no such page."""

    rows: list[Any]
    previous: Position | None
    next: Position | None

    @property
    def is_whole(self) -> bool:
        """Whether these rows are all there are."""
        return self.previous is None and self.next is None


def encode(order: Order, position: Position) -> str:
    """The position as a word for an address. A foreign one only becomes a bound value, so it is not signed."""
    row = [None if value is None else _plain(value) for value in position.row or ()]
    plain = json.dumps([position.way, order.column.key, order.is_descending, *row], ensure_ascii=False)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode(order: Order, token: str) -> Position | None:
    """The position, or None for a word that is damaged or belongs to another order."""
    try:
        if len(token) > LONGEST_TOKEN:
            return None
        way, column, is_descending, *row = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
        if (column, is_descending) != (order.column.key, order.is_descending) or way not in ("after", "before", "last"):
            return None
        if way == "last":
            return Position(way)
        value, key = row
        if key is None:
            return None
        return Position(way, (_typed(order.column, value), _typed(order.key, key)))
    except (ValueError, TypeError, RecursionError):
        return None


def read(session: Session, statement: Select[Any], order: Order, position: Position | None, size: int) -> Page:
    """One page of the statement's rows: one SQL statement, two where the page crosses into empty values."""
    is_backwards = position is not None and position.way in ("before", "last")
    run = order.turned() if is_backwards else order
    rows = _fetch(session, statement, run, position.row if position else None, size + 1)
    has_more = len(rows) > size
    rows = rows[:size]
    if is_backwards:
        rows.reverse()
    came_from = position is not None and position.way != "last"
    before, after = (has_more, came_from) if is_backwards else (came_from, has_more)
    return Page(
        rows,
        Position("before", _row(order, rows[0])) if before and rows else None,
        Position("after", _row(order, rows[-1])) if after and rows else None,
    )


def _fetch(
    session: Session, statement: Select[Any], order: Order, start: tuple[Any, Any] | None, limit: int
) -> list[Any]:
    rows: list[Any] = []
    for condition, sort in _parts(order, start):
        part = statement.where(*condition).order_by(*sort).limit(limit - len(rows))
        rows += session.scalars(part).all()
        if len(rows) == limit:
            break
    return rows


def _parts(order: Order, start: tuple[Any, Any] | None) -> list[tuple[list[ColumnElement[bool]], list[Any]]]:
    """Conditions and order of each run of rows, in their sequence: rows with a value, rows without."""
    column, key = order.column, order.key
    with_value = (_beyond(order, start) if start and start[0] is not None else [], order.terms())
    if order.is_by_key or not order.may_be_empty:
        return [with_value]
    filled = ([column.is_not(None), *with_value[0]], with_value[1])
    in_empty = start is not None and start[0] is None
    empty = ([column.is_(None), *(_beyond(replace(order, column=key), start) if in_empty else [])],)
    parts = [filled, (*empty, _directed([key], order))]
    if order.is_descending:
        parts.reverse()
    is_past_first = in_empty != order.is_descending and start is not None
    return parts[1:] if is_past_first else parts


def _beyond(order: Order, start: tuple[Any, Any] | None) -> list[ColumnElement[bool]]:
    assert start is not None
    if order.is_by_key:
        return [order.key < start[1] if order.is_descending else order.key > start[1]]
    here, there = tuple_(order.column, order.key), tuple_(start[0], start[1])
    return [here < there if order.is_descending else here > there]


def _directed(columns: Sequence[Any], order: Order) -> list[Any]:
    terms = [func.coalesce(column, column) if order.is_sorted else column for column in columns]
    return [term.desc() if order.is_descending else term.asc() for term in terms]


def _row(order: Order, row: Any) -> tuple[Any, Any]:
    return getattr(row, order.column.key), getattr(row, order.key.key)


def _plain(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _typed(attribute: InstrumentedAttribute[Any], text: str | None) -> Any:
    if text is None:
        return None
    if not isinstance(text, str):
        raise Unfit(text)
    return coerce(attribute.property.columns[0], text)
