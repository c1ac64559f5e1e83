"""A dispatcher's day: the visits that are agreed on, by district, on one page to print."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ... import clock
from ...extensions import db
from ...i18n import _l
from ...models import VisitSlot
from ...queries import visits
from ...security.audit import took_list
from ..base import CabinetView

DAY = timedelta(days=1)


class VisitDayView(CabinetView):
    route_base = "/staff/desk/visits"
    menu_label = _l("Visits of a day")

    @expose("")
    @has_access
    def index(self) -> str:
        on = _asked_day()
        found = visits.agreed(db.session(), clock.at(on), clock.at(on + DAY))
        places = [(place, list(each)) for place, each in groupby(found, key=_place)]
        wanted = request.args.get("district", "")
        shown = [(place, each) for place, each in places if wanted in ("", place)]
        drawn = str(
            self.render_template(
                "staff/requests/day.html",
                on=on,
                previous=on - DAY,
                following=on + DAY,
                today=clock.today(),
                places=[place for place, _each in places],
                wanted=wanted if any(place == wanted for place, _each in places) else "",
                shown=shown,
                total=sum(len(each) for _place_, each in shown),
                is_cut=len(found) == visits.MOST,
            )
        )
        if found:
            took_list("visit_slot")
        return drawn


def _place(slot: VisitSlot) -> str:
    """«Пермь, Ленинский район», or the town alone."""
    house: Any = slot.request.account.premises.house
    return ", ".join(filter(None, (house.street.locality.name, house.district)))


def _asked_day() -> date:
    """The day in the address; today for anything else."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return clock.today()
    return day if 2000 <= day.year < 2200 else clock.today()
