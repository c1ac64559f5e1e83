"""The leak test of a customer: two looks at a meter, kept in the cookie between them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from flask import redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ... import clock
from ...domain import calendar, estimates, leak
from ...domain.leak import Beginning
from ...extensions import db
from ...forms.leak import LeakForm
from ...models import Account, Meter
from ...queries import charges, meters
from ..base import CabinetView, current_account, domain_errors, redraw_with

BEGUN, ENDED = "leak_begun", "leak_ended"


class LeakView(CabinetView):
    route_base = "/cabinet/leak"

    @expose("", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def index(self) -> Response | str | tuple[str, int]:
        account = current_account()
        found = (
            [meter for meter in meters.of_account(db.session(), account.id) if not meter.removed_on] if account else []
        )
        begun = _begun(found)
        form = LeakForm()
        form.offer(found if begun is None else ())
        redraw_with(form, lambda: self._page(form, account, found, begun))
        if request.method == "GET":
            return self._page(form, account, found, begun)
        if request.form.get("act") == "anew":
            _forget()
        elif not form.validate_on_submit():
            return self._page(form, account, found, begun), 422
        elif begun is None:
            value = leak.check_value(form.value.data)
            _forget()
            cookie[BEGUN] = (int(form.meter.data), str(value), int(clock.now().timestamp()))
        else:
            value = leak.check_value(form.value.data)
            leak.measured(begun, value, clock.now(), _meter(found, begun).digits)
            cookie[ENDED] = (str(value), int(clock.now().timestamp()))
        return redirect(url_for("LeakView.index"), 303)

    def _page(self, form: LeakForm, account: Account | None, found: Sequence[Meter], begun: Beginning | None) -> str:
        if begun is None or account is None:
            return str(self.render_template("cabinet/leak/begin.html", form=form, meters=found))
        meter = _meter(found, begun)
        if ENDED not in cookie:
            return str(self.render_template("cabinet/leak/end.html", form=form, begun=begun, meter=meter))
        value, at = cookie[ENDED]
        lost = leak.measured(begun, Decimal(value), _moment(at), meter.digits)
        today = clock.today()
        prices = charges.prices(db.session(), account, estimates.last_day(calendar.month_range(today)[0]))
        cost = estimates.total(estimates.costs([(meter.service, lost.a_month)], prices)) if prices else None
        return str(
            self.render_template(
                "cabinet/leak/result.html", begun=begun, ended_at=_moment(at), meter=meter, lost=lost, cost=cost
            )
        )


def _begun(found: Sequence[Meter]) -> Beginning | None:
    """The test that goes on with a meter of the chosen account."""
    if BEGUN not in cookie:
        return None
    meter_id, value, at = cookie[BEGUN]
    is_here = any(meter.id == meter_id for meter in found)
    return Beginning(meter_id, Decimal(value), _moment(at)) if is_here else None


def _meter(found: Sequence[Meter], begun: Beginning) -> Meter:
    return next(meter for meter in found if meter.id == begun.meter_id)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _forget() -> None:
    cookie.pop(BEGUN, None)
    cookie.pop(ENDED, None)
