"""Reconciling: what the gateway itself answers about payments whose call never came."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask

from app import clock
from app.domain import payments
from app.domain.payment_states import Event, move
from app.gateways.base import NoAnswerError, OperationFact, OperationStatus
from app.gateways.moneta import Moneta
from app.jobs import payments as job
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
        self.orders: list[str] = []
        self.has_address = True

    @property
    def can_be_asked(self) -> bool:
        return self.has_address

    def find(self, number: str, since: datetime) -> list[OperationFact]:
        self.asked += 1
        self.orders.append(number)
        if isinstance(self.answer, Exception):
            raise self.answer
        return [] if self.answer is None else [self.answer]


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


def test_a_payment_is_asked_about_ever_less_often(app: Flask, act: Act, charged: Answering) -> None:
    charged.answer = None
    with act() as session:
        only(session).expires_at = None
    reconcile(app, 11)
    reconcile(app, 29)
    assert charged.asked == 1
    reconcile(app, 31)
    assert charged.asked == 2


def test_one_that_nothing_is_said_of_does_not_hold_up_the_younger(
    app: Flask, act: Act, gateway: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "MOST", 1)
    gateway.answer = NoAnswerError("away")
    with act() as session:
        numbers = [started(session, *customer(session)).order_number for _ in range(3)]
    for _ in range(3):
        reconcile(app, 11)
    assert gateway.orders == numbers


def test_a_gateway_that_hangs_is_left_for_the_next_time(
    app: Flask, act: Act, gateway: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BUDGET", timedelta(0))
    gateway.answer = NoAnswerError("away")
    with act() as session:
        for _ in range(3):
            started(session, *customer(session))
    reconcile(app, 11)
    assert gateway.asked == 0


def test_money_of_a_payment_that_was_given_up_is_found_and_flagged(app: Flask, act: Act, charged: Answering) -> None:
    with act() as session:
        move(only(session), Event.reached)
        payments.give_up(session, only(session).id)
    reconcile(app, 11)
    with act() as session:
        assert (only(session).state, only(session).alert, only(session).ask_at) == (S.succeeded, "late", None)


def test_one_given_up_that_the_gateway_never_heard_of_is_not_asked_about(
    app: Flask, act: Act, charged: Answering
) -> None:
    with act() as session:
        payments.give_up(session, only(session).id)
    reconcile(app, 11)
    assert (state(act), charged.asked) == (S.canceled, 0)


def test_open_ones_are_asked_about_before_those_that_were_given_up(
    app: Flask, act: Act, gateway: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "MOST", 1)
    gateway.answer = NoAnswerError("away")
    with act() as session:
        given_up, payment = (started(session, *customer(session)) for _ in range(2))
        move(given_up, Event.reached)
        payments.give_up(session, given_up.id)
        number = payment.order_number
    reconcile(app, 11)
    assert gateway.orders == [number]


def test_without_an_address_to_ask_a_payment_ends_with_its_hour(app: Flask, act: Act, charged: Answering) -> None:
    charged.has_address = False
    reconcile(app, 31)
    assert state(act) is S.created
    reconcile(app, 61)
    assert (state(act), charged.asked) == (S.expired, 0)


def test_what_is_in_progress_for_three_days_is_for_a_person(app: Flask, act: Act, charged: Answering) -> None:
    assert isinstance(charged.answer, OperationFact)
    charged.answer = replace(charged.answer, status=OperationStatus.in_progress)
    reconcile(app, 0, hours=71)
    assert state(act) is S.processing
    reconcile(app, 0, hours=73)
    with act() as session:
        assert (only(session).state, only(session).ask_at) == (S.review, None)
