"""Money that goes back: never more than came, never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import select

from app import clock
from app.domain import refunds
from app.domain.errors import DomainError
from app.models import Payment, Refund, RefundState
from tests import factories
from tests.drill.stage import Stage

R = RefundState


@pytest.fixture
def paid(stage: Stage) -> Payment:
    """100.00 that came."""
    payment = stage.start()
    stage.pay(payment)
    return payment


def ask(stage: Stage, payment: Payment, amount: str = "60.00") -> int:
    with stage.act() as session:
        clerk = factories.user(session, "Cashier")
        asked = refunds.ask(session, payment.id, amount=Decimal(amount), reason="Оплачено дважды", user_id=clerk.id)
        return asked.id


def states(stage: Stage) -> list[RefundState]:
    with stage.act() as session:
        return list(session.scalars(select(Refund.state).order_by(Refund.id)))


def returned(stage: Stage, payment: Payment) -> Decimal:
    """What the gateway gave back."""
    day = timedelta(days=1)
    facts = stage.gateway.operations(clock.now() - day, clock.now() + day)
    return sum((fact.amount for fact in facts if fact.is_refund), Decimal(0))


def test_money_goes_back_and_is_owed_again(stage: Stage, paid: Payment) -> None:
    ask(stage, paid)
    assert returned(stage, paid) == 0
    stage.send_refunds()
    assert states(stage) == [R.done]
    assert returned(stage, paid) == Decimal("60.00")
    assert stage.balance(paid) == Decimal("-40.00")


def test_more_than_paid_is_refused(stage: Stage, paid: Payment) -> None:
    with pytest.raises(DomainError) as refusal:
        ask(stage, paid, "100.01")
    assert refusal.value.field == "amount"
    ask(stage, paid)
    with pytest.raises(DomainError):
        ask(stage, paid, "40.01")
    ask(stage, paid, "40.00")
    stage.send_refunds()
    assert (states(stage), stage.balance(paid)) == ([R.done, R.done], Decimal(0))
    with pytest.raises(DomainError):
        ask(stage, paid, "0.01")


def test_eight_people_at_once_return_no_more_than_came(stage: Stage, paid: Payment) -> None:
    start = Barrier(8)

    def press(_turn: int) -> bool:
        start.wait()
        try:
            return ask(stage, paid) > 0
        except DomainError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _turn: stage.send_refunds(), range(4)))
    assert (states(stage), returned(stage, paid)) == ([R.done], Decimal("60.00"))


def test_a_timeout_is_unknown_looked_up_and_never_sent_again(stage: Stage, paid: Payment) -> None:
    ask(stage, paid)
    stage.operator(trouble="silent")
    stage.send_refunds()
    assert (states(stage), stage.balance(paid)) == ([R.unknown], Decimal(-100))
    stage.send_refunds()
    assert states(stage) == [R.unknown]
    stage.operator(trouble="none")
    stage.send_refunds()
    assert (states(stage), returned(stage, paid)) == ([R.done], Decimal("60.00"))
    stage.send_refunds()
    assert stage.balance(paid) == Decimal("-40.00")


def test_a_request_that_never_arrived_is_refused_after_a_day(stage: Stage, paid: Payment) -> None:
    ask(stage, paid)
    stage.operator(trouble="down")
    stage.send_refunds()
    stage.operator(trouble="none")
    stage.send_refunds()
    assert states(stage) == [R.unknown]
    stage.send_refunds(after=timedelta(hours=25))
    assert (states(stage), returned(stage, paid), stage.balance(paid)) == ([R.refused], Decimal(0), Decimal(-100))
    ask(stage, paid)


def test_a_definite_no_leaves_the_money_to_be_asked_for_again(stage: Stage, paid: Payment) -> None:
    ask(stage, paid)
    stage.operator(trouble="refusing")
    stage.send_refunds()
    assert (states(stage), stage.balance(paid)) == ([R.refused], Decimal(-100))
    stage.operator(trouble="none")
    ask(stage, paid, "100.00")


def test_a_worker_that_died_while_sending_sends_nothing_again(stage: Stage, paid: Payment) -> None:
    refund_id = ask(stage, paid)
    with stage.act() as session:
        refund = session.get_one(Refund, refund_id)
        refund.state = R.sending
    stage.send_refunds()
    assert states(stage) == [R.sending]
    stage.send_refunds(after=timedelta(minutes=6))
    assert (states(stage), returned(stage, paid)) == ([R.unknown], Decimal(0))


def test_of_money_that_came_twice_one_sum_goes_back(stage: Stage, paid: Payment) -> None:
    """A customer pays twice by mistake and keeps every kopeck."""
    second = stage.start("again", of=paid)
    stage.pay(second)
    assert stage.balance(paid) == Decimal(-200)
    ask(stage, second, "100.00")
    stage.send_refunds()
    assert stage.balance(paid) == Decimal(-100)
