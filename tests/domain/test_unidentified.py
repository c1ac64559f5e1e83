"""Money of unknown accounts: assigned with a reason, taken back with a reason, never counted twice."""

from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import months, payment_ledger, unidentified
from app.domain.errors import DomainError
from app.domain.imports import undoing
from app.models import (
    Account,
    BankOperation,
    BankOperationState,
    GatewayEvent,
    ImportBatch,
    ImportKind,
    ImportState,
    LedgerEntry,
    Payment,
    PaymentState,
)
from app.queries import import_undo
from tests import factories
from tests.conftest import Act
from tests.payments import balance, count, owe

S = PaymentState


def waiting(session: Session) -> BankOperation:
    batch = ImportBatch(
        kind=ImportKind.payments,
        profile="bank",
        file_name="bank.txt",
        sha256="0" * 64,
        state=ImportState.done,
        result={},
        created_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    row = BankOperation(
        source="bank",
        operation="17",
        account_number="99",
        amount=Decimal("150.00"),
        credited=Decimal("150.00"),
        fee=Decimal(0),
        paid_at=clock.now(),
        state=BankOperationState.unidentified,
        import_batch_id=batch.id,
    )
    session.add(row)
    session.flush()
    return row


def assign(session: Session, row: BankOperation, **values: Any) -> Payment:
    user = factories.user(session, "Cashier")
    words = {"number": "0048213507", "reason": "The payer phoned", **values}
    return unidentified.assign(session, row.id, user_id=user.id, **words)


def test_assigned_money_is_posted_with_its_reason_and_waits_again_when_it_is_taken_back(act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0048213507")
        owe(session, account, "100.00")
        before = balance(session, account)
        row = waiting(session)
        payment = assign(session, row, number="48213507")
        assert (row.state, row.payment_id, payment.state) == (
            BankOperationState.posted,
            payment.id,
            PaymentState.succeeded,
        )
        assert sum(balance(session, account).values()) == Decimal("-50.00")

        unidentified.take_back(session, row.id, reason="Another person's", user_id=row.assigned_by_id or 0)
        session.flush()
        assert balance(session, account) == before
        assert (row.state, row.payment_id, payment.state) == (
            BankOperationState.unidentified,
            None,
            PaymentState.canceled,
        )
        assert assign(session, row).id != payment.id
        kept = session.scalars(select(GatewayEvent).order_by(GatewayEvent.id)).all()
        assert [(event.kind, event.payload["reason"]) for event in kept] == [
            ("assigned", "The payer phoned"),
            ("taken back", "Another person's"),
            ("assigned", "The payer phoned"),
        ]


def test_money_is_assigned_once(act: Act) -> None:
    with act() as session:
        factories.account(session, number="0048213507")
        row = waiting(session)
        assign(session, row)
        with pytest.raises(DomainError):
            assign(session, row)
        assert count(session, Payment) == 1


@pytest.mark.parametrize(("values", "field"), [({"number": "77"}, "account"), ({"reason": ""}, "reason")])
def test_an_unknown_account_and_a_missing_reason_are_refused(values: Any, field: str, act: Act) -> None:
    with act() as session:
        factories.account(session, number="0048213507")
        row = waiting(session)
        with pytest.raises(DomainError) as refused:
            assign(session, row, **values)
        assert (refused.value.field, count(session, LedgerEntry)) == (field, 0)


def test_money_of_a_registry_that_was_taken_back_is_not_taken_back_once_more(act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0048213507")
        owe(session, account, "100.00")
        row = waiting(session)
        payment = assign(session, row)
        undoing.undo(session, row.import_batch_id)
        session.expire_all()
        assert payment_ledger.standing(session, payment) == {}
        with pytest.raises(DomainError):
            unidentified.take_back(session, row.id, reason="Another person's", user_id=row.assigned_by_id or 0)
        with pytest.raises(DomainError):
            assign(session, row)
        assert sum(balance(session, account).values()) == Decimal("100.00")


@pytest.mark.parametrize("is_assigned", [True, False])
def test_taking_back_a_registry_and_deciding_on_its_money_wait_for_each_other(
    act: Act, monkeypatch: pytest.MonkeyPatch, is_assigned: bool
) -> None:
    with act() as session:
        account = factories.account(session, number="0048213507")
        owe(session, account, "100.00")
        months.open_months(session, clock.today().replace(day=1))
        row = waiting(session)
        user_id, operation_id, batch_id = factories.user(session, "Cashier").id, row.id, row.import_batch_id
        if is_assigned:
            assign(session, row)
    refused: list[DomainError] = []

    def decide() -> None:
        words: dict[str, Any] = {"reason": "The payer phoned", "user_id": user_id}
        try:
            with act() as session:
                if is_assigned:
                    unidentified.take_back(session, operation_id, **words)
                else:
                    unidentified.assign(session, operation_id, number="0048213507", **words)
        except DomainError as error:
            refused.append(error)

    beside, reversing = Thread(target=decide), import_undo.reverse_payments

    def reversing_beside(*given: Any, **named: Any) -> None:
        reversing(*given, **named)
        if beside.ident is None:
            beside.start()
            beside.join(1)

    monkeypatch.setattr(import_undo, "reverse_payments", reversing_beside)
    with act() as session:
        undoing.undo(session, batch_id)
    beside.join(30)
    with act() as session:
        assert (len(refused), session.get_one(BankOperation, operation_id).state) == (1, BankOperationState.undone)
        assert sum(balance(session, session.scalars(select(Account)).one()).values()) == Decimal("100.00")
        assert S.succeeded not in session.scalars(select(Payment.state)).all()


def test_a_registry_that_is_taken_back_takes_assigned_money_with_it(act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0048213507")
        row = waiting(session)
        assign(session, row)
        undoing.undo(session, row.import_batch_id)
        assert sum(balance(session, account).values()) == 0
