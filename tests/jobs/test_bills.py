"""The bills of a period made in the background: files in the order of houses, a run that goes on where it stopped."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.domain import bill_runs
from app.domain.errors import DomainError
from app.extensions import queue
from app.jobs.bills import make_bills
from app.models import BillingRun, PeriodState, RunState
from app.security.scope import SYSTEM, become
from tests import billed, factories
from tests.billed import NOVEMBER
from tests.payments import nobody_is_paid


@pytest.fixture
def period_id(act: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """An approved month with three houses of two flats each; a file takes about three bills."""
    monkeypatch.setattr(bill_runs, "IN_A_FILE", 3)
    with act() as session:
        for house in ("10", "8а", "9"):
            for flat in ("12", "2"):
                place = factories.premises(session, house=house, flat=flat)
                account = factories.account(session, premises=place, number=f"{house}-{flat}")
                billed.line(session, account, "100.00", NOVEMBER)
        factories.account(session, premises=factories.premises(session, house="99"), number="nothing-to-tell")
        other = factories.premises(session, house="98")
        factories.account(session, premises=other, is_company=True, number="of-another-group")
        return billed.period(session, NOVEMBER).id


def asked(act: Any, period_id: int) -> int:
    with act() as session:
        return bill_runs.ask(session, period_id, user_id=None).id


def run(app: Flask, run_id: int) -> None:
    with app.app_context():
        become(SYSTEM)
        make_bills(run_id)


def texts(data_dir: Path, run_id: int) -> list[str]:
    found = []
    for path in bill_runs.files(data_dir, run_id):
        found += [page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages]
    return found


def test_every_account_that_has_something_to_tell_gets_its_bill(
    app: Flask, act: Any, period_id: int, data_dir: Path
) -> None:
    run_id = asked(act, period_id)
    run(app, run_id)
    pages = texts(data_dir, run_id)
    order = ["8а-2", "8а-12", "9-2", "9-12", "10-2", "10-12"]
    assert len(pages) == 6
    assert all(number in page for number, page in zip(order, pages, strict=True))
    assert len(bill_runs.files(data_dir, run_id)) == 2
    with act() as session:
        row = session.get_one(BillingRun, run_id)
        assert (row.state, row.done, row.total) == (RunState.done, 7, 7)


def test_a_run_that_was_killed_goes_on_where_it_stopped(
    app: Flask, act: Any, period_id: int, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked(act, period_id)
    written: list[int] = []
    write = bill_runs.advance

    def killed(session: Any, of: int, *, done: int, total: int) -> None:
        write(session, of, done=done, total=total)
        written.append(done)
        if len(written) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(bill_runs, "advance", killed)
    with pytest.raises(KeyboardInterrupt):
        run(app, run_id)
    (first,) = bill_runs.files(data_dir, run_id)
    made_at = first.stat().st_mtime_ns
    assert asked(act, period_id) == run_id
    run(app, run_id)
    assert first.stat().st_mtime_ns == made_at
    assert len(texts(data_dir, run_id)) == 6


def test_a_run_that_was_killed_bills_every_house_though_accounts_were_opened_meanwhile(
    app: Flask, act: Any, period_id: int, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked(act, period_id)
    with monkeypatch.context() as broken:
        broken.setattr(bill_runs, "advance", lambda *_args, **_options: killed())
        with pytest.raises(KeyboardInterrupt):
            run(app, run_id)
    with act() as session:
        for flat in ("1", "2", "3"):
            factories.account(session, premises=factories.premises(session, house="1", flat=flat), number=f"1-{flat}")
    run(app, run_id)
    pages = texts(data_dir, run_id)
    for number in ("8а-2", "8а-12", "9-2", "9-12", "10-2", "10-12"):
        assert sum(number in page for page in pages) == 1
    with act() as session:
        assert session.get_one(BillingRun, run_id).result == {}


def killed() -> None:
    raise KeyboardInterrupt


def test_a_finished_run_does_nothing_when_asked_again(app: Flask, act: Any, period_id: int, data_dir: Path) -> None:
    run_id = asked(act, period_id)
    run(app, run_id)
    stamps = [path.stat().st_mtime_ns for path in bill_runs.files(data_dir, run_id)]
    run(app, run_id)
    assert [path.stat().st_mtime_ns for path in bill_runs.files(data_dir, run_id)] == stamps


def test_bills_made_anew_replace_the_earlier_files(app: Flask, act: Any, period_id: int, data_dir: Path) -> None:
    first = asked(act, period_id)
    run(app, first)
    second = asked(act, period_id)
    assert second != first
    run(app, second)
    assert not bill_runs.files(data_dir, first)
    assert bill_runs.files(data_dir, second)


def test_a_failure_is_said_and_may_be_tried_again(
    app: Flask, act: Any, period_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = asked(act, period_id)
    with monkeypatch.context() as broken:
        broken.setattr(bill_runs, "plan", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(app, run_id)
    with act() as session:
        assert session.get_one(BillingRun, run_id).state is RunState.failed
    assert asked(act, period_id) != run_id


def test_without_anybody_who_is_paid_the_run_fails_in_words(app: Flask, act: Any, period_id: int) -> None:
    run_id = asked(act, period_id)
    with act() as session:
        nobody_is_paid(session)
    run(app, run_id)
    with act() as session:
        made = session.get_one(BillingRun, run_id)
        assert made.state is RunState.failed
        assert " " in made.result["failure"]


def test_a_draft_has_no_bills(act: Any, period_id: int) -> None:
    with act() as session:
        billed.period(session, NOVEMBER, PeriodState.calculated)
    with pytest.raises(DomainError, match="черновик"):
        asked(act, period_id)


def test_the_worker_knows_the_task(app: Flask) -> None:
    assert "make_bills" in queue.tasks
