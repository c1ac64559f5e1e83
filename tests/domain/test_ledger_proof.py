"""The proof of the books finds every fault that there may be, and names the account."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.domain import runs
from app.domain.ledger_proof import Fault, carry_out, prove
from app.extensions import db, transaction
from app.models import Account, AccountPeriod, BillingRun, EntryKind, LedgerEntry, PayerGroup, RunKind, RunState
from app.security.scope import SYSTEM, become
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import MONTHS, generate, post
from tests.periods import close

FOUR = MONTHS[:4]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


@pytest.fixture
def books(act: Act) -> Act:
    """Four months closed for the population, three for the others; one account by name."""
    with act() as session:
        generate(session, 3)
        account = factories.account(session, number="0048213507")
        for month in FOUR:
            post(session, account, month, EntryKind.charge, "100.00")
            post(session, account, month, EntryKind.payment, "-60.00")
        close(session, *FOUR, groups=[PayerGroup.population])
        close(session, *FOUR[:3], groups=[PayerGroup.other])
    return act


def proof(act: Act) -> Any:
    with act() as session:
        return prove(session, lambda *_step: None)


def of_account(session: Session) -> int:
    return session.scalars(select(Account.id).where(Account.number == "0048213507")).one()


def test_books_that_hold_have_no_faults(books: Act) -> None:
    found = proof(books)
    assert (found.is_sound, found.months, found.faults) == (True, 4, ())


@pytest.mark.parametrize("name", ["opening", "charged", "corrected", "penalty", "paid", "closing"])
def test_facts_that_differ_from_the_entries_are_found(books: Act, name: str) -> None:
    with books() as session:
        column = getattr(AccountPeriod, name)
        mine = AccountPeriod.account_id == of_account(session), AccountPeriod.period == FOUR[-1]
        session.execute(update(AccountPeriod).where(*mine).values({column: column + Decimal("0.01")}))
    found = proof(books)
    assert [(fault.kind, fault.account, fault.month) for fault in found.faults] == [("sum", "0048213507", FOUR[-1])]
    assert found.faults[0].service == "cold"
    assert found.faults[0].by >= Decimal("0.01")


def test_a_false_closing_is_found_in_its_month_and_in_the_next(books: Act) -> None:
    with books() as session:
        mine = AccountPeriod.account_id == of_account(session), AccountPeriod.period == FOUR[1]
        session.execute(update(AccountPeriod).where(*mine).values(closing=AccountPeriod.closing + 5))
    assert [fault.month for fault in proof(books).faults] == [FOUR[1], FOUR[2]]


def test_facts_that_are_gone_are_found(books: Act) -> None:
    with books() as session:
        mine = AccountPeriod.account_id == of_account(session), AccountPeriod.period == FOUR[-1]
        session.execute(delete(AccountPeriod).where(*mine))
    assert proof(books).faults == (Fault("missing", "0048213507", FOUR[-1], "cold"),)


def test_facts_that_nothing_is_behind_are_found(books: Act) -> None:
    with books() as session:
        account = factories.account(session, number="77")
        session.add(
            AccountPeriod(
                account_id=account.id,
                service_id=factories.service(session).id,
                period=FOUR[0],
                opening=0,
                charged=0,
                paid=Decimal(3),
                closing=Decimal(-3),
                volume=0,
                payer_group=PayerGroup.population,
            )
        )
    assert [(fault.kind, fault.month) for fault in proof(books).faults] == [("sum", FOUR[0]), ("missing", FOUR[1])]


def test_an_entry_of_a_service_that_has_no_facts_is_found(books: Act) -> None:
    with books() as session, time_machine.travel(clock.now() - timedelta(days=1), tick=False):
        account = session.get_one(Account, of_account(session))
        post(session, account, FOUR[2], EntryKind.payment, "-7.00", code="sewerage")
        post(session, account, FOUR[2], EntryKind.payment, "-8.00", code="sewerage")
    assert proof(books).faults == (Fault("missing", "0048213507", FOUR[2], "sewerage"),)


def test_an_entry_that_counts_elsewhere_is_found(books: Act) -> None:
    """A correction that the facts hold as a charge: the balance is the same."""
    with books() as session:
        mine = AccountPeriod.account_id == of_account(session), AccountPeriod.period == FOUR[-1]
        moved = {"charged": AccountPeriod.charged - 1, "corrected": AccountPeriod.corrected + 1}
        session.execute(update(AccountPeriod).where(*mine).values(moved))
    found = proof(books)
    assert [(fault.kind, fault.month, fault.by) for fault in found.faults] == [("sum", FOUR[-1], Decimal("2.00"))]


def test_an_entry_posted_into_a_closed_month_is_found(books: Act) -> None:
    with books() as session, time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        post(session, session.get_one(Account, of_account(session)), FOUR[2], EntryKind.payment, "-7.00")
    found = proof(books)
    assert [(fault.kind, fault.month, fault.by) for fault in found.faults] == [
        ("sum", FOUR[2], Decimal("7.00")),
        ("late", FOUR[2], None),
    ]


def test_a_late_entry_is_found_even_where_the_sums_agree(books: Act) -> None:
    with books() as session, time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        account = session.get_one(Account, of_account(session))
        post(session, account, FOUR[2], EntryKind.payment, "-7.00")
        post(session, account, FOUR[2], EntryKind.refund, "7.00")
    assert [(fault.kind, fault.account) for fault in proof(books).faults] == [("late", "0048213507")]


def test_entries_of_a_group_that_has_not_closed_the_month_are_no_fault(books: Act) -> None:
    with books() as session:
        firm = factories.account(session, is_company=True)
        post(session, firm, FOUR[3], EntryKind.charge, "10.00")
    assert proof(books).is_sound


def test_a_cause_that_counts_twice_is_found_once_the_database_lets_it_in(books: Act) -> None:
    with books() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite cannot drop a constraint")
        session.execute(text("ALTER TABLE ledger_entry DROP CONSTRAINT uq_ledger_entry_account_id_source"))
        session.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
        mine = LedgerEntry.account_id == of_account(session), LedgerEntry.period == FOUR[0]
        session.execute(update(LedgerEntry).where(*mine).values(source="payment:1"))
    assert [(fault.kind, fault.account) for fault in proof(books).faults] == [("rule", ""), ("source", "0048213507")]


def test_some_are_named_and_all_are_counted(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.domain.ledger_proof.MOST", 3)
    with act() as session:
        generate(session, 3)
        close(session, FOUR[0])
        count = session.execute(update(AccountPeriod).values(paid=AccountPeriod.paid + 1)).rowcount
    found = proof(act)
    assert count > 3
    assert (len(found.faults), found.in_all) == (3, count)


def test_a_proof_that_fails_is_ended_and_says_why(app: Flask, books: Act) -> None:
    with books() as session:
        run_id = runs.ask(session, RunKind.verification).id

    def broken(*_step: Any) -> None:
        raise ZeroDivisionError

    with app.app_context():
        become(SYSTEM)
        with Session(db.engine) as reading, pytest.raises(ZeroDivisionError):
            carry_out(transaction, reading, run_id, broken)
    with books() as session:
        run = session.get_one(BillingRun, run_id)
        assert (run.state, run.result) == (RunState.failed, {"failure": "ZeroDivisionError"})
        assert runs.ask(session, RunKind.verification).id != run_id
