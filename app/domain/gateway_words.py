"""What a gateway said, as the payment machine takes it: from a notification, from its answer to a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .. import clock
from ..gateways.base import Gateway, Notification, NotificationKind, NotificationRefused, OperationFact, OperationStatus
from ..models import Payment
from . import free_text, payment_states
from .payment_alerts import Misfit
from .payment_states import Event

OPERATOR, CHARGE = "operator", "charge"
"""Kinds of words that no notification and no answer about an order makes."""
ORDER = "MNT_TRANSACTION_ID"
_NEVER_KEPT = ("PAYMENTTOKEN", "cardnumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayWord:
    """One message of a gateway. `reason` is set when it is already known not to be believed or not to fit.

    `subscriber` is None where the gateway does not tell it. `payload` is kept as it is: no card data and no tokens in
    it. `card` is what the gateway shows of the card's number, to be kept with the payer's consent alone.
    """

    event: Event
    gateway: str
    kind: str
    order: str
    operation_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    subscriber: str | None = ""
    is_test: bool = False
    reason: str = ""
    payload: Mapping[str, str] = field(default_factory=dict)
    signed_text: str = ""
    card: str = ""

    @property
    def is_unsettled(self) -> bool:
        """Whether a notification says that it was paid, and the gateway, asked about it, does not say so yet."""
        return self.kind == NotificationKind.pay and self.event is Event.charging

    @property
    def token(self) -> str:
        """What the gateway knows the card by from now on: made of the operation, whose number is signed. What a
        notification calls a token itself is not signed, and is not believed."""
        return f"0{self.operation_id}" if self.card and self.operation_id else ""


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
        card=notification.claims.get("cardnumber", ""),
    )


def _event(notification: Notification) -> Event:
    if notification.kind is NotificationKind.pay:
        return Event.paid
    if notification.kind is NotificationKind.check:
        return Event.reached
    return Event.reversed if notification.command.startswith("CANCELLED") else Event.noted


def confirmed(gateway: Gateway, word: GatewayWord) -> GatewayWord:
    """The word of a payment once the gateway itself was asked about its operation; raises NoAnswerError.

    Where it is asked, the signature alone pays nothing: a stranger who got hold of the code could sign as well.
    """
    if word.event is not Event.paid or not gateway.can_be_asked:
        return word
    fact = gateway.operation(word.operation_id)
    if fact is None or fact.is_refund or (fact.order, fact.amount) != (word.order, word.amount):
        return replace(word, event=Event.doubted, reason=Misfit.unconfirmed.value)
    if fact.status is OperationStatus.succeeded:
        return replace(word, card=fact.card or word.card)
    return unsettled(word)


def unsettled(word: GatewayWord) -> GatewayWord:
    """A word of a payment that the gateway itself does not confirm yet: it will be asked again soon."""
    return replace(word, event=Event.charging)


def refused(gateway: Gateway, kind: NotificationKind, refusal: NotificationRefused) -> GatewayWord:
    """A notification that `parse` did not let in: where it is signed all the same, a person must look at it. What it
    calls an order is kept where it looks like one: it might be a card's number."""
    claimed = dict(refusal.claimed)
    if not gateway.is_order(claimed.get(ORDER, "")):
        claimed.pop(ORDER, None)
    return GatewayWord(
        event=Event.doubted if refusal.signed else Event.refused,
        gateway=gateway.name,
        kind=kind.value,
        order=claimed.get(ORDER, ""),
        is_test=gateway.is_test,
        reason=refusal.reason.value,
        payload={name: free_text.without_card_numbers(value) for name, value in claimed.items()},
        signed_text=refusal.signed_text,
    )


def found(gateway: Gateway, payment: Payment, facts: Sequence[OperationFact]) -> list[GatewayWord]:
    """What the gateway answered about a payment: every operation that brought money, or else where its last one is.
    Nothing while nothing came of it and its time is not over."""
    paid = [fact for fact in facts if fact.status is OperationStatus.succeeded]
    if paid:
        return [_of_fact(gateway, fact, Event.paid) for fact in paid]
    under_way = [fact for fact in facts if fact.status is OperationStatus.in_progress]
    if under_way and payment_states.is_hopeless(payment):
        return unanswered(gateway, payment)
    if under_way:
        return [_of_fact(gateway, under_way[-1], Event.charging)]
    if facts:
        return [_of_fact(gateway, facts[-1], Event.canceled)]
    is_over = payment.expires_at is not None and payment.expires_at < clock.now()
    return [_answer(gateway, payment, Event.expired)] if is_over else []


def _of_fact(gateway: Gateway, fact: OperationFact, event: Event) -> GatewayWord:
    return GatewayWord(
        event=event,
        gateway=gateway.name,
        kind="find",
        order=fact.order,
        operation_id=fact.operation_id,
        amount=fact.amount,
        currency=fact.currency,
        subscriber=fact.subscriber,
        is_test=gateway.is_test,
        payload={"MNT_OPERATION_ID": fact.operation_id, "MNT_AMOUNT": str(fact.amount), "status": fact.status.value},
        card=fact.card,
    )


def unanswered(gateway: Gateway, payment: Payment) -> list[GatewayWord]:
    """The gateway was asked and did not answer: after the last time somebody must look at the payment."""
    is_last = payment_states.is_hopeless(payment)
    return [_answer(gateway, payment, Event.doubted, reason="unanswered")] if is_last else []


def charged(gateway: Gateway, order: str, event: Event, operation_id: str = "") -> GatewayWord:
    """What came of the request to charge a saved card."""
    payload = {"MNT_OPERATION_ID": operation_id} if operation_id else {}
    return GatewayWord(
        event=event,
        gateway=gateway.name,
        kind=CHARGE,
        order=order,
        operation_id=operation_id,
        payload={"event": event.value, **payload},
    )


def _answer(gateway: Gateway, payment: Payment, event: Event, reason: str = "") -> GatewayWord:
    return GatewayWord(event=event, gateway=gateway.name, kind="find", order=payment.order_number or "", reason=reason)
