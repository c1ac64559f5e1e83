"""The worker opens the months, and does what the pages of billing ask for."""

from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock, single
from app.domain import desk, months, period_work
from app.domain.calendar import next_month, previous_month
from app.domain.runs import MOST_RESTARTS, PATIENCE
from app.extensions import queue
from app.jobs.billing import open_months, restart_runs, work_on_period
from app.models import BillingRun, Period, PeriodState, RunKind, RunState
from app.queries import runs
from app.security.scope import SYSTEM, become
from tests import billing
from tests.conftest import Act
from tests.periods import close, in_state


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


@pytest.fixture
def killed(app: Flask, act: Act, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The last month of a small utility, whose calculation was killed: the ids of the run and of the month."""
    month = previous_month(clock.today())
    with act() as session:
        billing.fill(session, 1, 20, previous_month(month), month)
        close(session, previous_month(month))
        period = in_state(session, month)
        run_id = period_work.ask(session, period, RunKind.calculation).id
        period_id = period.id

    def kill(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with app.app_context(), monkeypatch.context() as patched:
        patched.setattr(period_work.billing_run, "calculate", kill)
        become(SYSTEM)
        with pytest.raises(KeyboardInterrupt):
            work_on_period(run_id)
    return run_id, period_id


def restart(app: Flask) -> None:
    with app.app_context():
        become(SYSTEM)
        restart_runs()


def waiting(act: Act) -> int:
    with act() as session:
        return desk.queues(session, ["works"], clock.today())[0].waiting.count


def test_a_calculation_that_was_killed_is_started_again(app: Flask, act: Act, killed: tuple[int, int]) -> None:
    run_id, period_id = killed
    with act() as session:
        assert session.get_one(Period, period_id).state is PeriodState.calculating
    restart(app)
    with act() as session:
        run = session.get_one(BillingRun, run_id)
        assert (run.state, run.restarts) == (RunState.done, 1)
        assert session.get_one(Period, period_id).state is PeriodState.calculated
    assert waiting(act) == 0


def test_a_work_that_somebody_does_is_not_started_beside_them(app: Flask, act: Act, killed: tuple[int, int]) -> None:
    with app.app_context(), single.running("billing"):
        assert single.is_running("billing")
        restart(app)
    with app.app_context():
        assert not single.is_running("billing")
    with act() as session:
        assert session.get_one(BillingRun, killed[0]).state is RunState.running


def test_staff_are_told_of_a_work_that_is_cut_off_again_and_again(
    app: Flask, act: Act, killed: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(type(queue), "put", lambda _queue, *task: asked.append(task))
    for _time in range(MOST_RESTARTS + 1):
        restart(app)
        with act() as session:
            session.get_one(BillingRun, killed[0]).state = RunState.running
        assert waiting(act) == 1
    assert asked == [("work_on_period", killed[0])] * MOST_RESTARTS


def test_a_work_that_the_queue_lost_is_put_there_again(app: Flask, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(type(queue), "put", lambda _queue, *task: asked.append(task))
    with act() as session:
        run = BillingRun(kind=RunKind.verification, state=RunState.asked, started_at=clock.now())
        trial = BillingRun(kind=RunKind.calculation, is_dry=True, state=RunState.running, started_at=clock.now())
        session.add_all([run, trial])
        session.flush()
        run_id = run.id
    restart(app)
    assert asked == []
    with time_machine.travel(clock.now() + PATIENCE, tick=False):
        restart(app)
    assert asked == [("verify_ledger", run_id)]
    assert waiting(act) == 0
