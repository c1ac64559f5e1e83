"""What a person must decide about payments: each with all that was said of it, and what may be done about it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...documents import receipt
from ...domain import payment_alerts, payments, refunds
from ...extensions import db, transaction
from ...forms.payment_desk import DecisionForm, ReasonForm, RefundForm
from ...gateways.base import Gateway, NoAnswerError, OperationFact
from ...i18n import _, _l
from ...models import Payment, PaymentState, Refund
from ...queries import payment_desk as rows
from ...queries import refunds as refund_rows
from ..base import ID, CabinetView, domain_errors, id_argument, redraw_with

PAGE = 25


class PaymentDeskView(CabinetView):
    route_base = "/staff/desk/payments"
    menu_label = _l("Payments to decide on")

    @expose("")
    @has_access
    def index(self) -> str:
        session = db.session()
        found = rows.in_review(session, after=id_argument("after") or 0, most=PAGE + 1)
        return self._drawn(
            "index",
            found=found[:PAGE],
            further=url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None,
            refunds=rows.refunds_to_approve(session, refunds.limit(session), PAGE),
            words=payment_alerts.label,
        )

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        return self._payment_page(pk)

    @expose(f"/{ID}/decide", methods=["POST"])
    @has_access
    @domain_errors
    def decide(self, pk: int) -> Response | tuple[str, int]:
        form = DecisionForm()
        page = partial(self._payment_page, pk, decision=form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        came = request.form.get("act") == "paid"
        with transaction() as session:
            outcome = payments.decide(
                session,
                pk,
                gateway=_gateway(),
                user_id=g.user.id,
                reason=_reason(form),
                operation_id=(form.operation.data or "").strip() if came else None,
            )
            if outcome.receipt is not None:
                receipt.send(session, outcome.receipt)
        flash(_("The payment is decided on."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/refund", methods=["POST"])
    @has_access
    @domain_errors
    def refund(self, pk: int) -> Response | tuple[str, int]:
        form = RefundForm()
        page = partial(self._payment_page, pk, refund=form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            amount = form.amount.data or session.get_one(Payment, pk).amount * 0
            asked = refunds.ask(session, pk, amount=amount, reason=_reason(form), user_id=g.user.id)
            waits = refunds.needs_approval(session, asked)
        flash(_("Another person has to approve the refund.") if waits else _("The refund will be sent."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/refunds/{ID}", methods=["POST"])
    @has_access
    @permission_name("approve")
    @domain_errors
    def answer(self, pk: int) -> Response | tuple[str, int]:
        asked: Refund = db.session.get(Refund, pk) or abort(404)
        payment_id, form = asked.payment_id, ReasonForm(prefix="answer-")
        page = partial(self._payment_page, payment_id, answer=form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            if request.form.get("act") == "approve":
                refunds.approve(session, pk, user_id=g.user.id)
            else:
                refunds.decline(session, pk, user_id=g.user.id, reason=_reason(form))
        flash(_("The answer is kept."), "success")
        return redirect(url_for(".show", pk=payment_id), 303)

    def _payment_page(self, pk: int, **forms: Any) -> str:
        """`forms`: the one that was sent, with its errors; the others are new."""
        session = db.session()
        payment: Payment = session.get(Payment, pk) or abort(404)
        known = refund_rows.of_payment(session, pk)
        events = rows.events(session, pk)
        may_ask = _gateway().can_be_asked and payment.order_number is not None
        users = {each.asked_by_id for each in known} | {each.approved_by_id for each in known if each.approved_by_id}
        users |= {int(each.payload["user_id"]) for each in events if str(each.payload.get("user_id", "")).isdigit()}
        return self._drawn(
            "show",
            payment=payment,
            alert=payment_alerts.label(payment.alert),
            events=events,
            operations=rows.operations(session, pk),
            refunds=known,
            waiting=[each.id for each in known if refunds.needs_approval(session, each)],
            names=rows.names(session, users),
            left=max((roubles for _name, roubles in refund_rows.left_of(session, payment)), default=None),
            is_in_review=payment.state is PaymentState.review,
            is_paid=payment.state is PaymentState.succeeded,
            may_ask=may_ask,
            facts_said=_asked(payment) if may_ask and request.args.get("ask") else None,
            form=next(iter(forms.values()), None),
            decision=forms.get("decision") or DecisionForm(formdata=None),
            refund=forms.get("refund") or RefundForm(formdata=None),
            answer=forms.get("answer") or ReasonForm(formdata=None, prefix="answer-"),
            may_approve=self.appbuilder.sm.has_access("can_approve", type(self).__name__),
        )

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/payment_desk/{template}.html", **values))


def _gateway() -> Gateway:
    return current_app.extensions["gateway"]  # type: ignore[no-any-return]


def _reason(form: ReasonForm) -> str:
    return (form.reason.data or "").strip()


def _asked(payment: Payment) -> Sequence[OperationFact]:
    """What the gateway itself answers now; nothing where it gives no answer, which is said."""
    try:
        return _gateway().find(payment.order_number or "", payment.created_at)
    except NoAnswerError:
        flash(_("The gateway gives no answer now. Ask again in a few minutes."), "warning")
        return ()
