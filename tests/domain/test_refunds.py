"""Refunds: who may ask, who must approve, what is owed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import receipt
from app.domain import payment_decisions, payments, refunds
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.gateways.base import NoAnswerError, OperationFact, OperationStatus, RefundOrder, RequestRefused
from app.gateways.moneta import Moneta
from app.models import EntryKind, GatewayEvent, LedgerEntry, Payment, PaymentState, Refund, RefundState, Setting
from app.queries import payment_desk as desk
from tests import factories
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, balance, customer, deposited, started, word

R = RefundState


class Returning(Moneta):
    """A gateway that sends back what it is asked to, unless it is told to refuse."""

    def __init__(self) -> None:
        super().__init__(replace(GATEWAY._settings, test_mode=True))
        self.sent: list[RefundOrder] = []
        self.refuses = False

    def refund(self, refund: RefundOrder) -> OperationFact:
        self.sent.append(refund)
        if self.refuses:
            raise RequestRefused("500.2.1")
        return OperationFact(
            operation_id=f"90000{len(self.sent)}",
            order=refund.number,
            status=OperationStatus.succeeded,
            amount=refund.amount,
            currency="RUB",
            is_refund=True,
            changed_at=clock.now(),
        )


class Lost(Returning):
    """A gateway that never got what it was sent."""

    def refund(self, refund: RefundOrder) -> OperationFact:
        self.sent.append(refund)
        raise NoAnswerError("timeout")

    def find(self, number: str, since: datetime) -> list[OperationFact]:
        return []


def paid(session: Session, **lines: str) -> Payment:
    payment = started(session, *customer(session), **(lines or {"cold": "100.00", "sewerage": "50.00"}))
    payments.apply_event(session, word(payment))
    return payment


def ask(session: Session, payment: Payment, roubles: str, **changes: Any) -> Refund:
    given = {"amount": Decimal(roubles), "reason": "Оплачено дважды", "user_id": clerk(session), **changes}
    return refunds.ask(session, payment.id, **given)


def clerk(session: Session) -> int:
    return factories.user(session, "Cashier").id


def dismiss(session: Session, payment: Payment) -> None:
    """A person found that the money of a payment in review is gone."""
    decided: dict[str, Any] = {
        "gateway": GATEWAY,
        "user_id": clerk(session),
        "reason": "Выписка банка",
        "operation_id": None,
    }
    payment_decisions.decide(session, payment.id, **decided)


def send(session: Session, gateway: Moneta | None = None) -> Returning:
    """One run of the job, in the transaction of the test."""

    @contextmanager
    def here() -> Iterator[Session]:
        yield session
        session.flush()

    used = gateway or Returning()
    refunds.send_due(here, used, receipt.send_return)
    assert isinstance(used, Returning)
    return used


def test_what_went_back_is_owed_again_by_service_in_proportion(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "30.00")
        sent = send(session).sent
        assert [(order.operation_id, order.amount) for order in sent] == [(OPERATION, Decimal("30.00"))]
        assert (refund.state, sent[0].number) == (R.done, refunds.number_of(refund))
        assert balance(session, payment.account) == {"cold": Decimal("-80.00"), "sewerage": Decimal("-40.00")}
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.refund)).all()
        assert {entry.reason for entry in entries} == {"Оплачено дважды"}


def test_the_last_kopeck_goes_back_from_the_service_that_has_it(act: Act) -> None:
    with act() as session:
        payment = paid(session, cold="0.01", sewerage="99.99")
        for amount in ("33.33", "33.33", "33.34"):
            ask(session, payment, amount)
            send(session)
        assert balance(session, payment.account) == {"cold": Decimal(0), "sewerage": Decimal(0)}


def test_the_history_of_the_payment_tells_of_it(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "30.00")
        send(session)
        asked, done = session.scalars(
            select(GatewayEvent).where(GatewayEvent.kind == "refund").order_by(GatewayEvent.id)
        ).all()
        assert (done.payment_id, done.order_number) == (payment.id, refunds.number_of(refund))
        assert done.payload == {"state": "done", "amount": "30.00", "operation": "900001"}
        assert (asked.gateway, asked.payload["state"], asked.payload["reason"]) == ("staff", "asked", "Оплачено дважды")
        assert asked.payload["user_id"] == str(refund.asked_by_id)


class TestApproval:
    @pytest.fixture(autouse=True)
    def limit(self, act: Act) -> None:
        with act() as session:
            session.scalars(select(Setting).where(Setting.key == refunds.LIMIT)).one().value = "50"

    def test_above_the_limit_another_person_is_needed(self, act: Act) -> None:
        with act() as session:
            first = clerk(session)
            refund = ask(session, paid(session), "50.01", user_id=first)
            assert refunds.needs_approval(session, refund)
            assert send(session).sent == []
            with pytest.raises(DomainError):
                refunds.approve(session, refund.id, user_id=first)
            refunds.approve(session, refund.id, user_id=clerk(session))
            assert not refunds.needs_approval(session, refund)
            assert len(send(session).sent) == 1
            assert refund.state is R.done

    def test_up_to_the_limit_one_person_is_enough(self, act: Act) -> None:
        with act() as session:
            refund = ask(session, paid(session), "50.00")
            assert not refunds.needs_approval(session, refund)
            assert len(send(session).sent) == 1

    def test_parts_of_a_sum_above_the_limit_need_another_person_too(self, act: Act) -> None:
        with act() as session:
            payment, person = paid(session), clerk(session)
            first = ask(session, payment, "50.00", user_id=person)
            assert len(send(session).sent) == 1
            second = ask(session, payment, "0.01", user_id=person)
            assert [refunds.needs_approval(session, each) for each in (first, second)] == [False, True]
            assert desk.refunds_to_approve(session, refunds.limit(session), 5) == [second]
            assert send(session).sent == []
            refunds.approve(session, second.id, user_id=clerk(session))
            assert len(send(session).sent) == 1

    def test_one_approved_late_is_still_on_its_way_a_minute_after_it_was_sent(self, act: Act) -> None:
        with act() as session:
            payment = paid(session)
            refund = ask(session, payment, "150.00")
            with time_machine.travel(clock.now() + timedelta(days=2)):
                refunds.approve(session, refund.id, user_id=clerk(session))
                lost = send(session, Lost())
                send(session, lost)
                assert (refund.state, len(lost.sent)) == (R.unknown, 1)
                with pytest.raises(DomainError):
                    ask(session, payment, "150.00")
            with time_machine.travel(clock.now() + timedelta(days=3, minutes=1)):
                send(session, lost)
                assert (refund.state, len(lost.sent)) == (R.refused, 1)

    def test_money_that_the_gateway_took_back_meanwhile_is_not_approved(self, act: Act) -> None:
        with act() as session:
            payment = paid(session)
            refund = ask(session, payment, "150.00")
            payments.apply_event(session, word(payment, Event.reversed, kind="other"))
            with pytest.raises(DomainError):
                refunds.approve(session, refund.id, user_id=clerk(session))

    def test_a_declined_one_frees_the_money_and_is_not_sent(self, act: Act) -> None:
        with act() as session:
            payment = paid(session)
            refund = ask(session, payment, "150.00")
            refunds.decline(session, refund.id, user_id=clerk(session), reason="Ошибка")
            assert send(session).sent == []
            assert refund.state is R.refused
            for act_again in (refunds.approve, refunds.decline):
                with pytest.raises(DomainError):
                    act_again(session, refund.id, user_id=clerk(session), **_reason(act_again))
            ask(session, payment, "150.00")


def _reason(of: Any) -> dict[str, str]:
    return {"reason": "Ещё раз"} if of is refunds.decline else {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("150.01")}, "amount"),
        ({"amount": Decimal(150_000_000)}, "amount"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 5000}, "reason"),
        ({"reason": "карта 4111 1111 1111 1111"}, "reason"),
        ({"reason": "a\0b"}, "reason"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_that_cannot_be_is_refused_at_its_field(act: Act, changes: dict[str, Any], field: str) -> None:
    with act() as session:
        payment = paid(session)
        with pytest.raises(DomainError) as refusal:
            ask(session, payment, "1.00", **changes)
        assert refusal.value.field == field
        assert not session.scalars(select(Refund)).all()


def test_only_what_was_paid_by_card_goes_back(act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        open_one = started(session, user, account)
        bank = deposited(session, account, "10.00")
        for payment in (open_one, bank):
            with pytest.raises(DomainError):
                ask(session, payment, "1.00")


def test_a_payment_that_is_looked_into_returns_nothing(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        payments.apply_event(session, word(payment, Event.reversed, kind="other"))
        with pytest.raises(DomainError):
            ask(session, payment, "1.00")


def test_money_that_the_gateway_took_back_is_not_sent_back_once_more(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "100.00")
        payments.apply_event(session, word(payment, Event.reversed, kind="other"))
        assert send(session).sent == []
        assert (refund.state, payment.alert) == (R.refused, "reversed refund")


def test_of_a_payment_paid_anew_only_the_transfer_that_stands_goes_back(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        asked = ask(session, payment, "100.00")
        payments.apply_event(session, word(payment, Event.reversed, kind="other"))
        dismiss(session, payment)
        payments.apply_event(session, word(payment, operation_id="1000002"))
        assert (payment.state, send(session).sent, asked.state) == (PaymentState.succeeded, [], R.refused)
        ask(session, payment, "150.00")
        with pytest.raises(DomainError):
            ask(session, payment, "0.01")
        assert [order.operation_id for order in send(session).sent] == ["1000002"]
        assert balance(session, payment.account) == {"cold": Decimal(0), "sewerage": Decimal(0)}


def test_the_second_operation_of_a_payment_goes_back_first(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        payments.apply_event(session, word(payment, operation_id="1000002"))
        for _ in range(2):
            ask(session, payment, "150.00")
        with pytest.raises(DomainError):
            ask(session, payment, "0.01")
        sent = send(session).sent
        assert [order.operation_id for order in sent] == ["1000002", OPERATION]
        assert balance(session, payment.account) == {"cold": Decimal(0), "sewerage": Decimal(0)}


def test_a_refusal_changes_no_balance(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "30.00")
        gateway = Returning()
        gateway.refuses = True
        send(session, gateway)
        send(session, gateway)
        assert (refund.state, len(gateway.sent)) == (R.refused, 1)
        assert balance(session, payment.account)["cold"] == Decimal(-100)
