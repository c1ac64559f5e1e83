"""Paying for something else than water: an amount, and what it is for. The sum is shown once more by PaymentsView."""

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ... import clock
from ...domain import payment_types, payments
from ...domain.payment_types import Receiver
from ...extensions import db
from ...forms.payments import BasisForm
from ...models import Account
from ...queries import payments as queries
from ..base import ID, CabinetView, current_account, domain_errors, id_of, my_account, needs, redraw_with
from .orders import Order, opened, ordered


class OtherPaymentsView(CabinetView):
    route_base = "/cabinet/payments/for"

    @expose(f"/<code>/{ID}", methods=["GET", "POST"])
    @has_access
    @needs("may_pay")
    @domain_errors
    def index(self, code: str, pk: int) -> Any:
        """The form, with what an order says that its customer wants to change."""
        to = payment_types.receiver(db.session(), code, pk)
        if to is None or to.payment_type.pays_services:
            abort(404)
        account, order = _account()
        form = BasisForm(amount=order and order.amount, basis=order and order.basis)
        redraw_with(form, lambda: self._page(account, to, form))
        if account is None or not form.validate_on_submit():
            page = self._page(account, to, form)
            return (page, 422) if form.is_submitted() else page
        assert form.amount.data is not None  # the form is valid
        payments.check_other(db.session(), to.payment_type, to.payee, form.amount.data, form.basis.data)
        wanted = ordered(account.id, to, lines={}, amount=form.amount.data, basis=form.basis.data)
        return redirect(url_for("PaymentsView.confirm", order=wanted.sealed()), 303)

    def _page(self, account: Account | None, to: Receiver, form: BasisForm) -> str:
        waiting = None
        if account is not None:
            waiting = queries.waiting(db.session(), account.id, clock.now(), to.payment_type.id)
        return str(
            self.render_template(
                "cabinet/payments/other.html",
                of=account,
                to=to,
                form=form,
                receivers=payment_types.receivers(db.session()),
                waiting=waiting,
            )
        )


def _account() -> tuple[Account | None, Order | None]:
    """For which account is paid, and the order that is changed: the form names the account it was drawn for."""
    if request.method == "POST":
        return my_account(id_of(request.form.get("account_id", ""))) or abort(404), None
    order = opened(request.args.get("order", ""))
    return (my_account(order.account_id) or abort(404) if order else current_account()), order
