"""Offices where customers are received."""

from ...domain import records
from ...formats import phone
from ...i18n import _l
from ...models import Office
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

OFFICES = PanelInterface(Office, prepare=records.office, is_small=True)
COLUMNS = ["name", "name_en", "payer_group", "address", "hours", "hours_en", "phone"]


class StaffOfficesView(StaffModelView):
    route_base = "/staff/offices"
    include_route_methods = DELETING
    datamodel = OFFICES
    list_title, show_title = _l("Offices"), _l("Office")
    add_title, edit_title = _l("Add an office"), _l("Change the office")
    label_columns = labels()
    formatters_columns = {"phone": phone}
    list_columns = ["name", "payer_group", "address", "hours", "phone"]
    show_columns = add_columns = edit_columns = COLUMNS
    order_columns = ["name", "address"]


class OfficesApi(rest.StaffModelRestApi):
    resource_name = "offices"
    include_route_methods = rest.DELETING
    datamodel = OFFICES
    list_columns = ["id", *COLUMNS]
    add_columns = edit_columns = COLUMNS
    order_columns = ["id", "name"]
