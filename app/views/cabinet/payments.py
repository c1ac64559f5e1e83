"""Paying: the table of what is due, the sum once more, the way to the gateway, the list of payments."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ... import clock
from ...documents import receipt
from ...domain import cards, dues, payment_types, payments
from ...domain.cards import CardRefused
from ...domain.errors import DomainError
from ...domain.payment_types import Receiver
from ...extensions import db, transaction
from ...formats import localized
from ...forms.payments import BasisForm, ConfirmForm, WishForm, wish_form
from ...i18n import _
from ...models import Account, PayerGroup, Payment, Receipt
from ...queries import cards as card_queries
from ...queries import payments as queries
from ...queries import refunds as refund_queries
from ..base import ID, CabinetView, current_account, domain_errors, id_argument, id_of, my_account, needs, redraw_with
from .orders import Order, onward, opened, ordered, status

PAGE = 20


def _paid_for(pk: int | None = None) -> Account | None:
    """The account of the payment, or of the order or the form that was sent: not always the chosen one."""
    if pk is not None:
        payment = db.session.get(Payment, pk)
        return my_account(payment.account_id) if payment is not None else None
    if "order" in request.values:
        order = opened(request.values["order"])
        return my_account(order.account_id) if order is not None else None
    return my_account(id_of(request.form["account_id"])) if "account_id" in request.form else current_account()


class PaymentsView(CabinetView):
    route_base = "/cabinet/payments"

    @expose("")
    @has_access
    @needs("may_pay", of=_paid_for)
    def index(self) -> str:
        """The table, with the sums of an order that its customer wants to change."""
        order = opened(request.args.get("order", ""))
        return self._page(_mine(order.account_id) if order else current_account(), order=order)

    @expose("/check", methods=["POST"])
    @has_access
    @needs("may_pay", of=_paid_for)
    @domain_errors
    def check(self) -> Any:
        """Look at what is wanted; the next page shows it once more."""
        account = _mine(id_of(request.form.get("account_id", "")))
        form = _form_of(account)
        redraw_with(form, lambda: self._page(account, form))
        if not form.validate_on_submit():
            return self._page(account, form), 422
        lines, basis = _wanted(account, form)
        payments.check_order(db.session(), account, lines, basis)
        order = ordered(account.id, payment_types.utility(db.session()), lines=lines, basis=basis)
        return redirect(url_for("PaymentsView.confirm", order=order.sealed()), 303)

    @expose("/confirm")
    @has_access
    @needs("may_pay", of=_paid_for)
    def confirm(self) -> Response | str:
        order = opened(request.args.get("order", ""))
        if order is None:
            return _begin_again()
        account, receiver = _mine(order.account_id), order.receiver()
        known = queries.by_key(db.session(), account.id, order.key)
        if known is not None:
            return status(known)
        if receiver is None or not order.lines.keys() <= _services(account).keys():
            return _begin_again()
        return self._confirm(order, account, receiver, _confirm_form(receiver))

    @expose("/start", methods=["POST"])
    @has_access
    @needs("may_pay", of=_paid_for)
    def start(self) -> Response | str | tuple[str, int]:
        order = opened(request.form.get("order", ""))
        receiver = order.receiver() if order is not None else None
        if order is None or receiver is None:
            return _begin_again()
        account, form = _mine(order.account_id), _confirm_form(receiver)
        if not form.validate_on_submit():
            return self._confirm(order, account, receiver, form), 422
        try:
            return _begin(order, account, receiver, form)
        except payments.PaymentInProgress as busy:
            return status(busy.payment, result="unfinished")
        except CardRefused as refused:
            form.refuse(refused)
            return self._confirm(order, account, receiver, form), 422
        except DomainError as error:
            flash(error.message, "bad")
            return redirect(_before(order), 303)

    @expose(f"/{ID}/resume", methods=["POST"])
    @has_access
    @needs("may_pay", of=_paid_for)
    def resume(self, pk: int) -> Response:
        """Back to the gateway's page of an unfinished payment: of one's own, as its card is saved for who began it."""
        payment = db.session.get(Payment, pk)
        if payment is None or payment.user_id not in (None, g.user.id):
            abort(404)
        return onward(payment)

    @expose(f"/{ID}/cancel", methods=["POST"])
    @has_access
    def cancel(self, pk: int) -> Response:
        with transaction() as session:
            return status(payments.give_up(session, pk) or abort(404), result="canceled")

    @expose(f"/{ID}/receipt.pdf")
    @has_access
    def receipt(self, pk: int) -> Response:
        payment = queries.with_receipt(db.session(), pk)
        if payment is None or payment.receipt is None:
            abort(404)
        return _receipt_file(payment.receipt)

    @expose(f"/refunds/{ID}/receipt.pdf")
    @has_access
    @permission_name("receipt")
    def refund_receipt(self, pk: int) -> Response:
        refund = refund_queries.with_receipt(db.session(), pk)
        if refund is None or refund.receipt is None:
            abort(404)
        return _receipt_file(refund.receipt)

    def _page(
        self,
        account: Account | None,
        form: WishForm | BasisForm | None = None,
        order: Order | None = None,
    ) -> str:
        if account is None:
            return str(self.render_template("cabinet/payments/index.html", of=None))
        before = id_argument("before")
        shown = queries.history(db.session(), account.id, before_id=before, most=PAGE + 1)
        return str(
            self.render_template(
                "cabinet/payments/index.html",
                of=account,
                is_company=account.payer_group is PayerGroup.other,
                due=dues.of_account(db.session(), account.id),
                form=form,
                order=order,
                before=before,
                receivers=payment_types.receivers(db.session()),
                waiting=queries.waiting(db.session(), account.id, clock.now()),
                history=shown[:PAGE],
                returned=refund_queries.told(db.session(), [payment.id for payment in shown[:PAGE]]),
                older=shown[PAGE - 1].id if len(shown) > PAGE else None,
            )
        )

    def _confirm(self, order: Order, account: Account, to: Receiver, form: ConfirmForm) -> str:
        services = _services(account) if order.lines else {}
        return str(
            self.render_template(
                "cabinet/payments/confirm.html",
                order=order,
                sealed=order.sealed(),
                of=account,
                to=to,
                form=form,
                lines=[(services[service_id], amount) for service_id, amount in order.lines.items()],
            )
        )


def _receipt_file(given: Receipt) -> Response:
    headers = {"Content-Disposition": f"attachment; filename=receipt-{given.title}.pdf"}
    return Response(receipt.draw(given.snapshot), mimetype="application/pdf", headers=headers)


def _mine(account_id: int | None) -> Account:
    return my_account(account_id) or abort(404)


def _services(account: Account) -> dict[int, Any]:
    return {due.service.id: due.service for due in dues.of_account(db.session(), account.id).rows}


def _form_of(account: Account) -> WishForm | BasisForm:
    if account.payer_group is PayerGroup.other:
        return BasisForm()
    services = queries.payable_services(db.session(), account.id)
    return wish_form({service.id: localized(service, "name") for service in services})


def _wanted(account: Account, form: WishForm | BasisForm) -> tuple[Mapping[int, Decimal], str | None]:
    if isinstance(form, WishForm):
        return form.lines(), None
    assert form.amount.data is not None  # the form is valid
    return payments.lines_for(db.session(), account.id, form.amount.data), form.basis.data


def _confirm_form(to: Receiver) -> ConfirmForm:
    """Cards that may pay this payee now, and a tick to save another one."""
    return ConfirmForm.of(
        cards.offered(db.session(), g.user.id, to.payment_type, to.payee),
        payer=" ".join(filter(None, (g.user.last_name, g.user.first_name, g.user.patronymic))),
        may_save=len(card_queries.kept(db.session(), g.user.id)) < cards.MOST,
        consent=_(
            "Save the card that I enter, for my further payments of the kind “%(type)s”. The payment organisation "
            "keeps it, the utility sees its last four digits. I can remove it in the settings at any time.",
            type=localized(to.payment_type, "name"),
        ),
        asks_passport=to.payee.asks_passport,
    )


def _begin(order: Order, account: Account, to: Receiver, form: ConfirmForm) -> Response:
    with transaction() as session:
        payment = payments.start(
            session,
            account=account,
            user_id=g.user.id,
            lines=order.lines,
            amount=order.other_amount,
            payment_type=to.payment_type,
            payee=to.payee,
            basis=order.basis,
            card=form.wish,
            passport=form.passport,
            idempotency_key=order.key,
            request_id=order.request_id,
            gateway=current_app.extensions["gateway"],
        )
    return onward(payment)


def _before(order: Order) -> str:
    """Where the customer came from to pay."""
    if order.request_id is not None:
        return url_for("RequestsView.show", pk=order.request_id)
    return url_for("PaymentsView.index")


def _begin_again() -> Response:
    flash(_("The page was open for too long or was changed on its way. Check the sums again."), "warn")
    return redirect(url_for("PaymentsView.index"), 303)
