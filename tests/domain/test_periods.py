"""The life of a month: which step follows which, and by whose hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import periods, published, readings
from app.domain.errors import DomainError
from app.domain.periods import TRANSITIONS, Event
from app.models import LedgerEntry, Meter, PayerGroup, Period, ReadingSource
from app.models import PeriodState as S
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import charge
from tests.domain.test_months import Other
from tests.periods import close, in_state

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in range(9, 13))
PEOPLE = PayerGroup.population


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


@pytest.fixture
def books(act: Act) -> Act:
    """Rates are loaded; September is closed."""
    with act() as session:
        published.load_demo(session)
        close(session, SEPTEMBER)
    return act


STEPS: dict[Event, Any] = {
    Event.begin: lambda session, period: periods.begin(session, period, user_id=None),
    Event.fail: periods.give_up,
    Event.restore: lambda session, period: restore(session, period),
    Event.finish: lambda session, period: periods.finish(session, period, user_id=None),
    Event.reopen: periods.reopen,
    Event.approve: lambda session, period: periods.approve(session, period, user_id=None),
    Event.close: periods.close,
}


def restore(session: Session, period_id: int) -> None:
    """Give up a calculation before which there was one."""
    session.get_one(Period, period_id).calculated_at = clock.now()
    periods.give_up(session, period_id)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", S)
def test_a_month_takes_the_steps_of_its_table_and_no_other(books: Act, state: S, event: Event) -> None:
    with books() as session:
        period = in_state(session, OCTOBER, state)
        if (state, event) in TRANSITIONS:
            STEPS[event](session, period.id)
            assert period.state is TRANSITIONS[state, event]
            return
        with pytest.raises(DomainError):
            STEPS[event](session, period.id)
        assert period.state is state


def test_a_month_goes_from_open_to_closed_and_opens_the_next_one(books: Act) -> None:
    with books() as session:
        calculating, approving = factories.user(session, "Operator"), factories.user(session, "Manager")
        period = periods.begin(session, periods.asked(session, OCTOBER, PEOPLE).id, user_id=calculating.id)
        periods.finish(session, period.id, user_id=calculating.id)
        assert period.due_on == date(2026, 11, 16)  # the 15th is a Sunday
        periods.approve(session, period.id, user_id=approving.id)
        periods.close(session, period.id)
        assert (period.calculated_by_id, period.approved_by_id) == (calculating.id, approving.id)
        assert period.calculated_at == period.approved_at == period.closed_at == clock.now()
        states = session.execute(select(Period.state).where(Period.first_on == NOVEMBER)).all()
        assert [state for (state,) in states] == [S.open, S.open]


def test_who_calculated_a_month_does_not_approve_it(books: Act) -> None:
    with books() as session:
        user = factories.user(session, "Manager")
        period = in_state(session, OCTOBER, S.calculated)
        period.calculated_by_id = user.id
        with pytest.raises(DomainError):
            periods.approve(session, period.id, user_id=user.id)
        periods.approve(session, period.id, user_id=factories.user(session, "Manager").id)


def test_a_month_waits_until_the_one_before_it_is_closed(books: Act) -> None:
    with books() as session:
        november = periods.asked(session, NOVEMBER, PEOPLE)
        with pytest.raises(DomainError) as refusal:
            periods.begin(session, november.id, user_id=None)
        assert "2026" in refusal.value.message
        assert november.state is S.open
        approved = in_state(session, NOVEMBER, S.approved)
        with pytest.raises(DomainError):
            periods.close(session, approved.id)
        close(session, OCTOBER, groups=[PEOPLE])
        periods.close(session, approved.id)


def test_the_other_payer_group_waits_for_nobody(books: Act) -> None:
    with books() as session:
        close(session, OCTOBER, groups=[PayerGroup.other])
        firms = periods.asked(session, NOVEMBER, PayerGroup.other)
        assert periods.begin(session, firms.id, user_id=None).state is S.calculating


@pytest.mark.parametrize("month", [DECEMBER, date(2026, 8, 1)])
def test_a_month_that_has_not_begun_or_lies_before_the_books_is_refused(books: Act, month: date) -> None:
    with books() as session, pytest.raises(DomainError):
        periods.asked(session, month, PEOPLE)


def test_the_ledger_gets_the_charges_at_the_approval_and_once(books: Act) -> None:
    def posted(session: Session) -> int:
        return len(session.scalars(select(LedgerEntry).where(LedgerEntry.source.like("charge:2026-10:%"))).all())

    with books() as session:
        charge(session, factories.account(session), OCTOBER, "4")
        period = in_state(session, OCTOBER, S.calculated)
        assert posted(session) == 0
        for _ in range(2):
            periods.approve(session, in_state(session, OCTOBER, S.calculated).id, user_id=None)
            assert posted(session) == 1
        assert period.state is S.approved


def test_a_reading_on_its_way_into_a_month_is_there_before_its_calculation_begins(books: Act) -> None:
    with books() as session:
        meter = factories.meter(session, factories.account(session)).id
        period = periods.asked(session, OCTOBER, PEOPLE).id
        factories.reading(session, session.get_one(Meter, meter), "5", SEPTEMBER)

    def send(session: Session, value: int = 7) -> None:
        day, source = date(2026, 10, 22), ReadingSource.phone
        readings.submit(session, meter, Decimal(value), on=day, source=source, user_id=None, confirmed=True)

    sender = Other(books, send)
    sender.start()
    assert sender.has_begun.wait(20)
    calculator = Other(books, lambda session: periods.begin(session, period, user_id=None))
    calculator.start()
    assert not calculator.has_begun.wait(0.3)
    sender.end()
    calculator.end()
    with books() as session, pytest.raises(DomainError):
        send(session, 8)
