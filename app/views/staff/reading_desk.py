"""The operator's desk of readings: unusual values that their givers insisted on, the oldest first."""

from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import desk
from ...extensions import db, transaction
from ...forms.readings import DeclineForm
from ...i18n import _
from ...models import Reading
from ...queries import account_access
from ...queries import desk as rows
from ...security import audit
from ..base import ID, CabinetView, domain_errors, id_argument, redraw_with

PAGE = 25


class ReadingDeskView(CabinetView):
    route_base = "/staff/desk/readings"

    @expose("")
    @has_access
    def index(self) -> Any:
        session = db.session()
        found = rows.readings_in_review(session, after=id_argument("after"), size=PAGE + 1)
        further = url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None
        doubts = desk.doubts(session, found[:PAGE])
        return self.render_template("staff/readings/index.html", doubts=doubts, further=further)

    @expose(f"/{ID}", methods=["POST"])
    @has_access
    def accept(self, pk: int) -> Response:
        with transaction() as session:
            accepted = desk.accept_reading(session, pk) or abort(404)
            number = accepted.receipt_number
        flash(_("Reading %(number)s is accepted.", number=number), "success")
        return redirect(url_for(".index"), 303)

    @expose(f"/{ID}/decline", methods=["GET", "POST"])
    @has_access
    @permission_name("accept")
    @domain_errors
    def decline(self, pk: int) -> Response | str | tuple[str, int]:
        form = DeclineForm()
        page = partial(self._decline_page, pk, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        with transaction() as session:
            declined = desk.decline_reading(session, pk)
            if declined is None:
                flash(_("Somebody has decided on this reading already."), "info")
                return redirect(url_for(".index"), 303)
            audit.record(session, "declined", declined, reason=form.reason.data)
            is_told, number = _tell(session, declined, form.reason.data), declined.receipt_number
        if is_told:
            flash(_("Reading %(number)s is declined, the customer is told by letter.", number=number), "success")
        else:
            flash(_("Reading %(number)s is declined. Tell the customer by phone.", number=number), "warning")
        return redirect(url_for(".index"), 303)

    def _decline_page(self, pk: int, form: DeclineForm) -> str:
        reading = rows.reading_in_review(db.session(), pk) or abort(404)
        (doubt,) = desk.doubts(db.session(), [reading])
        return str(self.render_template("staff/readings/decline.html", doubt=doubt, form=form))


def _tell(session: Session, declined: Reading, reason: str) -> bool:
    """Write to whoever sent the reading; False when it did not come from a cabinet that sees the account now."""
    reader = rows.senders(session, [declined]).get(declined.user_id or 0)
    if reader is None or not account_access.of_user(session, reader.id, declined.account_id):
        return False
    letters.enqueue(
        session,
        "reading_declined",
        to=reader.email,
        locale=reader.locale,
        reading=declined,
        reason=reason,
        url=letters.link(url_for("ReadingsView.index")),
    )
    return True
