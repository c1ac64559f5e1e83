"""Sending a reading from the link of a reminder, without signing in: one account, one month, nothing else is shown."""

from functools import partial

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import formats
from ...domain import one_tap
from ...extensions import db, transaction
from ...forms.readings import ReadingForm
from ...i18n import _
from ...security.scope import SYSTEM, acting_as
from ..base import ID, CabinetView, domain_errors, redraw_with

LONGEST_TOKEN = 200
Page = str | Response | tuple[str, int]


class OneTapView(CabinetView):
    route_base = "/reading"

    @expose("/<token>")
    def index(self, token: str) -> Page:
        """A GET changes nothing: mail scanners follow links."""
        return self._page(token[:LONGEST_TOKEN])

    @expose(f"/<token>/{ID}", methods=["POST"])
    @domain_errors
    def send(self, token: str, pk: int) -> Page:
        form, token = ReadingForm(), token[:LONGEST_TOKEN]
        page = partial(self._body, token, form, pk)
        value = form.given
        if not form.validate_on_submit() or value is None:
            return page(), 422
        redraw_with(form, page)
        is_confirmed = request.form.get("act") == "confirm"
        with acting_as(db.session(), SYSTEM), transaction() as session:
            reading = one_tap.send(session, token, pk, value, confirmed=is_confirmed)
            told = {"value": formats.volume(reading.value), "number": reading.receipt_number} if reading else {}
        if not told:
            abort(404)
        flash(_("Accepted: %(value)s m³, number %(number)s.", **told), "success")
        return redirect(url_for(".index", token=token, _anchor=f"meter-{pk}"), 303)

    def _page(self, token: str) -> Page:
        """What is past is told with the same words as the letter's month, and 410: the link was good once."""
        link = self._opened(token)
        answer = Response(self._drawn(token, link), 410 if link.is_over else 200, content_type="text/html")
        answer.headers["X-Robots-Tag"] = "noindex"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _body(self, token: str, form: ReadingForm, pk: int) -> str:
        """The page again; `pk` is the meter whose form came back."""
        return self._drawn(token, self._opened(token), form, pk)

    def _opened(self, token: str) -> one_tap.Opened:
        with acting_as(db.session(), SYSTEM):
            found = one_tap.opened(db.session(), token)
        return found or abort(404)

    def _drawn(self, token: str, link: one_tap.Opened, form: ReadingForm | None = None, pk: int = 0) -> str:
        values = {"token": token, "link": link, "form": form, "sent": pk}
        return str(self.render_template("public/one_tap.html", **values))
