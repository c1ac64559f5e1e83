"""The day's register: the operations counted here beside those of the payment organisation, or of the banks."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy import Subquery
from werkzeug.wrappers import Response as Answer

from ... import clock
from ...domain import registers
from ...domain.errors import DomainError
from ...extensions import db, queue, transaction
from ...forms.payment_desk import MATCHES, RegisterFilter
from ...gateways.base import Gateway
from ...i18n import _, _l
from ...panel.exports import csv_file, streamed
from ...queries import registers as queries
from ..base import CabinetView, id_argument
from .home import may_open

PAGE = 50
LABELS = (
    _l("Operation"),
    _l("Through"),
    _l("Order or account"),
    _l("Refund"),
    _l("Here, ₽"),
    _l("There, ₽"),
    _l("Result"),
)


class RegistersView(CabinetView):
    route_base = "/staff/registers"
    menu_label = _l("Registers of the day")

    @expose("")
    @has_access
    def index(self) -> str | tuple[str, int]:
        asked = _asked()
        if not asked.validate():
            return self._drawn(form=asked), 422
        session, register = db.session(), _register(asked)
        found = queries.page(session, register, _matches(asked), after=id_argument("after") or 0, most=PAGE + 1)
        of_gateway = asked.side.data == "gateway"
        return self._drawn(
            form=asked,
            totals=_totals(register),
            found=found[:PAGE],
            further=_address(asked, after=found[PAGE - 1].key) if len(found) > PAGE else None,
            file=url_for(".export", **_arguments(asked)),
            known=queries.day(session, _gateway().name, asked.on) if of_gateway else None,
            of_gateway=of_gateway,
            may_ask=of_gateway and may_open("RegistersView.ask") and _gateway().can_be_asked,
        )

    @expose("/ask", methods=["POST"])
    @has_access
    def ask(self) -> Answer | tuple[str, int]:
        asked = _asked()
        if not asked.validate():
            return self._drawn(form=asked), 422
        try:
            with transaction() as session:
                registers.ask(session, _gateway(), asked.on)
        except DomainError as error:
            asked.refuse(error)
            return self._drawn(form=asked), 422
        if not queue.put("list_day", asked.on.isoformat()):
            flash(_("The worker cannot be reached now. Nothing is lost: start it again in a few minutes."), "warning")
        return redirect(_address(asked), 303)

    @expose("/export.csv")
    @has_access
    def export(self) -> Response | tuple[str, int]:
        asked = _asked()
        if not asked.validate():
            return self._drawn(form=asked), 422
        names = {choice.value: str(choice.label) for choice in MATCHES}
        rows = streamed(queries.rows(_register(asked), _matches(asked)), db.engine)
        shown = ([*row[:6], names[row[6]]] for row in rows)
        return csv_file(f"register-{asked.side.data}-{asked.on}", [str(label) for label in LABELS], shown)

    def _drawn(self, **values: Any) -> str:
        names = {choice.value: choice.label for choice in MATCHES}
        opens = may_open("PaymentDeskView.index")
        return str(
            self.render_template(
                "staff/registers/index.html", heading=self.menu_label, names=names, opens_payments=opens, **values
            )
        )


def _asked() -> RegisterFilter:
    """Yesterday, unless another day is named."""
    return RegisterFilter(day=(clock.today() - timedelta(days=1)).isoformat())


def _gateway() -> Gateway:
    return current_app.extensions["gateway"]  # type: ignore[no-any-return]


def _register(asked: RegisterFilter) -> Subquery:
    if asked.side.data == "banks":
        return registers.of_banks(asked.on)
    return registers.of_gateway(_gateway().name, asked.on)


def _matches(asked: RegisterFilter) -> tuple[str, ...]:
    """By default what somebody has to look at."""
    return (asked.match.data,) if asked.match.data else (queries.DIFFERS, queries.OURS, queries.THEIRS)


def _totals(register: Subquery) -> list[queries.Total]:
    """All four ways, also those that nothing matches in."""
    found = {total.match: total for total in queries.totals(db.session(), register)}
    return [found.get(match) or queries.Total(match, 0, None, None) for match in queries.MATCHES]


def _arguments(asked: RegisterFilter) -> dict[str, Any]:
    return {"day": asked.on.isoformat(), "side": asked.side.data, "match": asked.match.data or None}


def _address(asked: RegisterFilter, **more: Any) -> str:
    return url_for(".index", **_arguments(asked), **more)
