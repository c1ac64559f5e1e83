"""A customer's service requests: send one, follow it, exchange messages; agree to its price and visit, pay, rate."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...domain import payment_types, request_prices, requests, visits, withdrawals
from ...extensions import db, transaction
from ...formats import span
from ...forms.base import Form
from ...forms.requests import (
    ACCEPT,
    MessageForm,
    PriceAnswerForm,
    RatingForm,
    RequestForm,
    VisitAnswerForm,
    WithdrawalForm,
    chosen_code,
)
from ...i18n import _
from ...models import Account, RequestState, ServiceRequest
from ...queries import refunds, request_payments
from ...queries import requests as rows
from .. import life
from ..attachments import data_folder
from ..base import ID, CabinetView, current_account, domain_errors, id_argument, my_account, needs, redraw_with
from ..request_letters import tell_of_withdrawal
from ..request_words import answers_of
from .orders import ordered

PAGE = 20
Page = Response | str | tuple[str, int]


def _account_of(pk: int) -> Account | None:
    """Whose request it is: not always the chosen account's."""
    sent = rows.one(db.session(), pk)
    return my_account(sent.account_id) if sent is not None else None


class RequestsView(CabinetView):
    route_base = "/cabinet/requests"

    @expose("")
    @has_access
    def index(self) -> str:
        before = id_argument("before")
        found = rows.mine(db.session(), before=before, size=PAGE + 1)
        older = url_for(".index", before=found[PAGE - 1].id) if len(found) > PAGE else None
        newer = url_for(".index") if before is not None else None
        return self._page("index", found=found[:PAGE], older=older, newer=newer, days_late=requests.days_late)

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @needs("may_request")
    @domain_errors
    def new(self) -> Page:
        offerings = rows.offerings(db.session())
        chosen = rows.offering(db.session(), chosen_code())
        form = RequestForm.of(offerings, chosen)
        account = current_account() or abort(404)
        page = partial(self._page, "new", form=form, offerings=offerings, chosen=chosen, holder=account, accept=ACCEPT)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        words, user_id = form.words(), g.user.id
        with transaction() as session:
            offering = rows.offering(session, form.service.data) or abort(404)
            answers = form.answers(offering)
            sent = requests.send(
                session, account, offering, words, user_id=user_id, folder=data_folder(), answers=answers
            )
            pk = sent.id
        return redirect(url_for(".accepted", pk=pk), 303)

    @expose(f"/{ID}/accepted")
    @has_access
    def accepted(self, pk: int) -> str:
        return self._page("accepted", sent=rows.one(db.session(), pk) or abort(404))

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @needs("may_request", when_sent=True, of=_account_of)
    @domain_errors
    def show(self, pk: int) -> Page:
        form = MessageForm()

        def act(session: Session, sent: ServiceRequest) -> None:
            words = form.words()
            requests.answer(session, sent, words, user_id=g.user.id, is_from_staff=False, folder=data_folder())

        if request.method == "GET":
            return self._request_page(pk, form)
        return self._acted(pk, form, act, _("Your message is sent."), "messages")

    @expose(f"/{ID}/price", methods=["POST"])
    @has_access
    @permission_name("show")
    @needs("may_request", of=_account_of)
    @domain_errors
    def price(self, pk: int) -> Page:
        form, is_accepted = PriceAnswerForm(), request.form.get("act") == "accept"

        def act(session: Session, sent: ServiceRequest) -> None:
            request_prices.answer_price(session, sent, form.shown, is_accepted=is_accepted, user_id=g.user.id)

        told = (
            _("You have agreed to the price.") if is_accepted else _("We have noted that the price does not suit you.")
        )
        return self._acted(pk, form, act, told, "price")

    @expose(f"/{ID}/visit", methods=["POST"])
    @has_access
    @permission_name("show")
    @needs("may_request", of=_account_of)
    @domain_errors
    def visit(self, pk: int) -> Page:
        form, is_picked = VisitAnswerForm(prefix="visit-"), request.form.get("act") == "pick"

        def act(session: Session, sent: ServiceRequest) -> None:
            if is_picked:
                visits.pick(session, sent, form.slot_id, user_id=g.user.id)
            else:
                visits.decline(session, sent, form.why.data or "", user_id=g.user.id)

        told = _("The time of the visit is agreed on.") if is_picked else _("We will look for another time.")
        return self._acted(pk, form, act, told, "visit")

    @expose(f"/{ID}/pay", methods=["POST"])
    @has_access
    @permission_name("show")
    @needs("may_pay", of=_account_of)
    def pay(self, pk: int) -> Response:
        """On to the page where a payment is checked; nothing is written before that."""
        sent = rows.one(db.session(), pk) or abort(404)
        to = payment_types.receiver(db.session(), request_prices.PAID_SERVICES)
        due = request_prices.bill(db.session(), sent)
        if to is None:
            flash(_("Services cannot be paid for here yet. Call us: we will tell you how to pay."), "warn")
        elif not due.is_due or due.price is None:
            flash(_("There is nothing to pay for this request. Look at it again."), "warn")
        else:
            basis = request_prices.basis(sent)
            wanted = ordered(sent.account_id, to, lines={}, amount=due.price, basis=basis, request_id=sent.id)
            return redirect(url_for("PaymentsView.confirm", order=wanted.sealed()), 303)
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/withdraw", methods=["POST"])
    @has_access
    @permission_name("show")
    @needs("may_request", of=_account_of)
    @domain_errors
    def withdraw(self, pk: int) -> Page:
        form = WithdrawalForm(prefix="withdraw-")

        def act(session: Session, sent: ServiceRequest) -> None:
            withdrawals.withdraw(session, sent, form.why.data or "", user_id=g.user.id)
            tell_of_withdrawal(session, sent, form.why.data or "")

        return self._acted(pk, form, act, _("The request is withdrawn."), "state-title")

    @expose(f"/{ID}/rate", methods=["POST"])
    @has_access
    @permission_name("show")
    @needs("may_request", of=_account_of)
    @domain_errors
    def rate(self, pk: int) -> Page:
        form = RatingForm(prefix="rate-")

        def act(session: Session, sent: ServiceRequest) -> None:
            requests.rate(sent, form.given, form.words.data or "")

        return self._acted(pk, form, act, _("Thank you: we read every word."), "rating")

    def _acted(
        self, pk: int, form: Form, act: Callable[[Session, ServiceRequest], None], told: str, anchor: str
    ) -> Page:
        """Do it and go back to the page, or draw it again with the form that was sent."""
        page = partial(self._request_page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            act(session, rows.locked(session, pk) or abort(404))
        flash(told, "success")
        return redirect(url_for(".show", pk=pk, _anchor=anchor), 303)

    def _request_page(self, pk: int, sent_form: Form) -> str:
        """`sent_form`: the form that was sent, with its errors; the others are new."""
        session = db.session()
        sent = rows.one(session, pk) or abort(404)
        payments = request_payments.of_request(session, pk)
        offered = visits.upcoming(sent.slots)
        forms: dict[str, Any] = {
            "message": MessageForm(formdata=None),
            "visit": VisitAnswerForm(formdata=None, prefix="visit-"),
            "rate": RatingForm(formdata=None, prefix="rate-"),
            "withdraw": WithdrawalForm(formdata=None, prefix="withdraw-"),
        }
        kinds = {
            MessageForm: "message",
            VisitAnswerForm: "visit",
            RatingForm: "rate",
            WithdrawalForm: "withdraw",
        }
        if type(sent_form) in kinds:
            forms[kinds[type(sent_form)]] = sent_form
        forms["visit"].offer((slot.id, span(slot.starts_at, slot.ends_at)) for slot in offered)
        return self._page(
            "show",
            sent=sent,
            form=sent_form,
            forms=forms,
            answers=answers_of(sent),
            life_steps=life.of_request(sent),
            is_open=requests.is_open(sent),
            days_late=requests.days_late(sent),
            bill=request_prices.bill(session, sent),
            payments=payments,
            returned=refunds.told(session, [payment.id for payment in payments]) if payments else [],
            offered=offered,
            visit=visits.agreed(sent.slots),
            now=clock.now(),
            may_withdraw=withdrawals.may_withdraw(sent, sent.slots),
            refund_days=withdrawals.REFUND_DAYS,
            may_rate=sent.state is RequestState.done and sent.rating is None,
            accept=ACCEPT,
        )

    def _page(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"cabinet/requests/{template}.html", **values))
