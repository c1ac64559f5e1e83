"""The table of states: what may follow what, when the gateway is asked, and that nothing else writes a state."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

import app
from app import clock
from app.domain import payment_states
from app.domain.payment_states import ASKED_ABOUT, TRANSITIONS, Event, move
from app.models import Payment, PaymentState
from tests.conftest import Act
from tests.payments import customer, started

S = PaymentState
HOME = Path(app.__file__).parent


def test_nothing_but_the_table_writes_the_state_of_a_payment() -> None:
    written = re.compile(r"payment\.state\s*=[^=]|payment\.state, |update\(Payment\)[^)]*\)\s*\.values\(state")
    writers = {
        path.relative_to(HOME).as_posix() for path in HOME.rglob("*.py") if written.search(path.read_text("utf-8"))
    }
    assert writers <= {"domain/payment_states.py", "queries/payments.py"}
    assert "domain/payment_states.py" in writers


def test_every_state_but_the_end_can_be_left() -> None:
    assert {state for state, _event in TRANSITIONS} == set(S)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", S)
def test_each_pair_does_what_the_table_says_and_no_more(act: Act, state: PaymentState, event: Event) -> None:
    with act() as session:
        payment = started(session, *customer(session))
        payment.state = state
        move(payment, event)
        assert payment.state is TRANSITIONS.get((state, event), state)
        assert payment.state in ASKED_ABOUT or payment.ask_at is None


def test_a_saved_card_is_asked_about_sooner_and_for_longer(act: Act) -> None:
    with act() as session:
        payment = started(session, *customer(session))
        start = payment.created_at
        with time_machine.travel(start, tick=False):
            move(payment, Event.sent)
        assert payment.ask_at == start + timedelta(minutes=1)
        turns = []
        while payment.ask_at is not None:
            turns.append(payment.ask_at - start)
            with time_machine.travel(payment.ask_at, tick=False):
                payment.ask_at = payment_states.next_turn(payment)
                assert payment_states.is_hopeless(payment) is (payment.ask_at is None)
        assert turns == [timedelta(minutes=minutes) for minutes in (1, 5, 60, 1440, 2880, 4320, 5760, 7200)]


def test_many_are_moved_by_the_same_table(act: Act) -> None:
    with act() as session:
        paid, open_one = (started(session, *customer(session)) for _ in range(2))
        paid.state = S.succeeded
        session.flush()
        payment_states.move_all(session, select(Payment.id), Event.undone)
        session.expire_all()
        assert (paid.state, open_one.state) == (S.canceled, S.created)
        assert paid.changed_at <= clock.now()
