"""Settings that staff change without a release; the code knows their keys."""

from typing import Any

from ...domain import settings
from ...i18n import _, _l
from ...models import Setting
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.filters import PanelFilter
from ...panel.views import READING, StaffModelView
from ...queries import system
from .labels import labels

SETTINGS = PanelInterface(Setting, prepare=settings.prepare, is_small=True)
KNOWN = {known.key for known in system.SETTINGS}


class KnownOnly(PanelFilter):
    """Rows that people may change: the roles' fingerprint is none of them."""

    def apply(self, query: Any, value: Any) -> Any:
        return query.where(Setting.key.in_(KNOWN))


class StaffSettingsView(StaffModelView):
    route_base = "/staff/settings"
    include_route_methods = READING | {"edit"}
    datamodel = SETTINGS
    base_filters = [["key", KnownOnly, ""]]
    list_title, show_title, edit_title = _l("Settings of the utility"), _l("Setting"), _l("Change the setting")
    label_columns = labels(note=_l("Meaning"))
    formatters_columns = {"note": _}
    list_columns = ["note", "value", "key"]
    show_columns = ["key", "note", "value"]
    edit_columns = ["value"]
    order_columns = ["key"]
    base_order = ("key", "asc")


class SettingsApi(rest.StaffModelRestApi):
    resource_name = "settings"
    include_route_methods = rest.READING | {"put"}
    datamodel = SETTINGS
    base_filters = [["key", KnownOnly, ""]]
    list_columns = ["id", "key", "value", "note"]
    edit_columns = ["value"]
    order_columns = ["id", "key"]
