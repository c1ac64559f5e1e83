"""Receipt numbers: gap-free, in the series of the local year."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.domain import payments
from app.models import Receipt
from tests.conftest import Act
from tests.payments import customer, owe, started, word
from tests.samples import PERIOD


def test_numbers_follow_each_other_and_a_rollback_leaves_no_gap(act: Act) -> None:
    def pay(number: int) -> None:
        with act() as session:
            user, account = customer(session)
            payments.apply_event(session, word(started(session, user, account), operation_id=f"100{number}"))
            if number == 2:
                raise ZeroDivisionError

    pay(1)
    with pytest.raises(ZeroDivisionError):
        pay(2)
    pay(3)
    with act() as session:
        year = clock.today().year
        assert [receipt.title for receipt in session.scalars(select(Receipt).order_by(Receipt.id))] == [
            f"{year}-0000001",
            f"{year}-0000002",
        ]


@pytest.mark.parametrize(
    ("moment", "title"),
    [
        (datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC), "2026-0000001"),
        (datetime(2026, 12, 31, 19, 0, 0, tzinfo=UTC), "2027-0000001"),
    ],
    ids=["the last second of the year", "the first second of the next"],
)
def test_the_series_is_that_of_the_local_year(act: Act, moment: datetime, title: str) -> None:
    with act() as session:
        user, account = customer(session)
        payment = started(session, user, account)
        with time_machine.travel(moment, tick=False):
            outcome = payments.apply_event(session, word(payment))
        assert outcome.receipt
        assert outcome.receipt.title == title


def test_the_snapshot_says_what_was_paid_by_whom_and_for_what(act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "60.00")
        payment = started(session, user, account, cold="100.00")
        outcome = payments.apply_event(session, word(payment))
        assert outcome.receipt
        snapshot = outcome.receipt.snapshot
        assert snapshot["lines"] == [
            {
                "service": "Холодная вода",
                "amount": "100.00",
                "parts": [
                    {"period": PERIOD.isoformat(), "amount": "60.00", "is_penalty": False},
                    {"period": None, "amount": "40.00", "is_penalty": False},
                ],
            }
        ]
        assert snapshot["payer"] == "Петрова Ирина Сергеевна"
        assert (snapshot["account"], snapshot["address"]) == (account.number, account.premises.address)
        assert Decimal(snapshot["amount"]) == payment.amount
        assert snapshot["is_test"] is True


def test_the_payer_of_a_companys_receipt_is_the_company(act: Act) -> None:
    with act() as session:
        user, account = customer(session, is_company=True)
        outcome = payments.apply_event(session, word(started(session, user, account)))
        assert outcome.receipt
        assert account.legal_entity
        assert outcome.receipt.snapshot["payer"] == account.legal_entity.name
        assert outcome.receipt.snapshot["basis"] == "Договор 12"
