"""The menu follows from the pages: an item is shown to whoever may open its page. No rows of its own."""

from typing import Any

from flask import g, request
from flask_appbuilder.menu import Menu, MenuItem

from ..extensions import appbuilder

KEPT = "panel.menu"


class PanelMenu(Menu):
    def get_data(self, menu: list[MenuItem] | None = None) -> list[dict[str, Any]]:
        """What the user may open; made once a request, the page shows it twice."""
        if KEPT not in request.environ:
            user = g.user if g.user.is_authenticated else None
            request.environ[KEPT] = self._open(self.menu, appbuilder.sm.role_set(user).permissions)
        return request.environ[KEPT]  # type: ignore[no-any-return]

    def _open(self, items: list[MenuItem], may: frozenset[tuple[str, str]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for item in items:
            entry: dict[str, Any] = {"name": item.name, "label": str(item.label)}
            childs = self._open(item.childs, may)
            if childs:
                found.append({**entry, "is_current": any(child["is_current"] for child in childs), "childs": childs})
            elif item.baseview is not None and _opening(item.baseview) in may:
                is_current = request.blueprint == item.baseview.endpoint
                found.append({**entry, "is_current": is_current, "url": item.get_url()})
        return found


def _opening(view: Any) -> tuple[str, str]:
    """The permission that opens the view's first page."""
    return f"can_{view.get_method_permission(view.default_view)}", view.class_permission_name
