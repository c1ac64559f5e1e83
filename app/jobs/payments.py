"""Asks the gateway about unfinished payments whose callback did not come, and ends those that nothing came of."""

from collections.abc import Sequence
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
MOST = 200
BUDGET = timedelta(minutes=2)
"""A gateway that hangs must not hold up the worker: who was not asked in this time is asked first the next time."""


def reconcile_payments() -> None:
    """Only the gateway's own answer moves a payment; two runs at once do the same as one."""
    gateway: Gateway = current_app.extensions["gateway"]
    until = clock.now() + BUDGET
    due = queries.to_ask(db.session(), clock.now(), MOST)
    db.session.expunge_all()
    db.session.rollback()  # no transaction stays open while the gateway is asked
    for payment in due:
        if clock.now() > until:
            log.warning("gateway.slow", waiting=len(due))
            break
        _keep(payment.id, _ask(gateway, payment))


def _ask(gateway: Gateway, payment: Payment) -> list[GatewayWord]:
    if not gateway.can_be_asked:
        return gateway_words.found(gateway, payment, [])
    try:
        facts = gateway.find(payment.order_number or "", payment.created_at)
    except NoAnswerError:
        log.warning("gateway.no_answer", payment_id=payment.id)
        return gateway_words.unanswered(gateway, payment)
    return gateway_words.found(gateway, payment, facts)


def _keep(payment_id: int, words: Sequence[GatewayWord]) -> None:
    with transaction() as session:
        payments.put_off(session, payment_id)
        for word in words:
            outcome = payments.apply_event(session, word)
            if outcome.receipt is not None:
                receipt.send(session, outcome.receipt)
