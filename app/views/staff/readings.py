"""Readings as they came: read only, a correction is a reading of its own."""

from typing import Any, ClassVar

from ...extensions import db
from ...formats import period
from ...i18n import _l
from ...models import Reading
from ...panel.datamodel import PanelInterface
from ...panel.rest import READING as REST_READING
from ...panel.rest import StaffModelRestApi
from ...panel.views import READING, StaffModelView
from ...queries import calls
from .labels import labels

READINGS = PanelInterface(Reading)


def _call(row: Any) -> str:
    """In which call it was given: channel, reason, time, operator."""
    found = calls.of_readings(db.session(), [row.id]).get(row.id)
    return str(found or "")


class StaffReadingsView(StaffModelView):
    route_base = "/staff/readings"
    include_route_methods = READING
    datamodel = READINGS
    list_title, show_title = _l("Readings"), _l("Reading")
    label_columns = labels(value=_l("Reading, m³"), call=_l("Call"))
    computed: ClassVar[Any] = {"call": _call}
    formatters_columns = {"period": period}
    list_columns = ["taken_on", "meter", "account", "value", "volume", "source", "state"]
    show_columns = [
        "receipt_number",
        "account",
        "meter",
        "period",
        *list_columns[3:],
        "taken_on",
        "received_at",
        "call",
    ]
    search_columns = ["account", "meter", "taken_on"]
    order_columns = ["taken_on"]
    base_order = ("id", "desc")
    export_columns = ["taken_on", "account.number", "meter.serial", "value", "volume", "source", "state"]


class ReadingsApi(StaffModelRestApi):
    resource_name = "readings"
    include_route_methods = REST_READING
    datamodel = READINGS
    list_columns = [
        "id",
        "period",
        "attempt",
        "value",
        "volume",
        "taken_on",
        "received_at",
        "source",
        "state",
        "account.id",
        "account.number",
        "meter.id",
        "meter.serial",
    ]
    search_columns = ["account", "meter", "taken_on"]
    order_columns = ["id", "taken_on"]
    base_order = ("id", "desc")
