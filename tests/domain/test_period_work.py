"""The long works over a month: asked for, carried out once, begun again after they were cut off."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.domain import control_sums, period_work, periods, published
from app.domain.errors import DomainError
from app.extensions import transaction
from app.models import (
    Account,
    ActStatus,
    BillingRun,
    Charge,
    DueDay,
    KeyRate,
    LedgerEntry,
    PayerGroup,
    Period,
    PeriodState,
    RunKind,
    RunState,
)
from app.parallel import transactions
from app.queries import runs as queries
from app.queries.billing_tables import Part
from app.queries.records import billed_services
from app.security.scope import SYSTEM, become
from tests import billing, factories
from tests.conftest import Act
from tests.periods import close, in_state

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
ACCOUNTS = 60


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


@pytest.fixture
def period_id(act: Act) -> int:
    """October of a small utility, the month before it closed."""
    with act() as session:
        billing.fill(session, 1, ACCOUNTS, SEPTEMBER, OCTOBER)
        close(session, SEPTEMBER)
        return periods.asked(session, OCTOBER, PayerGroup.population).id


def ask(act: Act, period_id: int, kind: RunKind = RunKind.calculation, **options: Any) -> int:
    """Who approves has looked at the last calculation, unless the test says otherwise."""
    with act() as session:
        if kind is RunKind.approval and "seen" not in options:
            looked_at = queries.last_done(session, RunKind.calculation, period_id)
            options["seen"] = looked_at and looked_at.id
        return period_work.ask(session, session.get_one(Period, period_id), kind, **options).id


@pytest.fixture
def work(app: Flask, act: Act, period_id: int) -> Any:
    """Asks for a work and carries it out; what was told on the way."""

    def do(
        kind: RunKind = RunKind.calculation, run_id: int | None = None, **options: Any
    ) -> list[tuple[str, int, int]]:
        told: list[tuple[str, int, int]] = []
        known = run_id or ask(act, period_id, kind, **options)
        with app.app_context():
            become(SYSTEM)
            period_work.carry_out(transaction, transactions, known, lambda *step: told.append(step))
        return told

    return do


def outcome(act: Act, period_id: int) -> tuple[PeriodState, RunState, dict[str, Any]]:
    with act() as session:
        run = session.scalars(select(BillingRun).order_by(BillingRun.id.desc()).limit(1)).one()
        return session.get_one(Period, period_id).state, run.state, run.result


def charged(session: Session) -> list[tuple[Any, ...]]:
    key = Charge.account_id, Charge.service_id, Charge.kind, Charge.part, Charge.amount
    return sorted(map(tuple, session.execute(select(*key).where(Charge.period == OCTOBER))))


def test_a_calculation_tells_how_far_it_is_and_keeps_its_control_sums(act: Act, period_id: int, work: Any) -> None:
    told = work()
    assert [done for _stage, done, _total in told] == sorted(done for _stage, done, _total in told)
    assert told[-1][1] == told[-1][2] > 1
    state, run_state, result = outcome(act, period_id)
    assert (state, run_state) == (PeriodState.calculated, RunState.done)
    with act() as session:
        rows = control_sums.rows(result, billed_services(session))
        total = session.scalar(select(func.sum(Charge.amount)).where(Charge.period == OCTOBER))
        assert sum(row.now.amount for row in rows if row.service) == total
        moved = control_sums.moved(session, result)
        rose, fell = [each.by for each in moved if each.by > 0], [each.by for each in moved if each.by < 0]
        assert len(rose) == control_sums.MOST_MOVERS
        assert [each.by for each in moved] == [*sorted(rose, reverse=True), *sorted(fell)]


def test_sums_of_parts_come_to_those_of_all_accounts(act: Act, period_id: int, work: Any) -> None:
    work()
    with act() as session:
        period = session.get_one(Period, period_id)
        middle = session.scalar(select(func.max(Account.id))) // 3
        halves = Part(end=middle), Part(first=middle)
        counted = [control_sums.count(session, period, half) for half in halves]
        assert control_sums.together(counted) == control_sums.count(session, period)
        assert all(half["now"] and half["movers"] and half["not_billed"] for half in counted)


def test_a_second_calculation_replaces_the_first(act: Act, period_id: int, work: Any) -> None:
    work()
    with act() as session:
        before = charged(session)
    work()
    with act() as session:
        assert charged(session) == before != []


def test_a_calculation_that_was_cut_off_is_done_by_asking_again(act: Act, period_id: int, work: Any) -> None:
    run_id = ask(act, period_id)
    with act() as session:
        periods.begin(session, period_id, user_id=None)
        session.get_one(BillingRun, run_id).state = RunState.running
    assert ask(act, period_id) == run_id
    work(run_id=run_id)
    assert outcome(act, period_id)[:2] == (PeriodState.calculated, RunState.done)


def test_a_run_that_is_done_is_not_done_again(act: Act, period_id: int, work: Any) -> None:
    run_id = ask(act, period_id)
    assert work(run_id=run_id)
    assert work(run_id=run_id) == []


def test_a_trial_keeps_its_sums_and_nothing_else(act: Act, period_id: int, work: Any) -> None:
    work(is_dry=True)
    state, run_state, result = outcome(act, period_id)
    assert (state, run_state) == (PeriodState.open, RunState.done)
    assert result["now"]
    with act() as session:
        assert charged(session) == []


def test_what_is_missing_is_told_and_the_month_takes_readings_again(act: Act, period_id: int, work: Any) -> None:
    with act() as session:
        session.execute(delete(DueDay))
    work()
    state, run_state, result = outcome(act, period_id)
    assert (state, run_state) == (PeriodState.open, RunState.failed)
    assert result["failure"]
    with act() as session:
        published.load_demo(session)
    work()
    assert outcome(act, period_id)[:2] == (PeriodState.calculated, RunState.done)


def test_a_calculation_that_fails_leaves_the_draft_from_before(act: Act, period_id: int, work: Any) -> None:
    with act() as session:
        first, second = (factories.user(session, "Operator").id for _each in range(2))
    work(user_id=first)
    with act() as session:
        before = charged(session)
        known = vars_of(session.get_one(Period, period_id))
        session.execute(update(KeyRate).values(status=ActStatus.draft))
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        work(user_id=second)
    assert outcome(act, period_id)[:2] == (PeriodState.calculated, RunState.failed)
    with act() as session:
        assert vars_of(session.get_one(Period, period_id)) == known
        assert known[0] is not None
        assert charged(session) == before != []


def vars_of(period: Period) -> tuple[Any, ...]:
    return period.calculated_at, period.calculated_by_id, period.due_on


def test_a_month_that_was_reopened_falls_back_to_open(act: Act, period_id: int, work: Any) -> None:
    work()
    with act() as session:
        periods.reopen(session, period_id)
        session.execute(update(DueDay).values(status=ActStatus.draft))
    work()
    assert outcome(act, period_id)[:2] == (PeriodState.open, RunState.failed)


def test_an_approval_is_tied_to_the_calculation_that_was_looked_at(act: Act, period_id: int, work: Any) -> None:
    work()
    with act() as session:
        looked_at = queries.last_done(session, RunKind.calculation, period_id)
        first = looked_at and looked_at.id
    work()
    for stale in (first, None):
        with pytest.raises(DomainError):
            ask(act, period_id, RunKind.approval, seen=stale)
    work(RunKind.approval)
    assert outcome(act, period_id)[:2] == (PeriodState.approved, RunState.done)


def test_a_month_is_not_approved_beside_its_calculation(act: Act, period_id: int, work: Any) -> None:
    work()
    calculation = ask(act, period_id)
    with pytest.raises(DomainError):
        ask(act, period_id, RunKind.approval)
    assert ask(act, period_id) == calculation
    ask(act, period_id, is_dry=True)
    work(run_id=calculation)
    ask(act, period_id, RunKind.approval)
    with pytest.raises(DomainError):
        ask(act, period_id)


def test_a_draft_that_lost_an_account_is_not_approved(act: Act, period_id: int, work: Any) -> None:
    work()
    run_id = ask(act, period_id, RunKind.approval)
    with act() as session:
        charge = session.scalars(select(Charge).where(Charge.period == OCTOBER, Charge.amount > 0).limit(1)).one()
        session.get_one(Account, charge.account_id).payer_group = PayerGroup.other
    work(run_id=run_id)
    assert outcome(act, period_id)[:2] == (PeriodState.calculated, RunState.failed)
    with act() as session:
        assert not session.scalars(select(LedgerEntry.id).where(LedgerEntry.source.like("charge:2026-10:%"))).all()


def test_what_changed_after_the_calculation_is_not_posted(act: Act, period_id: int, work: Any) -> None:
    work()
    with act() as session:
        before = charged(session)
        session.execute(update(Account).values(residents=99))
    work(RunKind.approval)
    with act() as session:
        assert charged(session) == before
        posted = session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.source.like("charge:2026-10:%")))
        assert posted == sum(amount for *_key, amount in before)


def test_a_fault_of_the_program_is_kept_by_its_name_and_raised(act: Act, app: Flask, period_id: int) -> None:
    def broken(*_step: Any) -> None:
        raise ZeroDivisionError

    run_id = ask(act, period_id)
    with app.app_context():
        become(SYSTEM)
        with pytest.raises(ZeroDivisionError):
            period_work.carry_out(transaction, transactions, run_id, broken)
    assert outcome(act, period_id) == (PeriodState.open, RunState.failed, {"failure": "ZeroDivisionError"})


def test_approval_and_closing_are_runs_too(act: Act, period_id: int, work: Any) -> None:
    work()
    work(RunKind.approval)
    assert outcome(act, period_id)[:2] == (PeriodState.approved, RunState.done)
    with act() as session:
        posted = session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.source.like("charge:2026-10:%")))
        assert posted == session.scalar(select(func.sum(Charge.amount)).where(Charge.period == OCTOBER))
    work(RunKind.closing)
    assert outcome(act, period_id)[:2] == (PeriodState.closed, RunState.done)


def test_it_is_not_asked_for_out_of_turn(act: Act, period_id: int) -> None:
    for kind in (RunKind.approval, RunKind.closing):
        with pytest.raises(DomainError):
            ask(act, period_id, kind)
    with act() as session:
        in_state(session, OCTOBER, PeriodState.approved)
    with pytest.raises(DomainError):
        ask(act, period_id)
