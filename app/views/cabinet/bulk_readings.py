"""Readings of all meters of all accounts in one table: for companies, and for whoever keeps several flats."""

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ... import clock
from ...domain import bulk_readings, reading_window
from ...domain.bulk_readings import MOST_METERS, Sheet
from ...domain.errors import DomainError
from ...domain.reading_words import UnusualUse
from ...extensions import db, transaction
from ...forms.bulk_readings import BulkReadingsForm, confirmed, typed
from ...i18n import _, ngettext
from ...queries import readings as rows
from ..base import CabinetView, domain_errors, redraw_with, settings


class BulkReadingsView(CabinetView):
    route_base = "/cabinet/readings/table"

    @expose("")
    @has_access
    def index(self) -> str:
        return self._page(BulkReadingsForm())

    @expose("", methods=["POST"])
    @has_access
    @domain_errors
    def send(self) -> Response | str | tuple[str, int]:
        form = BulkReadingsForm()
        redraw_with(form, lambda: self._page(form))
        if not form.validate_on_submit():
            return self._page(form), 422
        meters = (meter for meter, _reading in rows.meters_in_use(db.session(), MOST_METERS))
        sheet = bulk_readings.read(bulk_readings.known(meters), typed(request.form), form.lines.data or "")
        if sheet.is_empty:
            raise DomainError(_("Enter a reading in the table, or paste lines from a spreadsheet."), field="lines")
        user_id = g.user.id
        with transaction() as session:
            taken = bulk_readings.take(
                session, sheet, on=clock.today(), user_id=user_id, confirmed=confirmed(request.form)
            )
        if sheet.errors or sheet.strays:
            return self._page(form, sheet, len(taken)), 422
        flash(ngettext("Accepted: %(num)d reading.", "Accepted: %(num)d readings.", len(taken)), "success")
        return redirect(url_for("BulkReadingsView.index"), 303)

    def _page(self, form: BulkReadingsForm, sheet: Sheet | None = None, taken: int = 0) -> str:
        """The table; of a `sheet` that came back, what was not taken stays in its place."""
        if sheet is not None:
            form.lines.data = "\n".join(stray.text for stray in sheet.strays)
            form.lines.raw_data = None
        errors = sheet.errors if sheet else {}
        found = rows.meters_in_use(db.session(), MOST_METERS + 1)
        return str(
            self.render_template(
                "cabinet/readings/table.html",
                form=form,
                window=reading_window.on(clock.today(), settings()),
                rows=found[:MOST_METERS],
                most=MOST_METERS if len(found) > MOST_METERS else None,
                texts={meter_id: sheet.texts[meter_id] for meter_id in errors} if sheet else typed(request.form),
                values=sheet.values if sheet else {},
                errors={meter_id: error for meter_id, error in errors.items() if not isinstance(error, UnusualUse)},
                questions={meter_id: error for meter_id, error in errors.items() if isinstance(error, UnusualUse)},
                strays=sheet.strays if sheet else [],
                taken=taken,
            )
        )
