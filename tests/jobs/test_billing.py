"""The worker opens the months, and does what the pages of billing ask for."""

from datetime import date

from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import months
from app.domain.calendar import next_month, previous_month
from app.jobs.billing import open_months, work_on_period
from app.models import BillingRun, Period, RunKind, RunState
from app.queries import runs
from app.security.scope import SYSTEM, become
from tests.conftest import Act


def opened(act: Act) -> set[date]:
    with act() as session:
        return set(session.scalars(select(Period.first_on)))


def test_no_month_is_opened_before_the_books_begin(app: Flask, act: Act) -> None:
    with app.app_context():
        become(SYSTEM)
        open_months()
    assert opened(act) == set()


def test_this_month_is_opened_with_those_that_were_left_out(app: Flask, act: Act) -> None:
    this_month = clock.today().replace(day=1)
    first = previous_month(previous_month(this_month))
    with act() as session:
        months.open_months(session, first)
    with app.app_context():
        become(SYSTEM)
        open_months()
        open_months()
    assert opened(act) == {first, next_month(first), this_month}


def test_a_run_that_concerns_no_month_is_left_alone(app: Flask, act: Act) -> None:
    with act() as session:
        run = BillingRun(kind=RunKind.calculation, state=RunState.done, started_at=clock.now())
        session.add(run)
        session.flush()
        run_id = run.id
    with app.app_context():
        become(SYSTEM)
        work_on_period(run_id)
    with act() as session:
        last = runs.last(session, RunKind.calculation)
        assert last is not None
        assert last.result == {}
