"""What was checked and is shown once more before the bank's page, and the way there. Shared by those who signed in
and those who did not."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from secrets import token_urlsafe

from flask import current_app, flash, redirect, url_for
from flask_babel import get_locale
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import card_charges, cards, payment_types, payments
from ...domain.cards import CardRefused
from ...domain.payment_types import Receiver
from ...extensions import db, transaction
from ...formats import localized, typed
from ...gateways.base import Gateway, PaymentOrder
from ...i18n import _
from ...models import Payment, PaymentState
from ...queries import payments as queries
from ...security.scope import SYSTEM, acting_as

LIFETIME = 3600
"""Seconds that an order may still be confirmed, and that what a guest has proven holds."""
CABINET, GUEST = "payment-order", "guest-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """It travels signed, so that nobody edits it on its way. Water has `lines` (service id → roubles), everything else
    has none. `proven_at`, in seconds, is set for those who do not sign in: when they proved that they know the account.
    Their orders are no orders of a cabinet, nor the other way round. `request_id` is the service request that is paid
    for."""

    account_id: int
    type_code: str
    payee_id: int
    amount: Decimal
    lines: Mapping[int, Decimal]
    basis: str | None
    key: str
    proven_at: int | None = None
    request_id: int | None = None

    @property
    def typed(self) -> Mapping[int, str]:
        """The sums as they stand in the table; other services stay without one."""
        return {service_id: typed(amount) for service_id, amount in self.lines.items()}

    @property
    def other_amount(self) -> Decimal | None:
        """What is paid for something else than water."""
        return None if self.lines else self.amount

    def receiver(self) -> Receiver | None:
        return payment_types.receiver(db.session(), self.type_code, self.payee_id)

    def sealed(self) -> str:
        lines = {service_id: str(amount) for service_id, amount in self.lines.items()}
        receiver = (self.type_code, self.payee_id)
        parts = [visitor_id(), self.account_id, *receiver, str(self.amount), lines, self.basis, self.key]
        purpose = CABINET if self.proven_at is None else GUEST
        return str(seal(purpose).dumps([*parts, self.proven_at, self.request_id]))


def seal(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=purpose)


def visitor_id() -> int | None:
    return int(current_user.id) if current_user.is_authenticated else None


def ordered(
    account_id: int,
    to: Receiver,
    *,
    lines: Mapping[int, Decimal],
    amount: Decimal | None = None,
    basis: str | None,
    proven_at: int | None = None,
    request_id: int | None = None,
) -> Order:
    return Order(
        account_id=account_id,
        type_code=to.payment_type.code,
        payee_id=to.payee.id,
        amount=sum(lines.values(), Decimal(0)) if amount is None else amount,
        lines=lines,
        basis=basis,
        key=token_urlsafe(24),
        proven_at=proven_at,
        request_id=request_id,
    )


def opened(sealed: str, purpose: str = CABINET) -> Order | None:
    """The order of this very visitor; None for an altered one, another's and one older than an hour."""
    try:
        parts = seal(purpose).loads(sealed, max_age=LIFETIME)
    except BadData:
        return None
    parts = (*parts, None)[:10]  # orders of the hour before a release name no request
    user_id, account_id, type_code, payee_id, amount, lines, basis, key, proven_at, request_id = parts
    if user_id != visitor_id():
        return None
    return Order(
        account_id=account_id,
        type_code=type_code,
        payee_id=payee_id,
        amount=Decimal(amount),
        lines={int(service): Decimal(amount) for service, amount in lines.items()},
        basis=basis,
        key=key,
        proven_at=proven_at,
        request_id=request_id,
    )


def onward(payment: Payment) -> Response:
    """To the gateway while there is something to pay, else to what became of the payment. Not in a transaction: a saved
    card is charged here."""
    if payment.state not in queries.OPEN:
        return status(payment)
    order, gateway = _gateway_order(payment), current_app.extensions["gateway"]
    if not gateway.is_reachable():
        flash(_("The bank's page does not answer now. Nothing was charged. Try again in a few minutes."), "warn")
        return status(payment, "back")
    if payment.card_id is None:
        return redirect(gateway.payment_form(order).location, 303)
    refused, waiting = status(payment, "back"), status(payment, "wait")
    try:
        page = _with_card(payment, order, gateway)
    except CardRefused as error:
        flash(error.message, "warn")
        return refused
    return redirect(page, 303) if page else waiting


def _with_card(payment: Payment, order: PaymentOrder, gateway: Gateway) -> str | None:
    """Where the charge of a saved card is confirmed, once it was begun. Raises CardRefused."""
    cards.usable(db.session(), payment.user_id, payment.card_id or 0, payment.payment_type, payment.payee)
    is_new = payment.state is PaymentState.created
    with acting_as(db.session(), SYSTEM):
        if is_new:
            return card_charges.charge(transaction, gateway, order)
        return card_charges.page(db.session(), gateway, order)


def status(payment: Payment, result: str | None = None) -> Response:
    return redirect(url_for("PaymentStatusView.index", token=payment.status_token, result=result), 303)


def _gateway_order(payment: Payment) -> PaymentOrder:
    page = letters.link(url_for("PaymentStatusView.index", token=payment.status_token))
    return PaymentOrder(
        number=payment.order_number or "",
        amount=payment.amount,
        description=_description(payment),
        subscriber=payments.subscriber_of(payment),
        success_url=f"{page}?result=wait",
        in_progress_url=f"{page}?result=wait",
        fail_url=f"{page}?result=fail",
        return_url=f"{page}?result=back",
        locale=str(get_locale()),
    )


def _description(payment: Payment) -> str:
    """Shown on the bank's page. Who pays and what the payer wrote stays here."""
    if payment.payment_type.pays_services:
        return _("Water and sewerage, account %(number)s", number=payment.account.number)
    name = localized(payment.payee, "name")
    return _("%(payee)s, account %(number)s", payee=name, number=payment.account.number)
