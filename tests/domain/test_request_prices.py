"""What a request costs and its payment: agreed to once, paid once, never changed under a customer's hands."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.domain import payments, request_prices, requests
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.domain.payments import PaymentInProgress
from app.models import Payment, PaymentState, Refund, RefundState, RequestState, ServiceRequest
from app.queries import request_payments
from tests import factories
from tests.cards import other_payee
from tests.payments import GATEWAY, word

PRICE = Decimal("2450.00")


def asked(session: Session, price: str | None = "2450.00", **values: Any) -> ServiceRequest:
    """A request with its customer, for a service of this price."""
    user = factories.user(session)
    service = factories.offering(session, price=price and Decimal(price))
    return factories.request(session, factories.account(session, user), user, service=service, **values)


def begun(session: Session, sent: ServiceRequest, key: str = "key", amount: Decimal = PRICE) -> Payment:
    to = other_payee(session)
    return payments.start(
        session,
        account=sent.account,
        user_id=sent.user_id,
        lines={},
        amount=amount,
        payment_type=to.payment_type,
        payee=to.payee,
        basis=request_prices.basis(sent),
        idempotency_key=key,
        gateway=GATEWAY,
        request_id=sent.id,
    )


def pay(session: Session, payment: Payment, operation: str = "1000001") -> None:
    payments.apply_event(session, word(payment, operation_id=operation))
    session.flush()


def set_price(session: Session, sent: ServiceRequest, price: str) -> None:
    request_prices.set_price(session, sent, Decimal(price), seen=requests.version(sent))


def agree(session: Session, sent: ServiceRequest, price: str, *, is_accepted: bool = True) -> None:
    by = sent.user_id or 0
    request_prices.answer_price(session, sent, Decimal(price), is_accepted=is_accepted, user_id=by)


def test_a_price_of_the_catalogue_is_due_at_once_and_one_by_estimate_is_not(act: Any) -> None:
    with act() as session:
        assert request_prices.bill(session, asked(session)).is_due
        bill = request_prices.bill(session, asked(session, None))
        assert (bill.price, bill.is_due, bill.waits_for_answer) == (None, False, False)


def test_what_is_free_of_charge_is_never_due(act: Any) -> None:
    with act() as session:
        bill = request_prices.bill(session, asked(session, "0.00"))
        assert (bill.is_due, bill.waits_for_answer) == (False, False)


def test_an_estimate_is_due_once_the_customer_agrees(act: Any) -> None:
    with act() as session:
        sent = asked(session, None)
        set_price(session, sent, "900.00")
        assert request_prices.bill(session, sent).waits_for_answer
        with pytest.raises(DomainError):
            begun(session, sent, amount=Decimal("900.00"))
        agree(session, sent, "900.00")
        assert request_prices.bill(session, sent).is_due


def test_a_price_that_was_declined_is_not_due_and_is_not_agreed_to_later(act: Any) -> None:
    with act() as session:
        sent = asked(session, None)
        set_price(session, sent, "900.00")
        agree(session, sent, "900.00", is_accepted=False)
        bill = request_prices.bill(session, sent)
        assert (bill.is_declined, bill.is_due, bill.waits_for_answer) == (True, False, False)
        with pytest.raises(DomainError):
            agree(session, sent, "900.00")
        set_price(session, sent, "700.00")
        agree(session, sent, "700.00")


def test_nobody_agrees_to_another_price_than_the_one_that_was_shown(act: Any) -> None:
    with act() as session:
        sent = asked(session, None)
        set_price(session, sent, "900.00")
        with pytest.raises(DomainError):
            agree(session, sent, "90.00")
        assert sent.price_accepted_at is None


def test_of_two_who_name_a_price_at_once_the_second_is_told(act: Any) -> None:
    with act() as session:
        sent = asked(session, None)
        seen = requests.version(sent)
        request_prices.set_price(session, sent, Decimal("900.00"), seen=seen)
        sent.changed_at = clock.now()
        with pytest.raises(DomainError):
            request_prices.set_price(session, sent, Decimal("800.00"), seen=seen)
        assert sent.price == Decimal("900.00")


@pytest.mark.parametrize("price", ["-1.00", "1000000.01", "0.005"], ids=["negative", "too large", "half a kopeck"])
def test_an_impossible_price_is_refused(act: Any, price: str) -> None:
    with act() as session, pytest.raises(DomainError):
        set_price(session, asked(session, None), price)


def test_the_payment_pays_the_request_and_its_price_stands_then(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        payment = begun(session, sent)
        assert request_prices.bill(session, sent).is_due
        with pytest.raises(DomainError):
            set_price(session, sent, "1.00")
        pay(session, payment)
        bill = request_prices.bill(session, sent)
        assert (bill.paid_by, bill.is_due) == (payment, False)
        with pytest.raises(DomainError):
            set_price(session, sent, "1.00")


@pytest.mark.parametrize("amount", ["2449.99", "2450.01"])
def test_another_sum_does_not_pay_a_request(act: Any, amount: str) -> None:
    with act() as session, pytest.raises(DomainError):
        begun(session, asked(session), amount=Decimal(amount))


def test_a_request_of_another_account_is_not_paid(act: Any) -> None:
    with act() as session:
        mine, theirs = asked(session), asked(session)
        to = other_payee(session)
        with pytest.raises(DomainError):
            payments.start(
                session,
                account=mine.account,
                user_id=mine.user_id,
                lines={},
                amount=PRICE,
                payment_type=to.payment_type,
                payee=to.payee,
                basis="Заявка",
                idempotency_key="key",
                gateway=GATEWAY,
                request_id=theirs.id,
            )


def test_a_second_payment_is_refused_while_one_is_under_way_and_after_it(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        payment = begun(session, sent)
        payment.created_at = clock.at(clock.today().replace(year=2025))  # long after the usual quarter of an hour
        session.flush()
        with pytest.raises(PaymentInProgress):
            begun(session, sent, "second")
        pay(session, payment)
        with pytest.raises(DomainError):
            begun(session, sent, "third")


def test_two_payments_that_both_went_through_count_once_and_staff_are_told(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        first = begun(session, sent)
        payments.give_up(session, first.id)
        second = begun(session, sent, "second")
        pay(session, second, "1000002")
        pay(session, first)
        assert first.state is PaymentState.succeeded
        assert "twice" in (first.alert or "").split()
        assert second.alert is None
        assert request_payments.paying(session, sent.id) is first  # the earliest of the two


def test_the_gateway_is_not_let_to_charge_for_a_request_that_is_paid(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        first = begun(session, sent)
        first.state = PaymentState.canceled
        session.flush()
        second = begun(session, sent, "second")
        first.state = PaymentState.redirected
        session.flush()
        assert payments.check(session, word(first, Event.reached, kind="check"))[0].name == "payable"
        pay(session, second, "1000002")
        assert payments.check(session, word(first, Event.reached, kind="check"))[0].name == "refused"


def test_money_that_went_back_whole_pays_nothing(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        payment = begun(session, sent)
        pay(session, payment)
        clerk = factories.user(session, "Cashier")
        refund = Refund(
            account_id=sent.account_id,
            payment_id=payment.id,
            amount=Decimal("1000.00"),
            reason="Не приехали",
            state=RefundState.done,
            asked_by_id=clerk.id,
            created_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(refund)
        session.flush()
        assert not request_prices.bill(session, sent).is_due
        refund.amount = PRICE
        session.flush()
        assert request_prices.bill(session, sent).is_due


def test_a_declined_request_is_not_paid(act: Any) -> None:
    with act() as session:
        sent = asked(session, state=RequestState.declined)
        assert not request_prices.bill(session, sent).is_due
        with pytest.raises(DomainError):
            begun(session, sent)
