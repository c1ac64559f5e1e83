"""The board of service requests: what is promised first stands first; take one or many."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ... import clock
from ...domain import requests
from ...domain.errors import DomainError
from ...domain.requests import Refusal, Words
from ...extensions import db, transaction
from ...forms.request_desk import BulkForm
from ...i18n import _, _l, ngettext
from ...models import RequestState, ServiceRequest, SiteUser
from ...queries import people
from ...queries import requests as rows
from ..attachments import data_folder
from ..base import CabinetView, domain_errors, id_argument, id_of, redraw_with
from .home import may_open
from .request_letters import tell

PAGE = 25
MOST_PEOPLE = 200
REGISTER, DAY = "StaffServiceRequestsView.list", "VisitDayView.index"
MINE, NOBODYS = "mine", "nobody"
MOVES = (
    (RequestState.accepted, _l("Accept")),
    (RequestState.in_progress, _l("Start the work")),
    (RequestState.done, _l("Complete")),
    (RequestState.declined, _l("Decline")),
)


class RequestDeskView(CabinetView):
    route_base = "/staff/desk/requests"
    menu_label = _l("Service requests to work on")

    @expose("")
    @has_access
    def index(self) -> str:
        return self._board(BulkForm(formdata=None))

    @expose("/many", methods=["POST"])
    @has_access
    @domain_errors
    def many(self) -> Response | tuple[str, int]:
        """The same for all that are ticked: how many were done, and why each of the others was not."""
        form = BulkForm()
        ids = [pk for text in request.form.getlist("id")[:PAGE] if (pk := id_of(text)) is not None]
        page = partial(self._board, form, ticked=ids)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        if not ids:
            raise DomainError(_("Tick the requests first."))
        done, refused = _assigned(form, ids) if form.to_state is None else _moved(form, form.to_state, ids)
        words = ngettext("%(num)d request is changed.", "%(num)d requests are changed.", done)
        if refused:
            return self._board(form, ticked=ids, done=words, refused=refused), 422
        flash(words, "success")
        return redirect(url_for(".index", **_filters()), 303)

    def _board(self, form: BulkForm, **values: Any) -> str:
        session, filters = db.session(), _filters()
        state = RequestState.__members__.get(filters.get("state", ""))
        staff = staff_at_work()
        assignee = {MINE: int(g.user.id), NOBODYS: 0}.get(filters.get("who", ""))
        if state is None or state in rows.OPEN:
            found, further = _waiting([state] if state else rows.OPEN, assignee, filters)
        else:
            found, further = _finished(state, filters)
        form.offer(staff, MOVES)
        return str(
            self.render_template(
                "staff/requests/index.html",
                form=form,
                found=found,
                further=further,
                state=state,
                states=RequestState,
                filters=filters,
                is_open=state is None or state in rows.OPEN,
                today=clock.today(),
                unanswered=rows.unanswered(session, [row.id for row in found]),
                days_late=requests.days_late,
                register_url=url_for(REGISTER) if may_open(REGISTER) else None,
                day_url=url_for(DAY) if may_open(DAY) else None,
                **values,
            )
        )


def staff_at_work() -> Sequence[SiteUser]:
    """Whom requests may be given to: everybody who may work on them."""
    return people.who_may(db.session(), "can_show", "RequestPageView", most=MOST_PEOPLE)


def person(to: int | None) -> SiteUser | None:
    """Whom a request is given to; None for nobody. 400 for who does not work on requests."""
    if to == 0:
        return None
    return next((user for user in staff_at_work() if user.id == to), None) or abort(400)


def _filters() -> dict[str, Any]:
    """Which requests the board shows, as its address says."""
    known = {
        "state": RequestState.__members__.keys(),
        "who": (MINE, NOBODYS),
    }
    asked = {name: request.args.get(name, "") for name in known}
    return {name: value for name, value in asked.items() if value in known[name]}


def _assigned(form: BulkForm, ids: Sequence[int]) -> tuple[int, list[Refusal]]:
    if form.to_person is None:
        abort(400)
    key = form.to_person
    with transaction() as session:
        done, refused = requests.assign_each(session, ids, person(key))
        return len(done), refused


def _moved(form: BulkForm, to: RequestState, ids: Sequence[int]) -> tuple[int, list[Refusal]]:
    words, user_id = Words(form.body.data or ""), g.user.id
    with transaction() as session:
        done, refused = requests.move_each(session, ids, to, words, user_id=user_id, folder=data_folder())
        for sent in done:
            tell(session, sent, words, to)
        return len(done), refused


def _waiting(
    states: Sequence[RequestState], assignee: int | None, filters: dict[str, Any]
) -> tuple[list[ServiceRequest], str | None]:
    """A page of the open requests, and the address of the next one."""
    found = list(rows.waiting(db.session(), after=_place(), size=PAGE + 1, states=states, assignee=assignee))
    last = found[PAGE - 1] if len(found) > PAGE else None
    further = url_for("RequestDeskView.index", after=f"{last.promised_on}.{last.id}", **filters) if last else None
    return found[:PAGE], further


def _place() -> tuple[date, int] | None:
    """Where the page starts, as the address of the page before gave it."""
    day, _dot, key = request.args.get("after", "").partition(".")
    pk = id_of(key)
    try:
        return (date.fromisoformat(day), pk) if pk is not None else None
    except ValueError:
        return None


def _finished(state: RequestState, filters: dict[str, Any]) -> tuple[list[ServiceRequest], str | None]:
    """A page of the requests in one state, and the address of the next one."""
    before = id_argument("before")
    found = list(rows.in_state(db.session(), state, before=before, size=PAGE + 1))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], url_for("RequestDeskView.index", before=last.id, **filters) if last else None
