"""`flask ledger verify`: what it says and how it ends."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.domain import corrections
from app.domain.corrections import Wish
from app.models import Account, AccountPeriod, EntryKind
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import post
from tests.periods import close

MONTH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def books(act: Act) -> Act:
    with act() as session:
        post(session, factories.account(session, number="0048213507"), MONTH, EntryKind.charge, "100.00")
        close(session, MONTH)
    return act


def test_books_that_hold_end_well(books: Act, cli: Any) -> None:
    done = cli.invoke(args=["ledger", "verify"])
    assert (done.exit_code, done.output) == (0, "1 closed months: no faults\n")
    as_json = cli.invoke(args=["ledger", "verify", "--json"])
    assert json.loads(as_json.output) == {"sound": True, "months": 1, "faults": 0, "named": []}


def test_corrections_by_hand_are_proved(books: Act, cli: Any) -> None:
    """Less of cold water, and what is left of its advance for the debt of sewerage."""
    with time_machine.travel("2026-04-20T09:00:00Z", tick=False), books() as session:
        account = session.scalars(select(Account)).one()
        cold, sewerage = (factories.service(session, code).id for code in ("cold", "sewerage"))
        user_id = factories.user(session, "Manager").id
        post(session, account, APRIL, EntryKind.payment, "-150.00")
        post(session, account, APRIL, EntryKind.charge, "30.00", code="sewerage")
        wish = Wish(cold, Decimal("-20.00"), "Перерасчёт за март 2026")
        less = corrections.ask(session, account.id, wish, user_id=user_id, known_id=0)
        wish = Wish(cold, Decimal("30.00"), "По заявлению абонента", sewerage)
        corrections.ask(session, account.id, wish, user_id=user_id, known_id=less.id)
        close(session, APRIL)
    done = cli.invoke(args=["ledger", "verify"])
    assert (done.exit_code, done.output) == (0, "2 closed months: no faults\n")
    with books() as session:
        facts = select(AccountPeriod).where(AccountPeriod.period == APRIL).order_by(AccountPeriod.service_id)
        found = [(row.opening, row.charged, row.corrected, row.paid, row.closing) for row in session.scalars(facts)]
        assert [[str(sum_) for sum_ in row] for row in found] == [
            ["100.00", "0.00", "-20.00", "120.00", "-40.00"],
            ["0.00", "30.00", "0.00", "30.00", "0.00"],
        ]


def test_books_that_differ_end_with_1_and_name_the_account(books: Act, cli: Any) -> None:
    with books() as session:
        session.execute(update(AccountPeriod).values(charged=Decimal("99.00"), closing=Decimal("99.00")))
    done = cli.invoke(args=["ledger", "verify"])
    assert done.exit_code == 1
    assert "account 0048213507, 2026-03, cold: the facts differ from the entries by 1.00 ₽" in done.output
    as_json = cli.invoke(args=["ledger", "verify", "--json"])
    assert as_json.exit_code == 1
    assert json.loads(as_json.output)["named"] == [
        {"kind": "sum", "account": "0048213507", "month": "2026-03", "service": "cold", "by": "1.00"}
    ]


def test_an_empty_ledger_holds(cli: Any) -> None:
    assert cli.invoke(args=["ledger", "verify"]).exit_code == 0
