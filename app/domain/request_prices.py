"""What a request costs, and its payment.

A price out of the catalogue is accepted with the request. A price by estimate is set by staff and accepted by the
customer. A request is paid once: by a payment of the kind “paid services” to the cent of the accepted price.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..formats import money
from ..i18n import _
from ..models import Account, Payment, RequestPayment, RequestState, ServiceRequest
from ..queries import request_payments as payments
from ..queries import requests as rows
from . import requests
from .errors import DomainError
from .payment_types import LARGEST
from .requests import Words

UNPAYABLE = (RequestState.declined, RequestState.withdrawn)
PAID_SERVICES = "services"
"""Code of the kind of payments that requests are paid by."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a request costs and what became of the money. `paid_by`: the payment that has paid it."""

    price: Decimal | None
    is_accepted: bool
    is_declined: bool
    paid_by: Payment | None
    is_due: bool

    @property
    def waits_for_answer(self) -> bool:
        return bool(self.price) and not self.is_accepted and not self.is_declined


def bill(session: Session, request: ServiceRequest) -> Bill:
    paid_by = payments.paying(session, request.id)
    is_accepted = request.price_accepted_at is not None
    return Bill(
        price=request.price,
        is_accepted=is_accepted,
        is_declined=request.price_declined_at is not None,
        paid_by=paid_by,
        is_due=is_payable(request) and paid_by is None,
    )


def is_payable(request: ServiceRequest) -> bool:
    """Whether the request has a price that its customer agreed to, paid or not."""
    return bool(request.price) and request.price_accepted_at is not None and request.state not in UNPAYABLE


def set_price(session: Session, request: ServiceRequest, price: Decimal, *, seen: str) -> None:
    """Staff name the price, or another one: the customer is to accept it. What is free of charge needs no acceptance.

    The row is to be locked. Raises DomainError for a finished request, a price that cannot be, and once money for the
    request came or may come."""
    requests.check_seen(request, seen)
    if not requests.is_open(request):
        raise DomainError(_("This request is finished, so its price stays as it is."))
    if price != round(price, 2) or not 0 <= price <= LARGEST:
        raise DomainError(_("Enter a price of up to 1 000 000 roubles; 0 is free of charge."), field="price")
    if payments.paying(session, request.id) is not None:
        raise DomainError(_("This request is paid, so its price stays as it is."))
    if payments.under_way(session, request.id) is not None:
        raise DomainError(_("The customer is paying for this request now. Try again in an hour."))
    requests.touch(request)
    request.price, request.price_declined_at = price, None
    request.price_accepted_at = None if price else request.changed_at


def answer_price(
    session: Session, request: ServiceRequest, price: Decimal | None, *, is_accepted: bool, user_id: int
) -> None:
    """The customer agrees to the price that the page showed, or does not; staff read it among the messages.

    The row is to be locked. Raises DomainError when the price is another one by now, or was answered."""
    if not requests.is_open(request) or request.price is None or request.price_accepted_at is not None:
        raise DomainError(_("There is no price to agree to here any more. Look at the request again."))
    if request.price != price or request.price_declined_at is not None:
        raise DomainError(_("The price has changed meanwhile. Look at it again."))
    shown = money(request.price)
    words = _("I agree to the price of %(price)s.", price=shown)
    if not is_accepted:
        words = _("I do not agree to the price of %(price)s.", price=shown)
    requests.say(session, request, Words(words), user_id=user_id, is_from_staff=False)
    requests.touch(request)
    if is_accepted:
        request.price_accepted_at = clock.now()
    else:
        request.price_declined_at = clock.now()


# the payment --------------------------------------------------------------------------------------------


def basis(request: ServiceRequest) -> str:
    """What the payment is for, as it is printed on the receipt."""
    return _("Request %(number)s: %(service)s", number=request.number, service=request.offering.name)


def check_unpaid(session: Session, request_id: int, account: Account, amount: Decimal | None) -> None:
    """Hold the request that is about to be paid. Raises DomainError when it is paid, or costs another sum by now."""
    request = rows.locked(session, request_id)
    if request is None or request.account_id != account.id or not is_payable(request):
        raise DomainError(_("There is nothing to pay for this request. Look at it again."))
    if payments.paying(session, request.id) is not None:
        raise DomainError(_("This request is paid already."))
    if request.price != amount:
        raise DomainError(_("The price has changed meanwhile. Look at the request again."))


def tie(session: Session, payment: Payment, request_id: int) -> None:
    """Say that a payment which has just begun is for a request."""
    session.add(RequestPayment(payment_id=payment.id, account_id=payment.account_id, request_id=request_id))
