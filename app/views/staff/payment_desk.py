"""What a person must decide about payments: each with all that was said of it, and what may be done about it."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...documents import receipt
from ...domain import payment_alerts, payment_decisions, payment_review, refunds
from ...extensions import db, transaction
from ...forms.payment_desk import DecisionForm, ReasonForm, RefundForm
from ...gateways.base import Gateway, NoAnswerError, OperationFact, OperationStatus
from ...i18n import _, _l
from ...models import GatewayEvent, Payment, PaymentState, Refund
from ...queries import payment_desk as rows
from ...queries import payments as payment_rows
from ...queries import refunds as refund_rows
from ..base import ID, CabinetView, domain_errors, id_argument, id_of, redraw_with
from .home import may_open
from .payment_words import answer_words, event_words

PAGE, EVENTS = 25, 50


class PaymentDeskView(CabinetView):
    route_base = "/staff/desk/payments"
    menu_label = _l("Payments to look at")

    @expose("")
    @has_access
    def index(self) -> str:
        session = db.session()
        found = rows.to_look_at(session, after=id_argument("after") or 0, most=PAGE + 1)
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
        came = _act("paid", "dismissed") == "paid"
        operation_id = (form.operation.data or "").strip() if came else None
        fact = payment_decisions.asked(_gateway(), operation_id)
        with transaction() as session:
            outcome = payment_decisions.decide(
                session,
                pk,
                gateway=_gateway(),
                user_id=g.user.id,
                reason=_reason(form),
                operation_id=operation_id,
                fact=fact,
            )
            if outcome.receipt is not None:
                receipt.send(session, outcome.receipt)
        waits = _("Another person has to say the same, with this number of the operation.")
        flash(waits if outcome.waits else _("The payment is decided on."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/seen", methods=["POST"])
    @has_access
    @permission_name("decide")
    @domain_errors
    def seen(self, pk: int) -> Response | tuple[str, int]:
        form = ReasonForm(prefix="seen-")
        page = partial(self._payment_page, pk, seen=form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            payment_review.looked_at(session, pk, user_id=g.user.id, reason=_reason(form))
        flash(_("The payment is off the list."), "success")
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
            asked = refunds.ask(
                session,
                pk,
                amount=form.amount.data or Decimal(0),
                reason=_reason(form),
                user_id=g.user.id,
                known_id=id_of(request.form.get("known", "")) or 0,
            )
            waits = refunds.needs_approval(session, asked)
        flash(_("Another person has to approve the refund.") if waits else _("The refund will be sent."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/refunds/{ID}", methods=["POST"])
    @has_access
    @permission_name("approve")
    @domain_errors
    def answer(self, pk: int) -> Response | tuple[str, int]:
        asked: Refund = db.session.get(Refund, pk) or abort(404)
        payment_id, form = asked.payment_id, ReasonForm(prefix=_answer_prefix(asked))
        page = partial(self._payment_page, payment_id, **{form._prefix: form})
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        act = _act("approve", "decline")
        with transaction() as session:
            if act == "approve":
                refunds.approve(session, pk, user_id=g.user.id)
            else:
                refunds.decline(session, pk, user_id=g.user.id, reason=_reason(form))
        flash(_("The answer is kept."), "success")
        return redirect(url_for(".show", pk=payment_id), 303)

    def _payment_page(self, pk: int, **forms: ReasonForm) -> str:
        """`forms`: the one that was sent, with its errors; the others are new."""
        session = db.session()
        payment: Payment = session.get(Payment, pk) or abort(404)
        known, after = refund_rows.of_payment(session, pk), id_argument("after") or 0
        events = rows.events(session, pk, after=after, most=EVENTS + 1)
        may_ask = _gateway().can_be_asked and payment.order_number is not None
        facts = _asked(payment) if may_ask and request.args.get("ask") else None
        names = rows.names(session, _people(known, events))
        return self._drawn(
            "show",
            payment=payment,
            alert=payment_alerts.label(payment.alert),
            events=[event_words(each, names) for each in events[:EVENTS]],
            start=url_for(".show", pk=pk) if after else None,
            further=url_for(".show", pk=pk, after=events[EVENTS - 1].id) if len(events) > EVENTS else None,
            operations=payment_rows.operations(session, pk),
            refunds=known,
            waiting={
                each.id: forms.get(_answer_prefix(each)) or ReasonForm(formdata=None, prefix=_answer_prefix(each))
                for each in known
                if refunds.needs_approval(session, each)
            },
            names=names,
            left=max((roubles for _name, roubles in refund_rows.left_of(session, payment)), default=None),
            is_in_review=payment.state is PaymentState.review,
            is_paid=payment.state is PaymentState.succeeded,
            may_ask=may_ask,
            answers=None if facts is None else [answer_words(each) for each in facts],
            form=next(iter(forms.values()), None),
            decision=forms.get("decision") or DecisionForm(formdata=None, operation=_only_paid(facts or ())),
            refund=forms.get("refund") or RefundForm(formdata=None),
            seen=forms.get("seen") or ReasonForm(formdata=None, prefix="seen-"),
            may={act: may_open(f"{type(self).__name__}.{act}") for act in ("decide", "refund", "approve")},
        )

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/payment_desk/{template}.html", **values))


def _gateway() -> Gateway:
    return current_app.extensions["gateway"]  # type: ignore[no-any-return]


def _act(*known: str) -> str:
    """The button that was pressed."""
    act = request.form.get("act", "")
    return act if act in known else abort(400)


def _answer_prefix(asked: Refund) -> str:
    return f"answer-{asked.id}-"


def _reason(form: ReasonForm) -> str:
    return (form.reason.data or "").strip()


def _asked(payment: Payment) -> Sequence[OperationFact]:
    """What the gateway itself answers now; nothing where it gives no answer, which is said."""
    try:
        return _gateway().find(payment.order_number or "", payment.created_at)
    except NoAnswerError:
        flash(_("The gateway gives no answer now. Ask again in a few minutes."), "warning")
        return ()


def _only_paid(facts: Sequence[OperationFact]) -> str:
    """The operation to count, where the gateway knows of one alone."""
    paid = [fact.operation_id for fact in facts if fact.status is OperationStatus.succeeded and not fact.is_refund]
    return paid[0] if len(paid) == 1 else ""


def _people(known: Sequence[Refund], events: Sequence[GatewayEvent]) -> set[int]:
    """Ids of the members of staff that the page names."""
    told = {id_of(str(each.payload.get("user_id", ""))) for each in events}
    return {
        person
        for person in (*told, *(each.asked_by_id for each in known), *(each.approved_by_id for each in known))
        if person
    }
