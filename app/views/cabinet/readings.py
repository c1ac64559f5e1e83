"""Sending readings: all meters of the chosen account on one page, each a form of its own."""

from datetime import date
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.exc import NoResultFound
from werkzeug.wrappers import Response

from ... import clock, formats
from ...domain import calendar, reading_cards, reading_window, readings
from ...domain.reading_cards import Card
from ...extensions import db, transaction
from ...forms.readings import ReadingForm
from ...i18n import _
from ...models import Meter, PayerGroup, ReadingSource, ReadingState
from ...queries import readings as rows
from .. import life
from ..base import ID, CabinetView, current_account, domain_errors, month_argument, needs, redraw_with, settings

CHART_MONTHS, CHART_METERS, PAGE_PERIODS = 12, 3, 24


class ReadingsView(CabinetView):
    route_base = "/cabinet/readings"

    @expose("")
    @has_access
    @needs("may_send")
    def index(self) -> str:
        return self._page(ReadingForm())

    @expose(f"/{ID}", methods=["POST"])
    @has_access
    @domain_errors
    def send(self, pk: int) -> Response | str | tuple[str, int]:
        form, correcting = ReadingForm(), month_argument("correcting")
        page = partial(self._page, form, pk, correcting)
        value = form.given
        if not form.validate_on_submit() or value is None:
            return page(), 422
        redraw_with(form, page)
        user_id = g.user.id
        with transaction() as session:
            try:
                reading = readings.submit(
                    session,
                    pk,
                    value,
                    on=clock.today(),
                    source=ReadingSource.cabinet,
                    user_id=user_id,
                    confirmed=request.form.get("act") == "confirm",
                    correcting=correcting,
                )
            except NoResultFound:
                abort(404)
            told = {"value": formats.volume(reading.value), "number": reading.receipt_number}
            is_checked = reading.state is ReadingState.review
        if is_checked:
            flash(_("Received: %(value)s m³, number %(number)s. A clerk will check it.", **told), "warning")
        else:
            flash(_("Accepted: %(value)s m³, number %(number)s.", **told), "success")
        return redirect(url_for("ReadingsView.index", _anchor=f"meter-{pk}"), 303)

    @expose(f"/{ID}", methods=["GET"])
    @has_access
    def history(self, pk: int) -> str:
        session = db.session()
        meter = session.get(Meter, pk) or abort(404)
        page = rows.periods_of(
            session, meter, before=month_argument("before"), after=month_argument("after"), size=PAGE_PERIODS
        )
        values = rows.values_of(session, meter, page.periods)
        return str(self.render_template("cabinet/readings/history.html", meter=meter, page=page, values=values))

    def _page(self, form: ReadingForm, sent: int | None = None, correcting: date | None = None) -> str:
        """The page; `sent` is the meter whose form came back."""
        account, window = current_account(), reading_window.on(clock.today(), settings())
        cards = reading_cards.of_account(db.session(), account, window) if account else []
        past = [card for card in cards if card.history.rows][:CHART_METERS]
        cards.sort(key=lambda card: (card.meter.id != sent, not card.waits))
        months = _months_known(past, window.month)
        return str(
            self.render_template(
                "cabinet/readings/index.html",
                form=form,
                sent=sent,
                correcting=correcting,
                window=window,
                cards=cards,
                accepted=sum(card.accepted is not None for card in cards),
                past=[(card, {row.period: row for row in card.history.rows if row.period in months}) for card in past],
                months=months,
                chart=_chart(past, months),
                life=life.of_reading,
                is_company=account is not None and account.payer_group is PayerGroup.other,
            )
        )


def _months_known(cards: list[Card], last: date) -> list[date]:
    """The last year's months from the first to the last one with a reading, the oldest first."""
    months = [last]
    while len(months) < CHART_MONTHS:
        months.append(calendar.previous_month(months[-1]))
    known = [month for month in months if any(card.history.at(month) for card in cards)]
    return [month for month in reversed(months) if known and known[-1] <= month <= known[0]]


def _chart(cards: list[Card], months: list[date]) -> dict[str, Any]:
    names = [formats.localized(card.meter.service, "name") for card in cards]
    return {
        "labels": [formats.short_month(month) for month in months],
        "series": [
            {
                "label": name if names.count(name) == 1 else f"{name}, {card.meter.serial}",
                "values": [card.history.volume(month) for month in months],
            }
            for name, card in zip(names, cards, strict=True)
        ],
        "unit": _("m³"),
    }
