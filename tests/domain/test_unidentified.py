"""Money of unknown accounts: assigned with a reason, taken back with a reason, never counted twice."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import unidentified
from app.domain.errors import DomainError
from app.domain.imports import undoing
from app.models import (
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
from tests import factories
from tests.conftest import Act
from tests.payments import balance, count, owe


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


def test_a_registry_that_is_taken_back_takes_assigned_money_with_it(act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0048213507")
        row = waiting(session)
        assign(session, row)
        undoing.undo(session, row.import_batch_id)
        assert sum(balance(session, account).values()) == 0
