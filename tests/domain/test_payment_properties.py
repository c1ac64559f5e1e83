"""Whatever comes, in whatever order and however often: one ledger, and sums that hold."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import payments, refunds
from app.domain.errors import DomainError
from app.domain.gateway_words import GatewayWord
from app.domain.payment_states import Event
from app.gateways.base import CheckResult
from app.models import (
    EntryKind,
    GatewayOperation,
    LedgerEntry,
    Payment,
    PaymentState,
    Receipt,
    Refund,
    RefundState,
)
from tests.conftest import Act
from tests.domain.test_refunds import Returning, clerk, send
from tests.payments import customer, owe, started, word

S = PaymentState
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KOPECKS = st.integers(1, 300_000).map(lambda kopecks: Decimal(kopecks) / 100)
FIRST, SECOND = "1000001", "1000002"

NOISE: list[dict[str, Any]] = [
    {"event": Event.canceled, "kind": "find"},
    {"event": Event.expired, "kind": "find"},
    {"event": Event.charging, "kind": "find"},
    {"event": Event.doubted, "kind": "find", "reason": "unanswered"},
    {"event": Event.noted, "kind": "other"},
    {"event": Event.reversed, "kind": "other", "operation_id": "777777"},
    {"event": Event.refused, "reason": "signature"},
    {"event": Event.unsure, "kind": "charge"},
    {"event": Event.failed, "kind": "charge"},
    {"amount": Decimal("0.01")},
    {"currency": "USD"},
    {"subscriber": "payer-0"},
    {"order": "WC-0000000099-ABCDEFGHZ"},
]
TRUE: list[dict[str, Any]] = [{"operation_id": FIRST}, {"operation_id": SECOND}]
EVENTS = st.lists(st.sampled_from([*TRUE, *TRUE, *NOISE]), max_size=12)


class Undo(Exception):  # noqa: N818
    """Ends an example: the next one begins with an empty database."""


@contextmanager
def example(act: Act) -> Iterator[Session]:
    with suppress(Undo), act() as session:
        yield session
        raise Undo


def ledger(session: Session, payment: Payment) -> Counter[tuple[int, EntryKind, Decimal]]:
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.account_id == payment.account_id))
    return Counter((entry.service_id, entry.kind, entry.amount) for entry in entries)


def told(session: Session, payment: Payment, said: dict[str, Any]) -> GatewayWord:
    event = said.get("event", Event.paid)
    return word(payment, event, **{name: value for name, value in said.items() if name != "event"})


@MANY
@given(events=EVENTS, cold=KOPECKS, sewerage=KOPECKS)
def test_any_list_of_events_gives_the_ledger_of_the_money_in_it(
    act: Act, events: list[dict[str, Any]], cold: Decimal, sewerage: Decimal
) -> None:
    with example(act) as session:
        payment = started(session, *customer(session), cold=str(cold), sewerage=str(sewerage))
        for said in events:
            payments.apply_event(session, told(session, payment, said))
        real = {said["operation_id"] for said in events if said in TRUE}
        lines = {line.service_id: line.amount for line in payments.queries.lines_of(session, payment.id)}
        expected = {(service, EntryKind.payment, -amount): len(real) for service, amount in lines.items()}
        assert ledger(session, payment) == Counter({key: times for key, times in expected.items() if times})
        assert (payment.state is S.succeeded) == bool(real)
        counted = set(session.scalars(select(GatewayOperation.operation)))
        assert counted == real
        assert len(session.scalars(select(Receipt)).all()) == min(len(real), 1)


@MANY
@given(events=EVENTS)
def test_a_check_lets_nobody_be_charged_twice(act: Act, events: list[dict[str, Any]]) -> None:
    with example(act) as session:
        payment = started(session, *customer(session))
        for said in events:
            payments.apply_event(session, told(session, payment, said))
            result, _amount = payments.check(session, word(payment, Event.reached, kind="check"))
            if payment.state is S.succeeded:
                assert result is CheckResult.paid
            assert payment.state is not S.review or result is CheckResult.processing


@MANY
@given(
    debts=st.lists(st.tuples(st.sampled_from(["cold", "sewerage"]), KOPECKS), max_size=4),
    cold=KOPECKS,
    sewerage=KOPECKS,
)
def test_a_receipts_parts_add_up_to_its_lines_and_its_lines_to_the_payment(
    act: Act, debts: list[tuple[str, Decimal]], cold: Decimal, sewerage: Decimal
) -> None:
    with example(act) as session:
        user, account = customer(session)
        for turn, (code, amount) in enumerate(debts):
            owe(session, account, str(amount), code, payments.clock.today().replace(day=1, month=turn + 1))
        payment = started(session, user, account, cold=str(cold), sewerage=str(sewerage))
        outcome = payments.apply_event(session, word(payment))
        assert outcome.receipt
        lines = outcome.receipt.snapshot["lines"]
        for line in lines:
            assert sum(Decimal(part["amount"]) for part in line["parts"]) == Decimal(line["amount"])
        assert sum(Decimal(line["amount"]) for line in lines) == payment.amount == cold + sewerage
        entries = session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.kind == EntryKind.payment))
        assert entries == -payment.amount


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "send", "refuse", "decline", "pay again"]), KOPECKS), min_size=1, max_size=10
)


@MANY
@given(steps=STEPS, cold=KOPECKS, sewerage=KOPECKS)
def test_no_more_goes_back_than_came_and_the_balance_says_how_much(
    act: Act, steps: list[tuple[str, Decimal]], cold: Decimal, sewerage: Decimal
) -> None:
    with example(act) as session:
        payment = started(session, *customer(session), cold=str(cold), sewerage=str(sewerage))
        payments.apply_event(session, word(payment))
        person, came = clerk(session), payment.amount
        for step, amount in steps:
            came += _take(session, payment, step, amount, person)
        going = _sum(session, Refund.state != RefundState.refused)
        gone = _sum(session, Refund.state == RefundState.done)
        assert gone <= going <= came
        balance = sum(amount * times for (_service, _kind, amount), times in ledger(session, payment).items())
        assert -balance == came - gone
        left = sum(roubles for _operation, roubles in refunds.queries.left_of(session, payment))
        assert left == came - going


def _take(session: Session, payment: Payment, step: str, amount: Decimal, person: int) -> Decimal:
    """One step of a refund's life; the money that came by it."""
    gateway = Returning()
    gateway.refuses = step == "refuse"
    try:
        if step == "ask":
            refunds.ask(session, payment.id, amount=amount, reason="Проверка", user_id=person)
        elif step == "decline":
            for refund in refunds.queries.of_payment(session, payment.id):
                refunds.decline(session, refund.id, user_id=person, reason="Проверка")
        elif step == "pay again" and not session.scalar(
            select(GatewayOperation.id).where(GatewayOperation.operation == SECOND)
        ):
            payments.apply_event(session, word(payment, operation_id=SECOND))
            return payment.amount
        else:
            send(session, gateway)
    except DomainError:
        pass
    return Decimal(0)


def _sum(session: Session, condition: Any) -> Decimal:
    return session.scalar(select(func.sum(Refund.amount)).where(condition)) or Decimal(0)
