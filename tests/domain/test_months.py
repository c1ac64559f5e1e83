"""Which month takes an entry, and that nothing gets into a month while it is being closed."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import ledger, months, periods
from app.models import Account, AccountPeriod, EntryKind, LedgerEntry, PayerGroup, Period, PeriodState
from app.queries import periods as queries
from tests import factories
from tests.conftest import Act
from tests.periods import close, in_state

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in range(8, 13))
PEOPLE, FIRMS = PayerGroup.population, PayerGroup.other
WAIT = 20


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=True):
        yield


def opened(session: Session) -> list[tuple[date, PayerGroup]]:
    rows = session.execute(select(Period.first_on, Period.payer_group).order_by(Period.first_on, Period.payer_group))
    return [(month, group) for month, group in rows]


def test_the_books_begin_with_the_first_month_that_takes_an_entry(act: Act) -> None:
    with act() as session:
        assert months.month_for(session, PEOPLE, OCTOBER) == OCTOBER
        assert months.month_for(session, FIRMS, AUGUST) == OCTOBER
        assert opened(session) == [(OCTOBER, FIRMS), (OCTOBER, PEOPLE)]


def test_a_month_that_nobody_opened_is_opened_with_those_before_it(act: Act) -> None:
    with act() as session:
        months.open_months(session, AUGUST)
        assert months.month_for(session, PEOPLE, NOVEMBER) == NOVEMBER
        assert {month for month, _group in opened(session)} == {AUGUST, SEPTEMBER, OCTOBER, NOVEMBER}
        months.open_months(session, SEPTEMBER)
        assert len(opened(session)) == 8


def test_what_belongs_to_a_closed_month_goes_into_the_current_one(act: Act) -> None:
    with act() as session:
        close(session, SEPTEMBER, OCTOBER, groups=[PEOPLE])
        assert months.month_for(session, PEOPLE, AUGUST) == NOVEMBER
        assert months.month_for(session, PEOPLE, OCTOBER) == NOVEMBER
        assert months.month_for(session, FIRMS, OCTOBER) == OCTOBER
        close(session, NOVEMBER, groups=[PEOPLE])
        assert months.month_for(session, PEOPLE, OCTOBER) == DECEMBER
        assert months.hold_open(session, PEOPLE) == (NOVEMBER, DECEMBER)
        assert months.hold_open(session, FIRMS) == (date.min, NOVEMBER)


def pay(session: Session, account_id: int, amount: str = "10.00") -> date:
    month = months.month_for(session, PEOPLE, OCTOBER)
    ledger.post(
        session,
        account_id=account_id,
        service_id=factories.service(session).id,
        period=month,
        kind=EntryKind.payment,
        amount=-Decimal(amount),
        source="payment:1",
    )
    session.flush()
    return month


class Other(threading.Thread):
    """Somebody else at work at the same time."""

    def __init__(self, act: Act, work: Callable[[Session], Any]) -> None:
        super().__init__(daemon=True)
        self.act, self.work, self.failure = act, work, None
        self.has_begun, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with self.act() as session:
                self.work(session)
                self.has_begun.set()
                assert self.may_commit.wait(WAIT)
        except BaseException as failure:
            self.failure = failure
            self.has_begun.set()

    def end(self) -> None:
        self.may_commit.set()
        self.join(WAIT)
        assert not self.is_alive()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def october(act: Act) -> tuple[int, int]:
    """An account, and the row of October that may be closed."""
    with act() as session:
        account = factories.account(session)
        return account.id, in_state(session, OCTOBER, PeriodState.approved).id


def facts_and_entries(act: Act, account: int) -> tuple[dict[date, Decimal], dict[date, Decimal]]:
    with act() as session:
        facts = session.scalars(select(AccountPeriod).where(AccountPeriod.account_id == account))
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.account_id == account))
        return {row.period: row.paid for row in facts}, {row.period: -row.amount for row in entries}


def test_closing_waits_for_a_payment_that_is_on_its_way_into_the_month(act: Act, october: tuple[int, int]) -> None:
    account, period = october
    poster = Other(act, lambda session: pay(session, account))
    poster.start()
    assert poster.has_begun.wait(WAIT)
    closer = Other(act, lambda session: periods.close(session, period))
    closer.start()
    assert not closer.has_begun.wait(0.3)
    poster.end()
    closer.end()
    assert facts_and_entries(act, account) == ({OCTOBER: Decimal(10)}, {OCTOBER: Decimal(10)})


def test_a_payment_waits_for_closing_and_goes_into_the_next_month(act: Act, october: tuple[int, int]) -> None:
    account, period = october
    closer = Other(act, lambda session: periods.close(session, period))
    closer.start()
    assert closer.has_begun.wait(WAIT)
    poster = Other(act, lambda session: pay(session, account))
    poster.start()
    assert not poster.has_begun.wait(0.3)
    closer.end()
    poster.end()
    assert facts_and_entries(act, account) == ({}, {NOVEMBER: Decimal(10)})


def test_two_who_post_do_not_wait_for_each_other(act: Act, app: Any, october: tuple[int, int]) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    account, _period = october
    first = Other(act, lambda session: pay(session, account))
    first.start()
    assert first.has_begun.wait(WAIT)
    with act() as session:
        assert months.month_for(session, PEOPLE, OCTOBER) == OCTOBER
        assert months.hold_open(session, PEOPLE)[1] == NOVEMBER
    first.end()


def test_two_who_open_the_same_month_make_one_row(act: Act) -> None:
    others = [Other(act, lambda session: months.month_for(session, PEOPLE, NOVEMBER)) for _ in range(3)]
    for other in others:
        other.may_commit.set()
        other.start()
    for other in others:
        other.end()
    with act() as session:
        assert opened(session) == [(NOVEMBER, FIRMS), (NOVEMBER, PEOPLE)]
        assert queries.last_closed(session, PEOPLE) is None
        assert session.scalars(select(Account)).all() == []
