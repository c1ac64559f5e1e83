"""What a view knows of its model: reading by key and by page, writing in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import Column, ColumnElement, Select, Table, UniqueConstraint, func, inspect, literal, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from ..domain.errors import DomainError
from ..extensions import db, transaction
from ..i18n import _
from . import keyset
from .filters import PanelFilter, PanelFilterConverter, PanelFilters
from .keyset import Order, Page, Position
from .refusals import Refused, refusal
from .values import Unfit, coerce, is_text

COUNTED = 10_000
COUNTED_BY_FRAGMENTS = 2_000  # each row is compared letter by letter; who found so many looks for a longer piece
Prepare = Callable[[Session, Any], None]


class PanelInterface(SQLAInterface):
    """FAB's data model over one table.

    `search` names the filters of columns whose type does not tell them; `prepare(session, row)` makes a typed row
    ready inside the transaction that writes it (cleans numbers, fills computed columns) and raises DomainError, with
    the column as its field, for what may not be; `refusals` says what a broken constraint means: (field, message) by
    its name. `is_small`: a table of a few hundred rows at most, which may be searched and ordered by any column.
    """

    filter_converter_class = PanelFilterConverter

    def __init__(
        self,
        model: type[Any],
        *,
        search: Mapping[str, Sequence[type[PanelFilter]]] | None = None,
        prepare: Prepare | None = None,
        refusals: Mapping[str, tuple[str, Any]] | None = None,
        is_small: bool = False,
    ) -> None:
        self.search = search or {}
        self.prepare = prepare
        self.refusals = refusals or {}
        self.is_small = is_small
        super().__init__(model)

    def get_filters(self, search_columns: Any = None, search_filters: Any = None) -> PanelFilters:
        return PanelFilters(self.filter_converter_class, self, search_columns or [], search_filters)

    def get_related_interface(self, col_name: str) -> "PanelInterface":
        return PanelInterface(self.get_related_model(col_name))

    # reading ------------------------------------------------------------------------------------------

    @cached_property
    def key(self) -> InstrumentedAttribute[Any]:
        return getattr(self.obj, self.get_pk_name())  # type: ignore[no-any-return]

    def selection(self, filters: PanelFilters | None = None, shown: Sequence[str] = ()) -> Select[Any]:
        """The filtered rows, with the relations that `shown` columns need loaded in the same statement."""
        parents = dict.fromkeys(root for name in shown if self.is_relation_many_to_one(root := name.partition(".")[0]))
        statement = select(self.obj).options(*(joinedload(getattr(self.obj, name)) for name in parents))
        return filters.apply_all(statement) if filters else statement

    def get(
        self, id: Any, filters: PanelFilters | None = None, select_columns: Any = None, outer_default_load: bool = False
    ) -> Any | None:
        """The row, or None: for a hidden one, a missing one and a key that cannot be."""
        try:
            key = coerce(self.key.property.columns[0], id)
        except Unfit:
            return None
        return self.session.scalar(self.selection(filters, select_columns or ()).where(self.key == key))

    def get_many(self, ids: Sequence[str]) -> list[Any]:
        """The rows of these keys that are there and may be seen, in one statement."""
        keys = []
        for each in ids:
            with suppress(Unfit):
                keys.append(coerce(self.key.property.columns[0], each))
        return list(self.session.scalars(select(self.obj).where(self.key.in_(keys)).order_by(self.key)))

    def page(
        self,
        filters: PanelFilters,
        order: Order,
        position: Position | None,
        size: int,
        *,
        shown: Sequence[str] = (),
        offset: int = 0,
    ) -> tuple[Page, tuple[int, bool]]:
        """A page of the filtered rows, and their number as `count` gives it."""
        statement = self.selection(filters, shown).offset(offset or None)
        if filters.is_by_fragments():
            count = self.count(filters, COUNTED_BY_FRAGMENTS)
            sorted_order = replace(order, is_sorted=not count[1])
            return keyset.read(self.session, statement, sorted_order, position, size), count
        page = keyset.read(self.session, statement, order, position, size)
        return page, (len(page.rows), False) if page.is_whole and not offset else self.count(filters)

    def count(self, filters: PanelFilters, limit: int = COUNTED) -> tuple[int, bool]:
        """How many rows there are, counted no further than the limit; whether there are more.

        They are counted along the index that serves the filters: the planner takes rows for evenly strewn and would
        read a table from its start for dates that all stand at its end.
        """
        found = filters.apply_all(select(literal(1).label("one")).select_from(self.obj))
        served_by = filters.served_by()
        return self._bounded(found.order_by(getattr(self.obj, served_by)) if served_by else found, limit)

    def count_where(self, condition: ColumnElement[bool]) -> tuple[int, bool]:
        return self._bounded(select(literal(1).label("one")).select_from(self.obj).where(condition), COUNTED)

    def _bounded(self, found: Select[Any], limit: int) -> tuple[int, bool]:
        rows = found.limit(limit + 1).subquery()
        number = self.session.scalar(select(func.count()).select_from(rows)) or 0
        return min(number, limit), number > limit

    def query(
        self,
        filters: PanelFilters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: Any = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        """FAB's way of asking for a page by its number: bounded count, always in order."""
        size = page_size or 25
        order = self.order(order_column, is_descending=order_direction == "desc")
        statement = self.selection(filters, select_columns or ()).order_by(*order.terms())
        rows = self.session.scalars(statement.offset((page or 0) * size).limit(size)).all()
        return self.count(filters or self.get_filters())[0], list(rows)

    # order --------------------------------------------------------------------------------------------

    def order(self, column: str = "", *, is_descending: bool = False) -> Order:
        return Order(getattr(self.obj, column) if column else self.key, self.key, is_descending)

    def is_served_by_index(self, name: str, *, with_key: bool) -> bool:
        """Whether an index begins with the column (`with_key`: and goes on with the primary key, or is unique)."""
        column = self.list_columns.get(name)
        if column is None:
            return False
        if self.is_small or column.primary_key or column.unique:
            return True
        pk = self.key.property.columns[0]
        for columns, is_unique in _indexes(column.table):
            if columns[0] is column and (not with_key or columns[1:2] == [pk] or (is_unique and len(columns) == 1)):
                return True
        return False

    # writing ------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[Session]:
        """The one transaction in which a row is read, changed and checked.

        Raises DomainError for a broken rule, Refused for what the database will not take; nothing is written then.
        """
        try:
            with transaction() as session:
                yield session
        except IntegrityError as error:
            raise refusal(self, error) from error
        except DataError as error:
            raise Refused(_("A value is too long or too large. Shorten it and save again.")) from error

    def add(self, item: Any, commit: bool = True) -> None:
        """Put a new row into the open transaction (`changing`), which alone commits."""
        for name in self.list_columns.keys() - item.__dict__.keys():
            default = self.get_col_default(name)
            if default is not None and not callable(default):
                setattr(item, name, default)  # the rules look at it before the database would fill it in
        self._check(item)
        self.session.add(item)
        self.session.flush()

    def edit(self, item: Any, commit: bool = True) -> None:
        self._check(item)
        self.session.flush()

    def delete(self, item: Any, commit: bool = True) -> None:
        self._insist_on_transaction()
        self.session.delete(item)
        self.session.flush()

    def _check(self, item: Any) -> None:
        self._insist_on_transaction()
        self._refuse_phantoms(item)
        if self.prepare is not None:
            with self.session.no_autoflush:
                self.prepare(self.session, item)
        self._refuse_long_texts(item)

    def _refuse_phantoms(self, item: Any) -> None:
        """marshmallow makes a new parent of a key that is hidden or unknown; it must never be inserted."""
        for relation in self.obj.__mapper__.relationships:
            parent = None if relation.uselist else item.__dict__.get(relation.key)
            if parent is not None and not inspect(parent).persistent:
                self.session.expunge_all()
                raise DomainError(_("Choose from the list."), field=relation.key)

    def _refuse_long_texts(self, item: Any) -> None:
        """PostgreSQL would refuse them without saying which, SQLite would take them."""
        for name, column in self.list_columns.items():
            longest, text = getattr(column.type, "length", None), item.__dict__.get(name)
            if is_text(column.type) and longest and text and len(text) > longest:
                raise DomainError(_("Shorten the text to %(n)s characters.", n=longest), field=name)

    def _insist_on_transaction(self) -> None:
        if not self.session.info.get("in_transaction"):
            raise RuntimeError("Rows of the panel are written inside `changing()`")

    @property
    def session(self) -> Session:
        return db.session()  # type: ignore[no-any-return]


def _indexes(table: Table) -> Iterator[tuple[list[Column[Any]], bool]]:
    """Columns and uniqueness of the indexes that hold every row."""
    for index in table.indexes:
        is_partial = any(index.dialect_options[name]["where"] is not None for name in ("postgresql", "sqlite"))
        if not is_partial and list(index.columns):
            yield list(index.columns), bool(index.unique)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns), True
