"""Meters of accounts."""

from ...domain import records
from ...i18n import _l
from ...models import Meter
from ...panel.datamodel import PanelInterface
from ...panel.rest import StaffModelRestApi
from ...panel.views import StaffModelView
from .circumstances import StaffMeterFaultsView
from .labels import labels
from .readings import StaffReadingsView

METERS = PanelInterface(Meter, prepare=records.meter)
FACTS = ["serial", "digits", "location", "verified_until", "installed_on", "opening_value"]


class StaffMetersView(StaffModelView):
    route_base = "/staff/meters"
    datamodel = METERS
    list_title, show_title = _l("Meters"), _l("Meter")
    add_title, edit_title = _l("Add a meter"), _l("Change the meter")
    label_columns = labels()
    list_columns = ["serial", "account", "service", "location", "verified_until", "removed_on"]
    show_columns = ["account", "service", *FACTS, "removed_on", "closing_value"]
    add_columns = ["account", "service", *FACTS]
    edit_columns = ["service", *FACTS, "removed_on", "closing_value"]
    search_columns = ["serial", "account", "verified_until"]
    order_columns = ["serial", "verified_until"]
    export_columns = ["serial", "account.number", "service.name", "location", "verified_until", "removed_on"]
    related_views = [StaffReadingsView]
    linked_views = [StaffMeterFaultsView]


class MetersApi(StaffModelRestApi):
    resource_name = "meters"
    datamodel = METERS
    list_columns = ["id", *FACTS, "removed_on", "account.id", "account.number", "service.id", "service.code"]
    show_columns = [*list_columns, "closing_value"]
    add_columns = ["account", "service", *FACTS]
    edit_columns = ["service", *FACTS, "removed_on", "closing_value"]
    search_columns = ["serial", "account", "verified_until"]
    order_columns = ["id", "serial"]
