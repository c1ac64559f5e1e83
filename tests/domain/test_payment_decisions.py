"""What a person decides about a payment in review, and on whose word."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import payment_decisions, payments
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.gateways.base import OperationFact, OperationStatus
from app.gateways.moneta import Moneta
from app.models import EntryKind, GatewayEvent, LedgerEntry, Payment, PaymentState, Receipt
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, balance, count, customer, started, word

S = PaymentState


class TestDecisions:
    """What an operator finds out about a payment in review."""

    def decide(self, session: Session, payment: Payment, operation_id: str | None, **changes: Any) -> payments.Outcome:
        given: dict[str, Any] = {
            "gateway": GATEWAY,
            "user_id": 7,
            "reason": "Выписка банка",
            "operation_id": operation_id,
            **changes,
        }
        return payment_decisions.decide(session, payment.id, **given)

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

    def reversed(self, session: Session) -> Payment:
        payment = started(session, *customer(session))
        payments.apply_event(session, word(payment))
        payments.apply_event(session, word(payment, Event.reversed, kind="other"))
        return payment

    def test_beside_an_operation_that_is_counted_no_other_is_made_up(self, act: Act) -> None:
        with act() as session:
            payment = self.reversed(session)
            for number in ("777001", "777002"):
                with pytest.raises(DomainError) as refusal:
                    self.decide(session, payment, number)
                assert refusal.value.field == "operation"
            assert balance(session, payment.account)["cold"] == Decimal(-100)

    def test_money_said_to_be_gone_that_is_told_of_again_is_for_a_person(self, act: Act) -> None:
        with act() as session:
            payment = self.reversed(session)
            self.decide(session, payment, None)
            assert payments.apply_event(session, word(payment)).is_accepted
            assert (payment.state, payment.alert, balance(session, payment.account)["cold"]) == (
                S.review,
                "returned",
                0,
            )
            for _ in range(2):
                self.decide(session, payment, OPERATION)
                assert (payment.state, balance(session, payment.account)["cold"]) == (S.succeeded, Decimal(-100))
                payments.apply_event(session, word(payment, Event.reversed, kind="other"))
                self.decide(session, payment, None)
                assert (payment.state, balance(session, payment.account)["cold"]) == (S.failed, Decimal(0))
                payments.apply_event(session, word(payment))

    def test_other_money_after_it_pays_the_payment_anew(self, act: Act) -> None:
        with act() as session:
            payment = self.reversed(session)
            self.decide(session, payment, None)
            assert payments.apply_event(session, word(payment, operation_id="1000002")).is_accepted
            assert (payment.state, payment.alert, payment.ask_at) == (S.succeeded, "late", None)
            assert (balance(session, payment.account)["cold"], count(session, Receipt)) == (Decimal(-100), 1)
            payments.apply_event(session, word(payment, Event.reversed, kind="other"))
            assert payment.state is S.succeeded

    def test_only_what_is_in_review_waits_for_a_decision(self, act: Act) -> None:
        with act() as session:
            payment = started(session, *customer(session))
            with pytest.raises(DomainError):
                self.decide(session, payment, OPERATION)


class Asked(Moneta):
    """A gateway that can be asked."""

    @property
    def can_be_asked(self) -> bool:
        return True


class TestWhoseWord:
    """The gateway's own where it can be asked, two persons' above the limit where it cannot."""

    def doubted(self, session: Session, roubles: str = "100.00") -> Payment:
        payment = started(session, *customer(session), cold=roubles)
        payments.apply_event(session, word(payment, Event.doubted, kind="find", reason="unanswered"))
        return payment

    def decide(self, session: Session, payment: Payment, **changes: Any) -> payments.Outcome:
        given: dict[str, Any] = {
            "gateway": GATEWAY,
            "user_id": 7,
            "reason": "Выписка банка",
            "operation_id": OPERATION,
            **changes,
        }
        return payment_decisions.decide(session, payment.id, **given)

    def fact(self, payment: Payment, **changes: Any) -> OperationFact:
        told: dict[str, Any] = {
            "operation_id": OPERATION,
            "order": payment.order_number or "",
            "status": OperationStatus.succeeded,
            "amount": payment.amount,
            "currency": "RUB",
        }
        return OperationFact(**{**told, **changes})

    @pytest.mark.parametrize(
        "changes",
        [
            None,
            {"operation_id": "1000002"},
            {"order": "WC-0000000099-ABCDEFGHZ"},
            {"status": OperationStatus.in_progress},
            {"status": OperationStatus.canceled},
            {"amount": Decimal("99.99")},
            {"currency": "USD"},
            {"is_refund": True},
        ],
        ids=str,
    )
    def test_what_the_gateway_does_not_confirm_is_not_counted(self, act: Act, changes: dict[str, Any] | None) -> None:
        with act() as session:
            payment = self.doubted(session)
            gateway = Asked(GATEWAY._settings)
            fact = None if changes is None else self.fact(payment, **changes)
            with pytest.raises(DomainError) as refusal:
                self.decide(session, payment, gateway=gateway, fact=fact)
            assert (refusal.value.field, payment.state) == ("operation", S.review)
            assert self.decide(session, payment, gateway=gateway, fact=self.fact(payment)).receipt

    def test_without_a_gateway_to_ask_another_person_says_the_same_above_the_limit(self, act: Act) -> None:
        with act() as session:
            payment = self.doubted(session, "5000.01")
            others = {"operation_id": "1000002", "user_id": 8}
            for said in ({}, {}, others, {"user_id": 9}, {"user_id": 9}):
                outcome = self.decide(session, payment, **said)
                assert (outcome.waits, outcome.receipt, payment.state) == (True, None, S.review)
            assert (payment.alert, count(session, LedgerEntry)) == ("unanswered", 0)
            assert self.decide(session, payment, user_id=7).receipt
            assert payment.state is S.succeeded

    def test_up_to_the_limit_one_person_is_enough(self, act: Act) -> None:
        with act() as session:
            assert self.decide(session, self.doubted(session, "5000.00")).receipt
