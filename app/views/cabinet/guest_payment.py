"""Paying for water without signing in: the account and one thing that its holder knows, then the sum and nothing else.

Nothing is kept of whoever pays, no card is offered or saved. What was proven travels signed in the address, with the
moment of it, and ends with its hour however often it is passed on.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from itsdangerous import BadData
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...domain import dues, payment_limits, payment_types, payments, registration
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...formats import day_time, time_of_day
from ...forms.payments import AmountForm
from ...forms.registration import AccountForm
from ...i18n import _
from ...models import Account, Payment
from ...queries import payments as queries
from ...security.scope import SYSTEM, acting_as
from ..base import CabinetView, domain_errors, redraw_with, settings
from . import fact_tries
from .orders import GUEST, LIFETIME, Order, onward, opened, ordered, seal, status


@dataclass(frozen=True, slots=True)
class Proof:
    """That a visitor knows an account, and since when, in seconds."""

    account_id: int
    at: int

    @property
    def holds(self) -> bool:
        return clock.now().timestamp() < self.at + LIFETIME

    def sealed(self) -> str:
        return str(seal("guest-account").dumps([self.account_id, self.at]))


class GuestPaymentView(CabinetView):
    route_base = "/pay"

    @expose("", methods=["GET", "POST"])
    @domain_errors
    def index(self) -> Any:
        form = AccountForm(mask=settings()["accounts.mask"])
        redraw_with(form, lambda: self._who(form))
        if not form.validate_on_submit():
            return (self._who(form), 422) if form.is_submitted() else self._who(form)
        proven = Proof(_prove(form), int(clock.now().timestamp()))
        return redirect(url_for("GuestPaymentView.amount", account=proven.sealed()), 303)

    @expose("/sum", methods=["GET", "POST"])
    @domain_errors
    def amount(self) -> Any:
        """What is due, and how much of it to pay now."""
        proven = _proven(request.args.get("account", ""))
        if proven is None:
            return _begin_again()
        with acting_as(db.session(), SYSTEM):
            number, balance = _due(db.session(), proven.account_id)
        form = AmountForm(amount=max(balance, Decimal(0)) or None)
        if not form.validate_on_submit():
            page = self._sum(form, number, balance)
            return (page, 422) if form.is_submitted() else page
        assert form.amount.data is not None  # the form is valid
        redraw_with(form, lambda: self._sum(form, number, balance))
        with acting_as(db.session(), SYSTEM):
            payment_limits.check_ahead(db.session(), proven.account_id, form.amount.data)
        utility = payment_types.utility(db.session())
        order = ordered(proven.account_id, utility, lines={}, amount=form.amount.data, basis=None, proven_at=proven.at)
        return redirect(url_for("GuestPaymentView.confirm", order=order.sealed()), 303)

    @expose("/confirm")
    def confirm(self) -> Response | str:
        order = _opened(request.args.get("order", ""))
        if order is None:
            return _begin_again()
        with acting_as(db.session(), SYSTEM):
            known = queries.by_key(db.session(), order.account_id, order.key)
            if known is not None:
                return status(known)
            number = db.session.get_one(Account, order.account_id).number
        to = order.receiver() or abort(404)
        proven = Proof(order.account_id, order.proven_at or 0)
        return str(
            self.render_template(
                "cabinet/guest_payment/confirm.html",
                order=order,
                sealed=order.sealed(),
                number=number,
                payee=to.payee,
                back=url_for("GuestPaymentView.amount", account=proven.sealed()),
            )
        )

    @expose("/start", methods=["POST"])
    def start(self) -> Response:
        order = _opened(request.form.get("order", ""))
        if order is None:
            return _begin_again()
        with acting_as(db.session(), SYSTEM):
            try:
                with transaction() as session:
                    payment = _start(session, order)
                return onward(payment)
            except payments.PaymentInProgress as busy:
                return _in_the_way(order, busy.payment)
            except DomainError as error:
                flash(error.message, "bad")
                return redirect(url_for("GuestPaymentView.index"), 303)

    def _who(self, form: AccountForm) -> str:
        return str(self.render_template("cabinet/guest_payment/index.html", form=form))

    def _sum(self, form: AmountForm, number: str, balance: Decimal) -> str:
        page = "cabinet/guest_payment/sum.html"
        return str(self.render_template(page, form=form, number=number, balance=balance, here=request.full_path))


def _prove(form: AccountForm) -> int:
    """The account's id. The try is counted whatever follows. Raises DomainError."""
    number, fact, address = form.account_number.data, form.fact.data, request.remote_addr or ""
    fact_tries.count(number)
    with acting_as(db.session(), SYSTEM), transaction() as session:
        return registration.proven_account(session, number, fact, address).id


def _proven(sealed: str) -> Proof | None:
    try:
        proven = Proof(*seal("guest-account").loads(sealed, max_age=LIFETIME))
    except BadData:
        return None
    return proven if proven.holds else None


def _opened(sealed: str) -> Order | None:
    """An order that was begun here, while its proof holds."""
    order = opened(sealed, GUEST)
    if order is None or order.proven_at is None:
        return None
    return order if Proof(order.account_id, order.proven_at).holds else None


def _due(session: Session, account_id: int) -> tuple[str, Decimal]:
    """The account's number, and what it owes as one sum: below zero when it is overpaid."""
    account = session.get(Account, account_id) or abort(404)
    due = dues.of_account(session, account_id)
    return account.number, due.owed or -due.advance


def _start(session: Session, order: Order) -> Payment:
    """The sum is spread over the debts now, so that its parts stand in no address."""
    to = order.receiver() or abort(404)
    return payments.start(
        session,
        account=session.get_one(Account, order.account_id),
        user_id=None,
        lines=payments.lines_for(session, order.account_id, order.amount),
        payment_type=to.payment_type,
        payee=to.payee,
        basis=None,
        idempotency_key=order.key,
        gateway=current_app.extensions["gateway"],
    )


def _in_the_way(order: Order, busy: Payment) -> Response:
    """A payment begun here is finished or given up at its own page; the holder's is not shown to anybody else."""
    if busy.user_id is None:
        return status(busy, result="unfinished")
    flash(
        _(
            "This account is being paid in its holder's cabinet since %(moment)s. So as not to pay twice, try again "
            "after %(time)s.",
            moment=day_time(busy.created_at),
            time=time_of_day(busy.created_at + payments.IN_THE_WAY),
        ),
        "warn",
    )
    return redirect(url_for("GuestPaymentView.confirm", order=order.sealed()), 303)


def _begin_again() -> Response:
    flash(_("The page was open for too long or was changed on its way. Enter the account once more."), "warn")
    return redirect(url_for("GuestPaymentView.index"), 303)
