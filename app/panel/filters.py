"""Filters of lists, search forms and REST: each is served by an index, and each knows what to do with odd text.

A filter's place in its column's tuple is its number in addresses (`_flt_<number>_<column>`); a relation's is always 0,
since lists of related rows link by it. Values come as text; what the column cannot hold finds nothing.
"""

import copy
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from flask import has_request_context, request
from flask_appbuilder.exceptions import InvalidColumnFilterFABException, InvalidOperationFilterFABException
from flask_appbuilder.models.filters import BaseFilter, FilterRelation, Filters
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from sqlalchemy import Boolean, Column, ColumnElement, Date, DateTime, Enum, Select, false, func
from sqlalchemy.orm import InstrumentedAttribute

from ..extensions import db
from ..i18n import _, _l
from ..model_types import ScaledDecimal, UtcDateTime, folded
from .fragments import contains
from .values import Unfit, coerce, is_code, is_text, shown

Clean = Callable[[str], str]


class PanelFilter(BaseFilter):
    """`kind` is the input of the search form; `orders_by` names the column whose index serves the filter, by which the
    list is then ordered, or the planner would walk another index and drop most rows."""

    kind: ClassVar[str] = "text"
    hint: ClassVar[Any] = ""

    def orders_by(self, text: str) -> str | None:
        return None

    def choices(self) -> Sequence[tuple[str, Any]]:
        """(value, label) of a select."""
        return []

    def apply(self, query: Select[Any], value: Any) -> Select[Any]:
        try:
            return query.where(self.condition(str(value)))
        except Unfit:
            return query.where(false())

    def condition(self, text: str) -> ColumnElement[bool]:
        """Raises Unfit."""
        raise NotImplementedError

    @property
    def attribute(self) -> InstrumentedAttribute[Any]:
        return getattr(self.model, self.column_name)  # type: ignore[no-any-return]

    @property
    def column(self) -> Column[Any]:
        return self.attribute.property.columns[0]  # type: ignore[no-any-return]


class Related(PanelFilter, FilterRelation):
    """The rows of one parent, by its key; the parent itself is not read."""

    name, arg_name, kind = _l("is"), "of", "related"

    def condition(self, text: str) -> ColumnElement[bool]:
        fk = self.datamodel.get_relation_fk(self.column_name)
        key = self.model.__mapper__.get_property_by_column(fk).class_attribute
        return key == coerce(fk, text)  # type: ignore[no-any-return]


class Is(PanelFilter):
    name, arg_name = _l("is"), "is"

    @property
    def kind(self) -> str:  # type: ignore[override]
        return "select" if isinstance(self.column.type, Enum | Boolean) else "text"

    def choices(self) -> Sequence[tuple[str, Any]]:
        if isinstance(self.column.type, Boolean):
            return [("true", _("Yes")), ("false", _("No"))]
        return [(member.name, shown(member)) for member in getattr(self.column.type, "enum_class", None) or ()]

    def condition(self, text: str) -> ColumnElement[bool]:
        return self.attribute == coerce(self.column, text)  # type: ignore[no-any-return]


class _Bound(PanelFilter):
    @property
    def kind(self) -> str:  # type: ignore[override]
        return "date" if isinstance(self.column.type, Date | DateTime | UtcDateTime) else "number"

    def orders_by(self, text: str) -> str | None:
        return str(self.column_name)


class From(_Bound):
    name, arg_name = _l("from"), "from"

    def condition(self, text: str) -> ColumnElement[bool]:
        return self.attribute >= coerce(self.column, text)  # type: ignore[no-any-return]


class To(_Bound):
    """Up to and with the value; a day is meant with all its hours."""

    name, arg_name = _l("to"), "to"

    def condition(self, text: str) -> ColumnElement[bool]:
        if not isinstance(self.column.type, DateTime | UtcDateTime):
            return self.attribute <= coerce(self.column, text)  # type: ignore[no-any-return]
        try:
            next_day = date.fromisoformat(text.strip()) + timedelta(days=1)
        except (ValueError, OverflowError) as error:
            raise Unfit from error
        return self.attribute < coerce(self.column, next_day.isoformat())  # type: ignore[no-any-return]


class Prefix(PanelFilter):
    """The beginning of a code, as a range: one index serves it on PostgreSQL and on SQLite, whatever the plan."""

    name, arg_name = _l("starts with"), "starts"
    source: ClassVar[str] = ""
    clean: ClassVar[Clean] = staticmethod(str.strip)

    def searched(self, text: str) -> tuple[str, str]:
        """The column that is searched for this text, and what is looked for in it."""
        return self.source or self.column_name, type(self).clean(text)

    def orders_by(self, text: str) -> str | None:
        return self.searched(text)[0]

    def condition(self, text: str) -> ColumnElement[bool]:
        name, wanted = self.searched(text)
        column = getattr(self.model, name)
        coerce(column.property.columns[0], wanted)
        if not wanted:
            raise Unfit
        return starts_with(column, wanted)


