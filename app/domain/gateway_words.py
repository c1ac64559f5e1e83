"""What a gateway said, as the payment machine takes it: from a notification, from its answer to a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from .. import clock
from ..gateways.base import Gateway, Notification, NotificationKind, NotificationRefused, OperationFact, OperationStatus
from ..models import Payment

ASKED_AFTER = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 60, 180, 360, 1440, 4320))
"""How long after its start a payment is asked about. After the last time a person looks at it."""

_NEVER_KEPT = ("PAYMENTTOKEN", "cardnumber")


class Event(StrEnum):
    """What happened to a payment."""

    reached = "reached"  # the gateway asked: the customer stands at its page
    charging = "charging"
    paid = "paid"
    canceled = "canceled"
    expired = "expired"
    doubted = "doubted"  # signed by the gateway, and yet it does not fit the payment
    reversed = "reversed"  # the gateway takes back what it paid
    noted = "noted"  # to be kept and seen by staff, changes nothing
    refused = "refused"  # not believed: kept, changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayWord:
    """One message of a gateway. `reason` is set when it is already known not to be believed or not to fit.

    `payload` is kept as it is: no card data and no tokens in it.
    """

    event: Event
    gateway: str
    kind: str
    order: str
    operation_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    subscriber: str = ""
    is_test: bool = False
    reason: str = ""
    payload: Mapping[str, str] = field(default_factory=dict)
    signed_text: str = ""


def notified(gateway: Gateway, notification: Notification) -> GatewayWord:
    kept = {
        "MNT_COMMAND": notification.command,
        "MNT_OPERATION_ID": notification.operation_id,
        "MNT_AMOUNT": "" if notification.amount is None else str(notification.amount),
        "MNT_SUBSCRIBER_ID": notification.subscriber,
        **{name: value for name, value in notification.claims.items() if name not in _NEVER_KEPT},
    }
    return GatewayWord(
        event=_event(notification),
        gateway=gateway.name,
        kind=notification.kind.value,
        order=notification.order,
        operation_id=notification.operation_id,
        amount=notification.amount,
        currency=notification.currency,
        subscriber=notification.subscriber,
        is_test=gateway.is_test,
        payload={name: value for name, value in kept.items() if value},
        signed_text=notification.signed_text,
    )


def _event(notification: Notification) -> Event:
    if notification.kind is NotificationKind.pay:
        return Event.paid
    if notification.kind is NotificationKind.check:
        return Event.reached
    return Event.reversed if notification.command.startswith("CANCELLED") else Event.noted


def refused(gateway: Gateway, kind: NotificationKind, refusal: NotificationRefused) -> GatewayWord:
    """A notification that `parse` did not let in: where it is signed all the same, a person must look at it."""
    return GatewayWord(
        event=Event.doubted if refusal.signed else Event.refused,
        gateway=gateway.name,
        kind=kind.value,
        order=refusal.claimed.get("MNT_TRANSACTION_ID", ""),
        is_test=gateway.is_test,
        reason=refusal.reason.value,
        payload=refusal.claimed,
        signed_text=refusal.signed_text,
    )


def found(gateway: Gateway, payment: Payment, fact: OperationFact | None) -> GatewayWord | None:
    """What the gateway answered about a payment; None while nothing came of it and its time is not over."""
    if fact is None:
        is_over = payment.expires_at is not None and payment.expires_at < clock.now()
        return _answer(gateway, payment, Event.expired) if is_over else None
    if fact.status is OperationStatus.in_progress and _is_hopeless(payment):
        return unanswered(gateway, payment)
    events = {
        OperationStatus.in_progress: Event.charging,
        OperationStatus.succeeded: Event.paid,
        OperationStatus.canceled: Event.canceled,
    }
    return GatewayWord(
        event=events[fact.status],
        gateway=gateway.name,
        kind="find",
        order=fact.order,
        operation_id=fact.operation_id,
        amount=fact.amount,
        currency=fact.currency,
        subscriber=fact.subscriber,
        is_test=gateway.is_test,
        payload={"MNT_OPERATION_ID": fact.operation_id, "MNT_AMOUNT": str(fact.amount), "status": fact.status.value},
    )


def unanswered(gateway: Gateway, payment: Payment) -> GatewayWord | None:
    """The gateway was asked and did not answer: after three days somebody must look at the payment."""
    return _answer(gateway, payment, Event.doubted, reason="unanswered") if _is_hopeless(payment) else None


def _is_hopeless(payment: Payment) -> bool:
    return payment.created_at + ASKED_AFTER[-1] <= clock.now()


def _answer(gateway: Gateway, payment: Payment, event: Event, reason: str = "") -> GatewayWord:
    return GatewayWord(event=event, gateway=gateway.name, kind="find", order=payment.order_number or "", reason=reason)
