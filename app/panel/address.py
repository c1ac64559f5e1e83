"""What an address says of a list: filters, order, page, size; and addresses that say something else.

`_flt_<number>_<column>` is a filter, `_oc_<View>` and `_od_<View>` the order, `psize_<View>` the size, `k_<View>` where
the page begins. Whatever does not fit is as if it were not there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from .filters import PanelFilter, PanelFilters
from .keyset import Order, Position, decode, encode

if TYPE_CHECKING:
    from .views import StaffModelView

SIZES = (25, 50, 100)
LONGEST_FILTER = 200
_FILTER = re.compile(r"_flt_(\d)_(\w+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of one view's list."""

    filters: PanelFilters
    order: Order
    shown_order: str  # the list's column that the order belongs to; "" for none
    is_order_forced: bool  # a filter's index gives the order
    position: Position | None
    size: int


def read(view: "StaffModelView", filters: PanelFilters) -> Asked:
    """`filters` is taken over with what the address adds to it."""
    name = type(view).__name__
    take_filters(filters)
    order, shown, is_forced = _order(view, filters)
    token = request.args.get(f"k_{name}", "")
    size = request.args.get(f"psize_{name}", "")
    return Asked(
        filters,
        order,
        shown,
        is_forced,
        decode(order, token) if token else None,
        int(size) if size in map(str, SIZES) else view.page_size,
    )


def take_filters(filters: PanelFilters) -> None:
    for name in request.args:
        match = _FILTER.fullmatch(name)
        if match and match[2] in filters.get_search_filters():
            for text in request.args.getlist(name):
                if text.strip():
                    filters.add_filter_index(match[2], int(match[1]), text[:LONGEST_FILTER])


def _order(view: "StaffModelView", filters: PanelFilters) -> tuple[Order, str, bool]:
    name = type(view).__name__
    wanted, direction = request.args.get(f"_oc_{name}", ""), request.args.get(f"_od_{name}", "")
    is_descending = direction == "desc"
    forced = filters.served_by()
    if forced is not None:
        shown = next((column for column in view.order_columns if view.ordered_by.get(column, column) == forced), "")
        is_chosen = wanted == shown and direction in ("asc", "desc")
        base = view.base_order and view.base_order == (shown, "desc")
        return view.datamodel.order(forced, is_descending=is_descending if is_chosen else bool(base)), shown, True
    if wanted not in view.order_columns or direction not in ("asc", "desc"):
        wanted, is_descending = view.base_order[0], view.base_order[1] == "desc"
    return view.datamodel.order(view.ordered_by.get(wanted, wanted), is_descending=is_descending), wanted, False


def url_with(path: str, changes: Mapping[str, str] = MappingProxyType({}), *, drop: tuple[str, ...] = ()) -> str:
    """This page's parameters on `path`, some dropped, some set."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in drop and key not in changes]
    query = urlencode([*kept, *changes.items()])
    return f"{path}?{query}" if query else path


def url_at(view: "StaffModelView", path: str, order: Order, position: Position | None) -> str:
    """The list at another page; the first one for None."""
    key = f"k_{type(view).__name__}"
    return url_with(path, {key: encode(order, position)}) if position else url_with(path, drop=(key,))


def url_without(path: str, chosen: PanelFilter, number: int, text: str, view_name: str) -> str:
    """The list without one active filter, from its first page."""
    name = f"_flt_{number}_{chosen.column_name}"
    others = [each for each in request.args.getlist(name) if each[:LONGEST_FILTER] != text]
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in (name, f"k_{view_name}")]
    query = urlencode([*kept, *((name, each) for each in others)])
    return f"{path}?{query}" if query else path
