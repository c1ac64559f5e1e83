"""`flask ledger verify`: what it says and how it ends."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from app.models import AccountPeriod, EntryKind
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import post
from tests.periods import close

MONTH = date(2026, 3, 1)


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
