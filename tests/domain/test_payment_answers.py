"""What the gateway is answered when it asks, what is done when it is asked, and payments through a bank."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import gateway_words, payments
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.gateways.base import CheckResult, OperationFact, OperationStatus
from app.models import (
    Account,
    AccountService,
    EntryKind,
    GatewayEvent,
    LedgerEntry,
    Payment,
    PaymentState,
    Receipt,
)
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, balance, count, customer, only, owe, started, word

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


class TestDecisions:
    """What an operator finds out about a payment in review."""

    def decide(self, session: Session, payment: Payment, operation_id: str | None, **changes: Any) -> payments.Outcome:
        given = {"gateway": GATEWAY, "user_id": 7, "reason": "Выписка банка", "operation_id": operation_id, **changes}
        return payments.decide(session, payment.id, **given)

    def in_review(self, session: Session) -> Payment:
        user, account = customer(session)
        payment = started(session, user, account)
        payments.apply_event(session, word(payment, amount=Decimal(1)))
        assert payment.state is S.review
        return payment

    def test_money_that_is_there_is_posted_with_a_receipt(self, act: Act) -> None:
        with act() as session:
            payment = self.in_review(session)
            assert self.decide(session, payment, OPERATION).receipt
            assert payment.state is S.succeeded
            assert balance(session, payment.account)["cold"] == Decimal(-100)
            kept = session.scalars(select(GatewayEvent).order_by(GatewayEvent.id.desc())).first()
            assert kept is not None
            assert kept.kind == "operator"
            assert kept.payload == {"user_id": "7", "reason": "Выписка банка", "MNT_OPERATION_ID": OPERATION}

    def test_the_call_about_it_that_comes_later_is_not_counted_again(self, act: Act) -> None:
        with act() as session:
            payment = self.in_review(session)
            self.decide(session, payment, OPERATION)
            assert payments.apply_event(session, word(payment)).is_accepted
            assert count(session, LedgerEntry) == 1

    def test_without_money_the_payment_failed_and_real_money_still_succeeds(self, act: Act) -> None:
        with act() as session:
            payment = self.in_review(session)
            assert self.decide(session, payment, None).is_accepted
            assert payment.state is S.failed
            assert count(session, LedgerEntry) == 0
            payments.apply_event(session, word(payment))
            assert payment.state is S.succeeded

    def test_money_that_the_gateway_took_back_is_owed_again(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account, cold="100.00", sewerage="50.00")
            payments.apply_event(session, word(payment))
            payments.apply_event(session, word(payment, Event.reversed, kind="other"))
            self.decide(session, payment, None)
            assert payment.state is S.failed
            assert balance(session, account) == {"cold": Decimal(0), "sewerage": Decimal(0)}
            reasons = session.scalars(select(LedgerEntry.reason).where(LedgerEntry.kind == EntryKind.refund)).all()
            assert reasons == ["Выписка банка"] * 2

    def test_money_that_was_not_taken_back_after_all_stays_posted_once(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            payments.apply_event(session, word(payment, Event.reversed, kind="other"))
            self.decide(session, payment, OPERATION)
            assert (payment.state, count(session, LedgerEntry)) == (S.succeeded, 1)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "ab"}, "reason"),
            ({"reason": "x" * 211}, "reason"),
            ({"operation_id": "12"}, "operation"),
            ({"operation_id": "12a45"}, "operation"),
        ],
        ids=str,
    )
    def test_a_decision_has_a_reason_and_the_number_of_an_operation(
        self, act: Act, changes: dict[str, Any], field: str
    ) -> None:
        with act() as session:
            payment = self.in_review(session)
            with pytest.raises(DomainError) as refusal:
                self.decide(session, payment, **{"operation_id": OPERATION, **changes})
            assert refusal.value.field == field
            assert payment.state is S.review

    def test_an_operation_of_another_payment_is_refused(self, act: Act) -> None:
        with act() as session:
            other = started(session, *customer(session))
            payments.apply_event(session, word(other))
            payment = self.in_review(session)
            with pytest.raises(DomainError):
                self.decide(session, payment, OPERATION)
            assert payment.state is S.review

    def test_only_what_is_in_review_waits_for_a_decision(self, act: Act) -> None:
        with act() as session:
            payment = started(session, *customer(session))
            with pytest.raises(DomainError):
                self.decide(session, payment, OPERATION)


class TestBank:
    def record(self, session: Session, account: Account, amount: str, operation: str = "1") -> Payment:
        return payments.record_bank_payment(
            session,
            account=account,
            amount=Decimal(amount),
            paid_at=clock.now(),
            operation=operation,
            source="perm",
        )

    def test_debts_are_met_in_proportion_and_the_rest_is_an_advance(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            owe(session, account, "300.00")
            owe(session, account, "100.00", "sewerage")
            payment = self.record(session, account, "450.00")
            assert (payment.state, payment.channel.value) == (S.succeeded, "bank")
            assert balance(session, account) == {"cold": Decimal(-50), "sewerage": Decimal(0)}
            assert count(session, Receipt) == 0

    def test_the_same_operation_is_the_same_payment(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            first = self.record(session, account, "10.00")
            assert self.record(session, account, "10.00") is first
            assert self.record(session, account, "10.00", "2") is not first
            assert count(session, LedgerEntry) == 2

    def test_an_account_without_services_is_refused(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            for service in session.scalars(select(AccountService)):
                session.delete(service)
            with pytest.raises(DomainError):
                self.record(session, account, "10.00")
