"""The operator's desk of service requests: what is promised first stands first; take, answer, move on."""

from datetime import date
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import requests
from ...domain.requests import Words
from ...extensions import db, transaction
from ...forms.requests import ACCEPT, MessageForm
from ...i18n import _, _l
from ...models import RequestState, ServiceRequest
from ...queries import requests as rows
from ...security.audit import looked_at
from .. import life
from ..attachments import data_folder
from ..base import ID, CabinetView, domain_errors, id_argument, id_of, redraw_with
from .home import may_open

PAGE = 25
ANSWER = "answer"
REGISTER = "StaffServiceRequestsView.list"


class RequestDeskView(CabinetView):
    route_base = "/staff/desk/requests"
    menu_label = _l("Service requests to work on")

    @expose("")
    @has_access
    def index(self) -> str:
        state = RequestState.__members__.get(request.args.get("state", ""))
        found, further = _finished(state) if state else _waiting()
        return self._page(
            "index",
            found=found,
            further=further,
            state=state,
            states=RequestState,
            unanswered=rows.unanswered(db.session(), [row.id for row in found]),
            days_late=requests.days_late,
            register_url=url_for(REGISTER) if may_open(REGISTER) else None,
        )

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def show(self, pk: int) -> Response | str | tuple[str, int]:
        form = MessageForm()
        page = partial(self._request_page, pk, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        act, words, user_id = request.form.get("act", ANSWER), form.words(), g.user.id
        to = RequestState.__members__.get(act)
        if to is None and act != ANSWER:
            abort(400)
        with transaction() as session:
            sent = rows.locked(session, pk) or abort(404)
            if to is None:
                requests.answer(session, sent, words, user_id=user_id, is_from_staff=True, folder=data_folder())
            else:
                requests.move(session, sent, to, words, user_id=user_id, folder=data_folder())
            _tell(session, sent, words, to)
        flash(_("The state is changed, the customer is told.") if to else _("The answer is sent."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _request_page(self, pk: int, form: MessageForm) -> str:
        session = db.session()
        sent = rows.one(session, pk) or abort(404)
        drawn = self._page(
            "show",
            sent=sent,
            form=form,
            sender=rows.sender(session, sent),
            life_steps=life.of_request(sent),
            next_states=requests.TRANSITIONS[sent.state],
            days_late=requests.days_late(sent),
            accept=ACCEPT,
            opens_accounts=may_open("StaffAccountsView.show"),
        )
        looked_at(sent)
        return drawn

    def _page(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/requests/{template}.html", **values))


def _waiting() -> tuple[list[ServiceRequest], str | None]:
    """A page of the open requests, and the address of the next one."""
    found = list(rows.waiting(db.session(), after=_place(), size=PAGE + 1))
    last = found[PAGE - 1] if len(found) > PAGE else None
    further = url_for(".index", after=f"{last.promised_on}.{last.id}") if last else None
    return found[:PAGE], further


def _place() -> tuple[date, int] | None:
    """Where the page starts, as the address of the page before gave it."""
    day, _dot, key = request.args.get("after", "").partition(".")
    pk = id_of(key)
    try:
        return (date.fromisoformat(day), pk) if pk is not None else None
    except ValueError:
        return None


def _finished(state: RequestState) -> tuple[list[ServiceRequest], str | None]:
    """A page of the requests in one state, and the address of the next one."""
    before = id_argument("before")
    found = list(rows.in_state(db.session(), state, before=before, size=PAGE + 1))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], url_for(".index", state=state.value, before=last.id) if last else None


def _tell(session: Session, sent: ServiceRequest, words: Words, to: RequestState | None) -> None:
    """Write to whoever sent the request what has changed."""
    reader = rows.sender(session, sent)
    if reader is None or not reader.email:
        return
    letters.enqueue(
        session,
        "request_moved" if to else "request_answered",
        to=reader.email,
        locale=reader.locale,
        sent=sent,
        words=words.body,
        url=letters.link(url_for("RequestsView.show", pk=sent.id)),
    )
