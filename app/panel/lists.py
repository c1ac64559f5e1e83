"""Lists as the templates draw them: columns, rows, pages, the search form with its active filters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import current_app, request

from .. import formats
from ..i18n import _, ngettext
from . import address, keyset
from .address import SIZES, Asked
from .filters import PanelFilter, Related
from .keyset import Page
from .pages import Action, Cell, Chip, Column, Link, Listing, Option, Pager, Row, Search, SearchField, Shown, Urls
from .values import Unfit, coerce, is_number, shown

if TYPE_CHECKING:
    from .views import StaffModelView

RELATED_ROWS = 10


def full_list(view: "StaffModelView", asked: Asked) -> Listing:
    """The page that the address asks for."""
    filters = asked.filters.get_joined_filters(view._base_filters)
    read, shown = view.datamodel.page, view.list_columns
    page, count = read(filters, asked.order, asked.position, asked.size, shown=shown)
    if asked.position and not page.rows:  # the rows beyond are gone: begin again
        page, count = read(filters, asked.order, None, asked.size, shown=shown)
    return Listing(
        name=type(view).__name__,
        title=view.list_title,
        columns=_columns(view, asked),
        rows=_rows(view, page.rows),
        page=_pager(view, asked, page, count),
        urls=_urls(view),
        actions=_actions(view),
        is_filtered=bool(asked.filters.active()),
    )


def related_list(view: "StaffModelView", relation: str, key: Any, title: Any) -> Listing:
    """The first rows that belong to a row of another table."""
    filters = view.datamodel.get_filters().add_filter_related_view(relation, Related, str(key))
    columns = [name for name in view.list_columns if name != relation]
    order = view.datamodel.order(is_descending=view.base_order[1] == "desc")
    page = keyset.read(view.datamodel.session, view.datamodel.selection(filters, columns), order, None, RELATED_ROWS)
    number = len(page.rows)
    words = _("The first %(n)s rows", n=number) if page.next else count_words(number, is_more=False)
    parent = {f"_flt_0_{relation}": str(key)}
    return Listing(
        name=type(view).__name__,
        title=title,
        columns=[Column(name, str(view.label_columns[name]), is_number=_is_number(view, name)) for name in columns],
        rows=_rows(view, page.rows, columns),
        page=Pager(words),
        urls=Urls(add=view.url("add", **parent)),
    )


def _columns(view: "StaffModelView", asked: Asked) -> list[Column]:
    return [_column(view, asked, name) for name in view.list_columns]


def _column(view: "StaffModelView", asked: Asked, name: str) -> Column:
    view_name, is_current = type(view).__name__, name == asked.shown_order
    may_order = name in view.order_columns and (is_current or not asked.is_order_forced)
    direction = "desc" if is_current and not asked.order.is_descending else "asc"
    order = {f"_oc_{view_name}": name, f"_od_{view_name}": direction}
    return Column(
        name,
        str(view.label_columns[name]),
        address.url_with(request.path, order, drop=(f"k_{view_name}",)) if may_order else None,
        ("descending" if asked.order.is_descending else "ascending") if is_current and may_order else None,
        _is_number(view, name),
    )


def _rows(view: "StaffModelView", rows: Sequence[Any], columns: Sequence[str] | None = None) -> list[Row]:
    named = [(name, _is_number(view, name)) for name in columns or view.list_columns]
    return [
        Row(
            pk=str(pk),
            title=str(row),
            cells=[Cell(*value(view, row, name), is_number) for name, is_number in named],
            show_url=view.row_url("show", pk),
            edit_url=view.row_url("edit", pk),
            delete_url=view.row_url("confirm_delete", pk),
        )
        for row, pk in zip(rows, view.datamodel.get_keys(rows), strict=True)
    ]


def value(view: "StaffModelView", row: Any, name: str) -> tuple[str, str | None]:
    """The words of a column (a dotted one reaches into a relation) and the page of the row that it names."""
    if name in view.computed:
        return shown(view.computed[name](row)), None
    found = row
    for part in name.split("."):
        found = getattr(found, part, None)
    if callable(found):
        found = found()
    if name in view.formatters_columns:
        return str(view.formatters_columns[name](found)), None
    if view.datamodel.is_relation(name) and found is not None:
        return str(found), row_url(found)
    column = view.datamodel.list_columns.get(name)
    return shown(found, None if column is None else column.type), None


def row_url(row: Any) -> str | None:
    """The page of a row, where a view for its table is open to the user."""
    view = view_of(type(row))
    return view.row_url("show", view.datamodel.get_pk_value(row)) if view else None


def view_of(model: type[Any]) -> "StaffModelView | None":
    from .views import StaffModelView

    views: dict[type[Any], StaffModelView] = current_app.extensions.setdefault("panel.views", {})
    if model not in views:
        for each in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
            if isinstance(each, StaffModelView):
                views.setdefault(each.datamodel.obj, each)
    return views.get(model)


def shown_columns(view: "StaffModelView", row: Any) -> list[Shown]:
    return [
        Shown(str(view.label_columns[name]), *value(view, row, name), is_number=_is_number(view, name))
        for name in view.show_columns
    ]


def _is_number(view: "StaffModelView", name: str) -> bool:
    column = view.datamodel.list_columns.get(name)
    return column is not None and not column.foreign_keys and is_number(column.type)


def _pager(view: "StaffModelView", asked: Asked, page: Page, count: tuple[int, bool]) -> Pager:
    path, name = request.path, type(view).__name__

    def at(position: keyset.Position | None) -> str:
        return address.url_at(view, path, asked.order, position)

    return Pager(
        count_text=count_words(count[0], is_more=count[1]),
        first_url=at(None) if page.previous else None,
        previous_url=at(page.previous) if page.previous else None,
        next_url=at(page.next) if page.next else None,
        last_url=at(keyset.Position("last")) if page.next else None,
        sizes=[
            Link(
                str(size),
                address.url_with(path, {f"psize_{name}": str(size)}, drop=(f"k_{name}",)),
                size == asked.size,
            )
            for size in SIZES
        ],
    )


def count_words(number: int, *, is_more: bool) -> str:
    if is_more:
        return _("More than %(n)s rows", n=formats.integer(number))
    return ngettext("%(shown)s row", "%(shown)s rows", number, shown=formats.integer(number))


def _urls(view: "StaffModelView") -> Urls:
    kept = {key: text for key, text in request.args.items() if key.startswith(("_flt_", "_oc_", "_od_"))}
    return Urls(
        add=view.url("add"),
        export_csv=view.url("export_csv", **kept),
        export_xlsx=view.url("export_xlsx", **kept),
        action=view.url("action_post"),
        more=view.further_links(),
    )


def _actions(view: "StaffModelView") -> list[Action]:
    return [
        Action(each.name, each.text, each.confirmation)
        for each in view.actions.values()
        if each.multiple and view.may(each.name)
    ]


# search ---------------------------------------------------------------------------------------------------


def search(view: "StaffModelView", asked: Asked) -> Search | None:
    """The search form; None where nothing can be searched."""
    if not view.search_columns:
        return None
    name, active = type(view).__name__, asked.filters.active()
    texts = {id(each): text for each, text in active}
    numbers = {id(each): n for known in asked.filters.get_search_filters().values() for n, each in enumerate(known)}
    order = (f"_oc_{name}", f"_od_{name}", f"psize_{name}")
    kept = [(key, request.args[key]) for key in order if key in request.args]
    filter_names = tuple(key for key in request.args if key.startswith(("_flt_", "k_")))
    return Search(
        url=request.path,
        hidden=kept,
        fields=[
            _search_field(view, each, number, texts.get(id(each), ""))
            for column in view.search_columns
            for number, each in enumerate(asked.filters.get_search_filters().get(column, ()))
        ],
        chips=[
            Chip(
                f"{_label(view, each)}: {_chosen_words(view, each, text)}",
                address.url_without(request.path, each, numbers[id(each)], text, name),
            )
            for each, text in active
        ],
        is_open=bool(active),
        clear_url=address.url_with(request.path, drop=filter_names),
    )


def _label(view: "StaffModelView", chosen: PanelFilter) -> str:
    """«Дата с», «Номер начинается с»; the operation is left out where it only says "is"."""
    label = str(view.label_columns[chosen.column_name])
    return label if chosen.arg_name in ("is", "of", "exactly") else f"{label} {chosen.name}"


def _search_field(view: "StaffModelView", each: PanelFilter, number: int, text: str) -> SearchField:
    is_related = each.kind == "related"
    return SearchField(
        name=f"_flt_{number}_{each.column_name}",
        label=_label(view, each),
        kind=each.kind,
        value=text,
        options=_related_option(view, each, text) if is_related else _options(each, text),
        data_url=view.options_url(each.column_name)() if is_related else None,
        hint=each.hint,
    )


def _options(each: PanelFilter, text: str) -> list[Option]:
    if each.kind != "select":
        return []
    return [Option("", _("Any"), not text), *(Option(name, label, name == text) for name, label in each.choices())]


def _related_option(view: "StaffModelView", each: PanelFilter, text: str) -> list[Option]:
    return [Option(text, _chosen_words(view, each, text), True)] if text else []


def _chosen_words(view: "StaffModelView", each: PanelFilter, text: str) -> str:
    if each.kind == "related":
        row = view.datamodel.get_related_interface(each.column_name).get(text)
        return str(row) if row is not None else text
    if each.kind == "select":
        return next((str(option.label) for option in _options(each, text) if option.value == text), text)
    if each.kind == "date":
        return _day(each, text)
    return text


def _day(each: PanelFilter, text: str) -> str:
    try:
        found = coerce(each.column, text)
    except Unfit:
        return text
    return formats.short_date(found)