class Words(PanelFilter):
    """Every word of the text occurs, in any order and anywhere; short ones at the beginning of a word."""

    name, arg_name = _l("contains"), "words"
    source: ClassVar[str] = ""

    def condition(self, text: str) -> ColumnElement[bool]:
        column = getattr(self.model, self.source or self.column_name)
        coerce(column.property.columns[0], text)
        return contains(column, folded(text), db.session.get_bind().dialect.name)


class Exactly(PanelFilter):
    """The whole text in any letter case, by the index on lower(column)."""

    name, arg_name = _l("is"), "exactly"

    def condition(self, text: str) -> ColumnElement[bool]:
        return func.lower(self.attribute) == coerce(self.column, text.strip().lower())  # type: ignore[no-any-return]


def starts_with(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    return (column >= text) & (column < text + "\U0010ffff")


def prefix(source: str = "", clean: Clean = str.strip) -> type[Prefix]:
    """Prefix search of a code column: `source` is searched instead of the shown one, the text is cleaned first."""
    return type("Prefix", (Prefix,), {"source": source, "clean": staticmethod(clean)})


def words(source: str) -> type[Words]:
    """Search by fragments of a folded column."""
    return type("Words", (Words,), {"source": source})


class PanelFilterConverter(SQLAFilterConverter):
    """The filters of a column: those the data model names, or those of its type. Texts without an index have none."""

    def convert(self, col_name: str) -> list[BaseFilter] | None:
        datamodel = self.datamodel
        classes: Sequence[type[BaseFilter]] = datamodel.search.get(col_name) or self._of_type(col_name)
        return [made(col_name, datamodel) for made in classes] or None

    def _of_type(self, col_name: str) -> Sequence[type[BaseFilter]]:
        if self.datamodel.is_relation_many_to_one(col_name):
            return (Related,)
        column = self.datamodel.list_columns.get(col_name)
        if column is None:
            return ()
        if isinstance(column.type, Enum | Boolean):
            return (Is,)
        if isinstance(column.type, Date | DateTime | UtcDateTime | ScaledDecimal):
            return (From, To)
        if is_text(column.type):
            return (Prefix,) if is_code(column.type) else ()
        return (Is,)


class PanelFilters(Filters):
    """FAB's filters without their costs: a copy does not convert every column again, REST names mean our classes."""

    def add_filter_index(self, column_name: str, filter_instance_index: int, value: Any) -> None:
        """Take a filter of the address; an unknown number is no filter."""
        known = self._search_filters.get(column_name) or self._all_filters.get(column_name) or []
        if filter_instance_index < len(known):
            self._add_filter(known[filter_instance_index], value)

    def rest_add_filters(self, data: list[dict[str, Any]]) -> None:
        for wanted in data:
            column, operator = wanted["col"], wanted["opr"]
            if column not in self._search_filters:
                raise InvalidColumnFilterFABException(f"Filter column: {column} not allowed to filter")
            known = {each.arg_name: each for each in self._search_filters[column]}
            if operator not in known:
                raise InvalidOperationFilterFABException(
                    f"Filter operation: {operator} not allowed on column: {column}"
                )
            self._add_filter(known[operator], wanted["value"])

    def copy(self) -> "PanelFilters":
        twin = copy.copy(self)
        twin.filters, twin.values = list(self.filters), list(self.values)
        return twin

    def get_joined_filters(self, filters: Filters) -> "PanelFilters":
        twin = self.copy()
        twin.filters, twin.values = self.filters + filters.filters, self.values + filters.values
        return twin

    def apply_all(self, query: Select[Any]) -> Select[Any]:
        for chosen, value in self.get_filters_values():
            for each in value if isinstance(value, list) else [value]:
                query = chosen.apply(query, each)
        return query

    def served_by(self) -> str | None:
        """The column whose index serves one of the filters."""
        return next((name for each, text in self.active() if (name := each.orders_by(text))), None)

    def is_by_fragments(self) -> bool:
        return any(isinstance(each, Words) for each, _text in self.active())

    def active(self) -> list[tuple[PanelFilter, str]]:
        """The filters that a person set, with their texts."""
        return [
            (chosen, str(text))
            for chosen, value in self.get_filters_values()
            for text in (value if isinstance(value, list) else [value])
            if isinstance(chosen, PanelFilter)
        ]


class PerRequest:
    """An attribute of a view whose value is a fresh copy in each request: views are one for all threads.

    FAB sets it once; what it sets is the prototype. Kept in the request's environment, not in `g`: a test that holds
    an application context would share that between requests.
    """

    def __init__(self, renew: Callable[[Any], Any]) -> None:
        self.renew = renew

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, view: Any, prototype: Any) -> None:
        view.__dict__[f"_prototype_of_{self.name}"] = prototype

    def __get__(self, view: Any, owner: type) -> Any:
        prototype = None if view is None else view.__dict__.get(f"_prototype_of_{self.name}")
        if prototype is None or not has_request_context():
            return prototype
        kept = request.environ.setdefault("panel.per_request", {})
        key = (id(view), self.name)
        if key not in kept:
            kept[key] = self.renew(prototype)
        return kept[key]


def renewed_filters(prototype: PanelFilters) -> PanelFilters:
    fresh = prototype.copy()
    fresh.clear_filters()
    return fresh
