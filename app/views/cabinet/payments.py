"""Paying: the table of what is due, the sum once more, the way to the gateway, the list of payments."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import get_locale
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from ... import clock
from ...documents import letters, receipt
from ...domain import dues, payments
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...formats import localized, typed
from ...forms.payments import CompanyPaymentForm, WishForm, wish_form
from ...gateways.base import PaymentOrder
from ...i18n import _
from ...models import Account, PayerGroup, Payment
from ...queries import payments as queries
from ..base import ID, CabinetView, current_account, domain_errors, id_argument, my_account, redraw_with

PAGE = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What was checked and is shown once more; it travels signed, so that nobody edits it on its way."""

    account_id: int
    lines: Mapping[int, Decimal]
    basis: str | None
    key: str

    @property
    def total(self) -> Decimal:
        return sum(self.lines.values(), Decimal(0))

    @property
    def typed(self) -> Mapping[int, str]:
        """The sums as they stand in the table; other services stay without one."""
        return {service_id: typed(amount) for service_id, amount in self.lines.items()}

    def sealed(self) -> str:
        lines = {service_id: str(amount) for service_id, amount in self.lines.items()}
        return str(_seal().dumps([g.user.id, self.account_id, lines, self.basis, self.key]))


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="payment-order")


def _opened(sealed: str) -> Order | None:
    """The order of this user; None for an altered one, another user's and one older than an hour."""
    try:
        user_id, account_id, lines, basis, key = _seal().loads(sealed, max_age=3600)
    except BadData:
        return None
    if user_id != g.user.id:
        return None
    return Order(account_id, {int(service): Decimal(amount) for service, amount in lines.items()}, basis, key)


class PaymentsView(CabinetView):
    route_base = "/cabinet/payments"

    @expose("")
    @has_access
    def index(self) -> str:
        """The table, with the sums of an order that its customer wants to change."""
        order = _opened(request.args.get("order", ""))
        return self._page(_mine(order.account_id) if order else current_account(), order=order)

    @expose("/check", methods=["POST"])
    @has_access
    @domain_errors
    def check(self) -> Any:
        """Look at what is wanted; the next page shows it once more."""
        account = _mine(request.form.get("account_id", type=int))
        form = _form_of(account)
        redraw_with(form, lambda: self._page(account, form))
        if not form.validate_on_submit():
            return self._page(account, form), 422
        lines, basis = _wanted(account, form)
        payments.check_order(db.session(), account, lines, basis)
        order = Order(account.id, lines, basis, token_urlsafe(24))
        return redirect(url_for("PaymentsView.confirm", order=order.sealed()), 303)

    @expose("/confirm")
    @has_access
    def confirm(self) -> Response | str:
        order = _opened(request.args.get("order", ""))
        if order is None:
            return _begin_again()
        account = _mine(order.account_id)
        known = queries.by_key(db.session(), account.id, order.key)
        if known is not None:
            return _status(known)
        services = {due.service.id: due.service for due in dues.of_account(db.session(), account.id).rows}
        if not order.lines.keys() <= services.keys():
            return _begin_again()
        return str(
            self.render_template(
                "cabinet/payments/confirm.html",
                order=order,
                sealed=order.sealed(),
                of=account,
                payee=queries.payee(db.session()),
                lines=[(services[service_id], amount) for service_id, amount in order.lines.items()],
            )
        )

    @expose("/start", methods=["POST"])
    @has_access
    def start(self) -> Response:
        order = _opened(request.form.get("order", ""))
        if order is None:
            return _begin_again()
        account = _mine(order.account_id)
        try:
            with transaction() as session:
                payment = payments.start(
                    session,
                    account=account,
                    user_id=g.user.id,
                    lines=order.lines,
                    payment_type=queries.payment_type(session),
                    payee=queries.payee(session),
                    basis=order.basis,
                    idempotency_key=order.key,
                    gateway=current_app.extensions["gateway"],
                )
                return _onward(payment)
        except payments.PaymentInProgress as busy:
            return _status(busy.payment, result="unfinished")
        except DomainError as error:
            flash(error.message, "bad")
            return redirect(url_for("PaymentsView.index"), 303)

    @expose(f"/{ID}/resume", methods=["POST"])
    @has_access
    def resume(self, pk: int) -> Response:
        """Back to the gateway's page of an unfinished payment."""
        return _onward(db.session.get(Payment, pk) or abort(404))

    @expose(f"/{ID}/cancel", methods=["POST"])
    @has_access
    def cancel(self, pk: int) -> Response:
        with transaction() as session:
            return _status(payments.give_up(session, pk) or abort(404), result="canceled")

    @expose(f"/{ID}/receipt.pdf")
    @has_access
    def receipt(self, pk: int) -> Response:
        payment = queries.with_receipt(db.session(), pk)
        if payment is None or payment.receipt is None:
            abort(404)
        name = f"receipt-{payment.receipt.title}.pdf"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(receipt.draw(payment.receipt.snapshot), mimetype="application/pdf", headers=headers)

    def _page(
        self,
        account: Account | None,
        form: WishForm | CompanyPaymentForm | None = None,
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
                waiting=queries.waiting(db.session(), account.id, clock.now()),
                history=shown[:PAGE],
                older=shown[PAGE - 1].id if len(shown) > PAGE else None,
            )
        )


def _mine(account_id: int | None) -> Account:
    return my_account(account_id) or abort(404)


def _form_of(account: Account) -> WishForm | CompanyPaymentForm:
    if account.payer_group is PayerGroup.other:
        return CompanyPaymentForm()
    services = queries.payable_services(db.session(), account.id)
    return wish_form({service.id: localized(service, "name") for service in services})


def _wanted(account: Account, form: WishForm | CompanyPaymentForm) -> tuple[Mapping[int, Decimal], str | None]:
    if isinstance(form, WishForm):
        return form.lines(), None
    assert form.amount.data is not None  # the form is valid
    return payments.lines_for(db.session(), account.id, form.amount.data), form.basis.data


def _begin_again() -> Response:
    flash(_("The page was open for too long or was changed on its way. Check the sums again."), "warn")
    return redirect(url_for("PaymentsView.index"), 303)


def _onward(payment: Payment) -> Response:
    """To the gateway while there is something to pay, else to what became of the payment."""
    if payment.state not in queries.OPEN:
        return _status(payment)
    form = current_app.extensions["gateway"].payment_form(_gateway_order(payment))
    return redirect(form.location, 303)


def _gateway_order(payment: Payment) -> PaymentOrder:
    page = letters.link(url_for("PaymentStatusView.index", token=payment.status_token))
    return PaymentOrder(
        number=payment.order_number or "",
        amount=payment.amount,
        description=_("Water and sewerage, account %(number)s", number=payment.account.number),
        subscriber=payments.subscriber_of(payment),
        success_url=f"{page}?result=wait",
        in_progress_url=f"{page}?result=wait",
        fail_url=f"{page}?result=fail",
        return_url=f"{page}?result=back",
        locale=str(get_locale()),
    )


def _status(payment: Payment, result: str | None = None) -> Response:
    return redirect(url_for("PaymentStatusView.index", token=payment.status_token, result=result), 303)
