"""The operator's desk of readings: unusual values that their givers insisted on, the oldest first."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...domain import desk
from ...extensions import db, transaction
from ...i18n import _
from ...queries import desk as rows
from ..base import ID, CabinetView, id_argument

PAGE = 25


class ReadingDeskView(CabinetView):
    route_base = "/staff/desk/readings"

    @expose("")
    @has_access
    def index(self) -> Any:
        found = rows.readings_in_review(db.session(), after=id_argument("after"), size=PAGE + 1)
        further = url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None
        return self.render_template("staff/readings.html", found=found[:PAGE], further=further)

    @expose(f"/{ID}", methods=["POST"])
    @has_access
    def accept(self, pk: int) -> Response:
        with transaction() as session:
            accepted = desk.accept_reading(session, pk) or abort(404)
            number = accepted.receipt_number
        flash(_("Reading %(number)s is accepted.", number=number), "success")
        return redirect(url_for(".index"), 303)
