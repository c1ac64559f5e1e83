"""The menu follows from the pages: an item is shown to whoever may open its page. No rows of its own."""

from typing import Any

from flask import request
from flask_appbuilder.menu import Menu, MenuItem

from ..extensions import appbuilder


class PanelMenu(Menu):
    def get_data(self, menu: list[MenuItem] | None = None) -> list[dict[str, Any]]:
        found = []
        for item in menu or self.menu:
            if item.childs:
                childs = self.get_data(item.childs)
                if childs:
                    is_current = any(child["is_current"] for child in childs)
                    found.append(
                        {"name": item.name, "label": str(item.label), "is_current": is_current, "childs": childs}
                    )
            elif item.baseview is not None and _may_open(item.baseview):
                is_current = request.blueprint == item.baseview.endpoint
                found.append(
                    {"name": item.name, "label": str(item.label), "is_current": is_current, "url": item.get_url()}
                )
        return found


def _may_open(view: Any) -> bool:
    permission = f"can_{view.get_method_permission(view.default_view)}"
    return bool(appbuilder.sm.has_access(permission, view.class_permission_name))
