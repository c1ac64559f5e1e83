"""One request at work: answer, move on, give to somebody, name a price, offer a visit, note something down."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from ...domain import offerings, request_prices, requests, visits
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...formats import long_date
from ...forms.base import Form
from ...forms.request_desk import AssigneeForm, DeskMessageForm, NoteForm, PriceForm, SlotForm
from ...forms.requests import ACCEPT
from ...i18n import _
from ...models import AnswerTemplate, RequestState, ServiceRequest, SlotState
from ...queries import refunds, request_payments
from ...queries import requests as rows
from ...security import audit
from .. import life
from ..attachments import data_folder
from ..base import ID, LARGEST_ID, CabinetView, domain_errors, redraw_with
from ..request_words import answers_of
from .home import may_open
from .request_letters import tell, tell_price, tell_visit
from .requests import MOVES, person, staff_at_work

ANSWER, INSERT = "answer", "insert"
SLOT = f"<int(max={LARGEST_ID}):slot>"
Page = Response | str | tuple[str, int]
Act = Callable[[Session, ServiceRequest], Any]


class RequestPageView(CabinetView):
    route_base = "/staff/desk/requests"

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def show(self, pk: int) -> Page:
        form, name = DeskMessageForm(), request.form.get("act", ANSWER)
        if request.method == "GET":
            return self._request_page(pk)
        if name == INSERT:
            _begin_with(form, pk)
            return self._request_page(pk, form)
        to = RequestState.__members__.get(name)
        if to is None and name != ANSWER:
            abort(400)

        def act(session: Session, sent: ServiceRequest) -> None:
            words, by = form.words(), g.user.id
            if to is None:
                requests.answer(session, sent, words, user_id=by, is_from_staff=True, folder=data_folder())
            else:
                requests.move(session, sent, to, words, user_id=by, folder=data_folder())
            tell(session, sent, words, to)

        told = _("The state is changed, the customer is told.") if to else _("The answer is sent.")
        return self._acted(pk, form, act, told)

    @expose(f"/{ID}/assign", methods=["POST"])
    @has_access
    @permission_name("show")
    @domain_errors
    def assign(self, pk: int) -> Page:
        form = AssigneeForm(prefix="assign-")

        def act(session: Session, sent: ServiceRequest) -> None:
            requests.check_seen(sent, _seen())
            requests.assign(sent, person(form.chosen))

        return self._acted(pk, form, act, _("The request is given."), assignee=form.to.data)

    @expose(f"/{ID}/price", methods=["POST"])
    @has_access
    @permission_name("show")
    @domain_errors
    def price(self, pk: int) -> Page:
        form = PriceForm(prefix="price-")

        def act(session: Session, sent: ServiceRequest) -> None:
            assert form.price.data is not None  # the form is valid
            request_prices.set_price(session, sent, form.price.data, seen=_seen())
            tell_price(session, sent)

        return self._acted(pk, form, act, _("The price is set, the customer is told."), price=str(form.price.data))

    @expose(f"/{ID}/visit", methods=["POST"])
    @has_access
    @permission_name("show")
    @domain_errors
    def visit(self, pk: int) -> Page:
        form = SlotForm(prefix="visit-")

        def act(session: Session, sent: ServiceRequest) -> None:
            starts_at, ends_at = form.starts_at.data, form.ends_at.data
            if starts_at is None or ends_at is None:
                raise DomainError(_("Enter when the visit begins and ends."), field="starts_at")
            slot = visits.propose(session, sent, starts_at, ends_at, is_set=form.is_set.data, seen=_seen())
            tell_visit(session, sent, slot)

        told = _("The time is set, the customer is told.") if form.is_set.data else _("The time is offered.")
        return self._acted(pk, form, act, told, visit=str(form.starts_at.data))

    @expose(f"/{ID}/visit/{SLOT}/withdraw", methods=["POST"])
    @has_access
    @permission_name("show")
    @domain_errors
    def withdraw(self, pk: int, slot: int) -> Page:
        def act(session: Session, sent: ServiceRequest) -> None:
            tell_visit(session, sent, visits.withdraw(session, sent, slot, seen=_seen()))

        return self._acted(pk, Form(), act, _("The time is withdrawn, the customer is told."), withdrawn=slot)

    @expose(f"/{ID}/note", methods=["POST"])
    @has_access
    @permission_name("show")
    @domain_errors
    def note(self, pk: int) -> Page:
        form = NoteForm(prefix="note-")

        def act(session: Session, sent: ServiceRequest) -> None:
            requests.note(session, sent, form.body.data or "", user_id=g.user.id)

        return self._acted(pk, form, act, _("The note is kept. The customer does not see it."))

    def _acted(self, pk: int, form: Form, act: Act, told: str, **trace: Any) -> Page:
        """Do it and go back to the page, or draw it again with the form that was sent. `trace`: what is left of it
        besides the row itself."""
        page = partial(self._request_page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            sent = rows.locked(session, pk) or abort(404)
            act(session, sent)
            if trace:
                audit.record(session, "changed", sent, **trace)
        flash(told, "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _request_page(self, pk: int, sent_form: Form | None = None) -> str:
        """`sent_form`: the form that was sent, with what was typed and its errors; the others are new."""
        session = db.session()
        sent = rows.one(session, pk) or abort(404)
        payments = request_payments.of_request(session, pk)
        drawn = str(
            self.render_template(
                "staff/requests/show.html",
                sent=sent,
                form=sent_form,
                forms=_forms(sent, sent_form),
                version=requests.version(sent),
                sender=rows.sender(session, sent),
                answers=answers_of(sent),
                life_steps=life.of_request(sent),
                next_states=requests.TRANSITIONS[sent.state],
                acts=dict(MOVES),
                days_late=requests.days_late(sent),
                bill=request_prices.bill(session, sent),
                payments=payments,
                returned=refunds.told(session, [payment.id for payment in payments]) if payments else [],
                slots=[slot for slot in sent.slots if slot.state is not SlotState.withdrawn],
                standing=visits.STANDING,
                notes=rows.notes(session, pk),
                accept=ACCEPT,
                opens_accounts=may_open("StaffAccountsView.show"),
            )
        )
        audit.looked_at(sent)
        return drawn


def _seen() -> str:
    """Which version of the request the page was drawn from."""
    return request.form.get("seen", "")


def _forms(sent: ServiceRequest, given: Form | None) -> dict[str, Any]:
    """The forms of the page: the one that was sent as it was sent, the others new."""
    forms: dict[str, Any] = {
        "message": DeskMessageForm(formdata=None),
        "assign": AssigneeForm(formdata=None, prefix="assign-"),
        "price": PriceForm(formdata=None, prefix="price-", price=sent.price),
        "visit": SlotForm(formdata=None, prefix="visit-"),
        "note": NoteForm(formdata=None, prefix="note-"),
    }
    for name, form in forms.items():
        if type(form) is type(given):
            forms[name] = given
    forms["assign"].offer(staff_at_work(), sent.assignee_id)
    texts = [SelectChoice(str(each.id), each.name) for each in rows.templates(db.session())]
    forms["message"].template.choices = [SelectChoice("", _("Choose")), *texts]
    return forms


def _begin_with(form: DeskMessageForm, pk: int) -> None:
    """Put a ready text under what was typed."""
    sent = rows.one(db.session(), pk) or abort(404)
    template = db.session.get(AnswerTemplate, form.template_id) if form.template_id else None
    if template is not None:
        text = offerings.fill_in(template, sent, long_date(sent.promised_on))
        form.body.data = "\n\n".join(filter(None, (form.body.data, text)))
