"""Charging a saved card: the rules looked at once more, one request, and never a second one.

    created → sending → processing | unknown | failed

What is said to be sent is committed before it is sent. Whoever stops in between leaves a payment that is `sending`;
the gateway is asked about it, it is not sent again.
"""

from sqlalchemy.orm import Session

from ..gateways.base import Gateway, NoAnswerError, PaymentOrder, RequestRefused
from ..models import Payment
from ..models import PaymentState as S
from ..queries import payments as queries
from . import cards, gateway_words, payments
from .payment_states import Event, move
from .runs import OpenTransaction


def charge(transaction: OpenTransaction, gateway: Gateway, order: PaymentOrder) -> str | None:
    """Send a payment that was started with a saved card; where its customer confirms it. Acts for the system.

    `order` is the one that a form would be made of. None where there is nothing to confirm: the gateway refused
    (`failed`) or did not answer (`unknown`), or the payment was sent before. Raises CardRefused for a card that may
    not pay any more: nothing was sent, and the payment may still be given up.
    """
    with transaction() as session:
        payment = queries.locked_by_order(session, order.number)
        token = _token(session, payment) if payment is not None and payment.state is S.created else None
        if token is None:
            return None
    try:
        operation_id = gateway.charge(order, token)
    except RequestRefused:
        _settle(transaction, gateway, order, Event.failed)
        return None
    except NoAnswerError:
        _settle(transaction, gateway, order, Event.unsure)
        return None
    _settle(transaction, gateway, order, Event.charging, operation_id)
    return gateway.card_page(order, operation_id)


def page(session: Session, gateway: Gateway, order: PaymentOrder) -> str | None:
    """Where the customer goes on with a payment that is not finished: it was sent, and waits to be confirmed."""
    operation_id = queries.begun_operation(session, order.number, kind=gateway_words.CHARGE)
    return None if operation_id is None else gateway.card_page(order, operation_id)


def _token(session: Session, payment: Payment) -> str | None:
    """Marks the payment as sent. Raises CardRefused."""
    if payment.card_id is None:
        return None
    card = cards.usable(session, payment.user_id, payment.card_id, payment.payment_type, payment.payee)
    move(payment, Event.sent)
    return cards.token_of(card)


def _settle(
    transaction: OpenTransaction, gateway: Gateway, order: PaymentOrder, event: Event, operation_id: str = ""
) -> None:
    word = gateway_words.charged(gateway, order.number, event, operation_id)
    with transaction() as session:
        payments.apply_event(session, word)
