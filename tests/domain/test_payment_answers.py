"""What the gateway is answered when it asks, what is done when it is asked, and payments through a bank."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.domain import bank_payments, gateway_words, payment_limits, payments
from app.domain.bank_payments import Deposit
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.gateways.base import CheckResult, OperationFact, OperationStatus
from app.models import (
    AccountService,
    GatewayEvent,
    LedgerEntry,
    Payment,
    PaymentState,
    Receipt,
    Setting,
)
from tests import factories
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, balance, count, customer, deposited, only, owe, started, word

S = PaymentState
SOFT_ENDS = (S.failed, S.canceled, S.expired)


class TestCheck:
    @pytest.fixture
    def payment(self, act: Act) -> Payment:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            session.flush()
            session.refresh(payment)
            session.expunge(payment)
            return payment

    def ask(self, act: Act, payment: Payment, **values: Any) -> tuple[CheckResult, Decimal | None]:
        with act() as session:
            return payments.check(session, replace(word(payment, Event.reached, kind="check"), **values))

    def test_a_started_payment_may_be_charged(self, act: Act, payment: Payment) -> None:
        assert self.ask(act, payment) == (CheckResult.payable, None)
        with act() as session:
            assert only(session).state is S.redirected

    def test_without_an_amount_the_amount_is_told(self, act: Act, payment: Payment) -> None:
        assert self.ask(act, payment, amount=None) == (CheckResult.amount, Decimal("100.00"))

    @pytest.mark.parametrize(
        "values",
        [{"amount": Decimal("1.00")}, {"subscriber": "payer-0"}, {"order": "WC-0000000099-ABCDEFGHZ"}],
        ids=["amount", "subscriber", "order"],
    )
    def test_what_does_not_fit_may_not_be_charged(self, act: Act, payment: Payment, values: dict[str, Any]) -> None:
        assert self.ask(act, payment, **values) == (CheckResult.refused, None)
        with act() as session:
            assert only(session).state is S.created
            assert not session.scalars(select(GatewayEvent.is_accepted)).one()

    @pytest.mark.parametrize(
        ("state", "result"),
        [
            (S.succeeded, CheckResult.paid),
            (S.review, CheckResult.processing),
            (S.processing, CheckResult.payable),
            (S.sending, CheckResult.payable),
            (S.unknown, CheckResult.payable),
            *((state, CheckResult.refused) for state in SOFT_ENDS),
        ],
    )
    def test_each_state_has_its_answer(
        self, act: Act, payment: Payment, state: PaymentState, result: CheckResult
    ) -> None:
        with act() as session:
            only(session).state = state
        assert self.ask(act, payment)[0] is result

    def test_an_order_older_than_an_hour_is_refused(self, act: Act, payment: Payment) -> None:
        with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
            assert self.ask(act, payment)[0] is CheckResult.refused


class TestStrangers:
    """What anybody may do again and again."""

    def test_messages_of_no_payment_are_kept_up_to_a_limit(self, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(payments, "MOST_REFUSED", 3)
        with act() as session:
            payment = started(session, *customer(session))
            unknown = {"order": "WC-0000000099-ABCDEFGHZ"}
            for _ in range(4):
                payments.apply_event(session, word(payment, **unknown))
                payments.check(session, word(payment, Event.reached, kind="check", **unknown))
                payments.apply_event(session, word(payment, Event.doubted, reason="amount", **unknown))
            assert session.scalars(select(GatewayEvent.reason)).all() == ["order"] * 3
            assert payments.apply_event(session, word(payment)).is_accepted

    def test_a_payer_begins_no_more_payments_in_an_hour_than_the_setting_says(self, act: Act) -> None:
        with act() as session:
            session.scalars(select(Setting).where(Setting.key == payment_limits.STARTS)).one().value = "2"
            user, account = customer(session)
            for key in ("one", "two"):
                payments.give_up(session, started(session, user, account, key).id)
            with pytest.raises(DomainError):
                started(session, user, account, "three")
            assert started(session, user, account, "two").idempotency_key == "two"
            other = factories.user(session, "Customer")
            payments.give_up(session, started(session, other, account, "another's").id)
            with time_machine.travel(clock.now() + timedelta(minutes=61)):
                assert started(session, user, account, "three").state is S.created


class TestFound:
    """What the reconciling job makes of the gateway's answers."""

    def fact(self, payment: Payment, status: OperationStatus) -> OperationFact:
        return OperationFact(
            operation_id=OPERATION,
            order=payment.order_number or "",
            status=status,
            amount=payment.amount,
            currency="RUB",
            subscriber=payments.subscriber_of(payment),
        )

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            (OperationStatus.in_progress, S.processing),
            (OperationStatus.canceled, S.canceled),
            (OperationStatus.succeeded, S.succeeded),
        ],
    )
    def test_the_gateways_answer_moves_the_payment(
        self, act: Act, status: OperationStatus, state: PaymentState
    ) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            (found,) = gateway_words.found(GATEWAY, payment, [self.fact(payment, status)])
            payments.apply_event(session, found)
            assert payment.state is state

    def test_every_operation_that_brought_money_is_found(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            first = self.fact(payment, OperationStatus.succeeded)
            declined = replace(first, operation_id="1000000", status=OperationStatus.canceled)
            second = replace(first, operation_id="1000002")
            for found in gateway_words.found(GATEWAY, payment, [declined, first, second]):
                payments.apply_event(session, found)
            assert (payment.state, payment.alert) == (S.succeeded, "second")
            assert balance(session, account)["cold"] == Decimal(-200)

    def test_nothing_found_expires_the_payment_after_its_time_only(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            assert gateway_words.found(GATEWAY, payment, []) == []
            with time_machine.travel(clock.now() + timedelta(hours=2)):
                (found,) = gateway_words.found(GATEWAY, payment, [])
                payments.apply_event(session, found)
            assert payment.state is S.expired

    def test_a_gateway_silent_for_three_days_is_for_a_person(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            assert gateway_words.unanswered(GATEWAY, payment) == []
            with time_machine.travel(clock.now() + timedelta(days=3, hours=1)):
                (found,) = gateway_words.unanswered(GATEWAY, payment)
                payments.apply_event(session, found)
            assert (payment.state, payment.alert) == (S.review, "unanswered")


class TestBank:
    def test_debts_are_met_in_proportion_and_the_rest_is_an_advance(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            owe(session, account, "300.00")
            owe(session, account, "100.00", "sewerage")
            payment = deposited(session, account, "450.00")
            assert (payment.state, payment.channel.value) == (S.succeeded, "bank")
            assert balance(session, account) == {"cold": Decimal(-50), "sewerage": Decimal(0)}
            assert count(session, Receipt) == 0

    def test_a_cause_is_posted_once(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            deposited(session, account, "10.00")
            with pytest.raises(IntegrityError), session.begin_nested():
                deposited(session, account, "10.00")
            deposited(session, account, "10.00", cause="bank:2")
            assert count(session, LedgerEntry) == 2

    def test_money_of_an_account_without_services_is_not_posted(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            for service in session.scalars(select(AccountService)):
                session.delete(service)
            session.flush()
            deposit = Deposit(account.id, account.payer_group, Decimal(10), clock.now(), "bank:1")
            assert bank_payments.post(session, [deposit]) == [None]
            assert count(session, Payment) == count(session, LedgerEntry) == 0
            with pytest.raises(DomainError):
                payments.lines_for(session, account.id, Decimal(10))
