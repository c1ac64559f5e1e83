"""Reconciling: what the gateway itself answers about payments whose call never came."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import clock
from app.domain import payments
from app.gateways.base import NoAnswerError, OperationFact, OperationStatus
from app.gateways.moneta import Moneta
from app.jobs.payments import reconcile_payments
from app.models import PaymentState
from app.security.scope import SYSTEM, become
from tests import mail
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, customer, only, started

S = PaymentState


class Answering(Moneta):
    """A gateway that knows what it is told; None is an order that it never saw, an exception no answer."""

    def __init__(self) -> None:
        super().__init__(GATEWAY._settings)
        self.answer: OperationFact | Exception | None = None
        self.asked = 0

    def find(self, order: str) -> OperationFact | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def gateway(app: Flask) -> Iterator[Answering]:
    before, app.extensions["gateway"] = app.extensions["gateway"], Answering()
    yield app.extensions["gateway"]
    app.extensions["gateway"] = before


@pytest.fixture
def charged(act: Act, gateway: Answering) -> Answering:
    """The customer's card was charged, and the call about it never came."""
    with act() as session:
        payment = started(session, *customer(session))
        gateway.answer = OperationFact(
            operation_id=OPERATION,
            order=payment.order_number or "",
            status=OperationStatus.succeeded,
            amount=payment.amount,
            currency="RUB",
            subscriber=payments.subscriber_of(payment),
        )
    return gateway


def reconcile(app: Flask, minutes: float, hours: float = 0) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=minutes, hours=hours)), app.app_context():
        become(SYSTEM)
        reconcile_payments()


def state(act: Act) -> PaymentState:
    with act() as session:
        return only(session).state


def test_money_whose_call_never_came_is_posted_with_a_letter(app: Flask, act: Act, charged: Answering) -> None:
    reconcile(app, 11)
    assert state(act) is S.succeeded
    assert mail.link_in(mail.delivered(app)[-1], "/payments/status/")
    reconcile(app, 12)
    assert charged.asked == 1


def test_a_young_payment_is_left_to_its_call(app: Flask, act: Act, charged: Answering) -> None:
    reconcile(app, 9)
    assert (state(act), charged.asked) == (S.created, 0)


def test_a_payment_that_nothing_came_of_expires_after_its_hour(app: Flask, act: Act, charged: Answering) -> None:
    charged.answer = None
    reconcile(app, 30)
    assert state(act) is S.created
    reconcile(app, 61)
    assert state(act) is S.expired


def test_a_gateway_that_does_not_answer_moves_nothing_for_three_days(app: Flask, act: Act, charged: Answering) -> None:
    charged.answer = NoAnswerError("away")
    reconcile(app, 0, hours=71)
    assert state(act) is S.created
    reconcile(app, 0, hours=73)
    assert state(act) is S.review
