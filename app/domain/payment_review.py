"""Payments that a person has looked at: nothing about the money changes, the list gets shorter."""

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import GatewayEvent, PaymentState
from ..queries import payments as queries
from . import payments
from .errors import DomainError


def looked_at(session: Session, payment_id: int, *, user_id: int, reason: str) -> None:
    """Keep who looked and what was found. Raises DomainError for a payment that is in review: it is decided on."""
    payment = queries.locked_payment(session, payment_id)
    if payment is None or payment.alert is None:
        raise DomainError(_("Nobody has to look at this payment any more."))
    if payment.state is PaymentState.review:
        raise DomainError(_("Decide whether the money came: only then is the payment off the list."))
    payments.check_reason(reason)
    session.add(
        GatewayEvent(
            gateway="staff",
            kind="seen",
            payment_id=payment.id,
            order_number=payment.order_number or "",
            is_accepted=True,
            payload={"alert": payment.alert, "user_id": str(user_id), "reason": reason},
            received_at=clock.now(),
        )
    )
    payment.alert = None
