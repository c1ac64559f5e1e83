"""Days on which the utility works or rests against the country's calendar: what counts working days minds them."""

from ...domain import working_days
from ...i18n import _l
from ...models import CalendarDay
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

DAYS = PanelInterface(
    CalendarDay,
    prepare=working_days.prepare,
    refusals={"uq_calendar_day_day": ("day", _l("This day is in the list already."))},
    is_small=True,
)
COLUMNS = ["day", "is_working", "note"]


class StaffCalendarDaysView(StaffModelView):
    route_base = "/staff/calendar-days"
    include_route_methods = DELETING
    datamodel = DAYS
    list_title, show_title = _l("Working days and days off"), _l("Day")
    add_title, edit_title = _l("Add a day"), _l("Change the day")
    label_columns = labels(day=_l("Day"))
    list_columns = show_columns = add_columns = edit_columns = COLUMNS
    order_columns = ["day"]
    base_order = ("day", "desc")
    description_columns = {
        "day": _l(
            "Only days that differ from the country's calendar: terms of requests and notices of works count them."
        )
    }


class CalendarDaysApi(rest.StaffModelRestApi):
    resource_name = "calendar-days"
    include_route_methods = rest.DELETING
    datamodel = DAYS
    list_columns = ["id", *COLUMNS]
    add_columns = edit_columns = COLUMNS
    order_columns = ["id", "day"]
