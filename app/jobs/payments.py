"""Asks the gateway about unfinished payments whose callback did not come, and ends those that nothing came of."""

from datetime import timedelta

from flask import current_app
from structlog import get_logger

from .. import clock
from ..documents import receipt
from ..domain import gateway_words, payments
from ..domain.gateway_words import GatewayWord
from ..extensions import db, transaction
from ..gateways.base import Gateway, NoAnswerError
from ..models import Payment
from ..queries import payments as queries

log = get_logger(__name__)
CALLBACK_TIME = timedelta(minutes=10)
MOST = 200


def reconcile_payments() -> None:
    """Only the gateway's own answer moves a payment; two runs at once do the same as one."""
    gateway: Gateway = current_app.extensions["gateway"]
    unsettled = queries.unsettled(db.session(), clock.now() - CALLBACK_TIME, MOST)
    db.session.expunge_all()
    db.session.rollback()  # no transaction stays open while the gateway is asked
    for payment in unsettled:
        word = _ask(gateway, payment)
        if word is not None:
            _apply(word)


def _ask(gateway: Gateway, payment: Payment) -> GatewayWord | None:
    try:
        fact = gateway.find(payment.order_number or "")
    except NoAnswerError:
        log.warning("gateway.no_answer", payment_id=payment.id)
        return gateway_words.unanswered(gateway, payment)
    return gateway_words.found(gateway, payment, fact)


def _apply(word: GatewayWord) -> None:
    with transaction() as session:
        outcome = payments.apply_event(session, word)
        if outcome.receipt is not None:
            receipt.send(session, outcome.receipt)
