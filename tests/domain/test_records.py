"""Accounts that staff close: the day is kept, and who owes still gets bills."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.domain import bill_runs, records
from app.domain.errors import DomainError
from app.models import Account, AccountStatus, EntryKind, PayerGroup
from tests import factories
from tests.billed import post
from tests.conftest import Act

OCTOBER = date(2026, 10, 1)


def save(session: Session, account: Account) -> None:
    """As the panel does."""
    with session.no_autoflush:
        records.account(session, account)
    session.flush()


def test_an_account_is_closed_today_where_no_day_is_given(act: Act) -> None:
    with act() as session:
        account = factories.account(session)
        session.flush()
        account.status = AccountStatus.closed
        save(session, account)
        assert account.closed_on == clock.today()
        session.flush()
        account.status = AccountStatus.active
        save(session, account)
        assert account.closed_on is None


def test_an_account_closed_before_without_a_day_is_left_as_it_is(act: Act) -> None:
    with act() as session:
        account = factories.account(session, status=AccountStatus.closed)
        session.flush()
        save(session, account)
        assert account.closed_on is None


@pytest.mark.parametrize("status", [AccountStatus.active, AccountStatus.closed])
def test_the_day_of_closing_is_of_a_closed_account_and_after_its_opening(act: Act, status: AccountStatus) -> None:
    with act() as session:
        account = factories.account(session)
        session.flush()
        account.status = status
        account.closed_on = clock.today() if status is AccountStatus.active else date(2023, 12, 31)
        with pytest.raises(DomainError) as refused:
            save(session, account)
        assert refused.value.field == "closed_on"


@pytest.mark.parametrize(("amount", "files"), [("10.00", 1), ("0.00", 0), ("-10.00", 0)])
def test_a_closed_account_gets_bills_while_it_owes(act: Act, amount: str, files: int) -> None:
    with act() as session:
        account = factories.account(session, status=AccountStatus.closed, closed_on=date(2026, 6, 10))
        session.flush()
        post(session, account, EntryKind.charge, amount, date(2026, 6, 1), source="charge:2026-06")
        session.flush()
        assert len(bill_runs.plan(session, OCTOBER, PayerGroup.population)) == files
