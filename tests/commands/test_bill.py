"""`flask bill`: a month calculated by real processes, which may be killed and started twice."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import periods
from app.domain.calendar import next_month, previous_month
from app.domain.errors import DomainError
from app.extensions import db
from app.models import Account, AccountService, Charge, NotBilled, PayerGroup, Period, PeriodState
from app.security.scope import NOBODY, SYSTEM, become
from tests import billing, factories
from tests.conftest import Act
from tests.periods import close

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = 150
PAGE = 4096
ROOM = 70  # for two lines of progress, not for three
THIS_MONTH = clock.today().replace(day=1)
LAST_MONTH = previous_month(THIS_MONTH)
PERIOD = f"--period={LAST_MONTH:%Y-%m}"


@pytest.fixture
def utility(act: Act) -> Act:
    """The month before the last one is closed, the last one is to be billed."""
    before = previous_month(LAST_MONTH)
    with act() as session:
        billing.fill(session, 5, ACCOUNTS, before, LAST_MONTH)
        close(session, before)
    return act


@pytest.fixture
def start(app: Flask, utility: Act, data_dir: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start `flask bill` as a process of its own."""
    environment = {
        **os.environ,
        "RODNIK_ENV": "testing",
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", ""),
        "DATA_DIR": str(data_dir),
        "QUEUE_URL": "memory://",
    }

    def started(*arguments: str, stderr: Any = subprocess.PIPE) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "flask", "bill", PERIOD, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True)

    return started


def said(process: "subprocess.Popen[str]") -> Any:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return json.loads(out)


def bill(cli: Any, *arguments: str) -> Any:
    """The same in this process, which is started already."""
    done = cli.invoke(args=["bill", PERIOD, "--json", *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def states(app: Flask) -> set[PeriodState]:
    """Read without keeping anybody waiting."""
    with app.app_context():
        become(SYSTEM)
        found = set(db.session.scalars(select(Period.state).where(Period.first_on == LAST_MONTH)))
        db.session.remove()
        become(NOBODY)
        return found


def charged(session: Session) -> list[tuple[Any, ...]]:
    key = Charge.account_id, Charge.service_id, Charge.kind, Charge.part, Charge.amount
    return sorted(map(tuple, session.execute(select(*key).where(Charge.period == LAST_MONTH))))


def check_everybody_is_charged_once(act: Act) -> None:
    """Each account that is billed for a service is charged for it or stands in the list of those that are not."""
    with act() as session:
        lines = [line[:4] for line in charged(session)]
        assert len(lines) == len(set(lines)) > ACCOUNTS
        left_out = set(session.scalars(select(NotBilled.account_id).where(NotBilled.period == LAST_MONTH)))
        billed = {account for account, *_rest in lines}
        assert not billed & left_out
        served = select(Account.id).where(Account.id.in_(select(AccountService.account_id)), Account.status != "undone")
        assert set(session.scalars(served)) >= billed | left_out


def test_a_month_is_calculated_and_its_sums_are_said(utility: Act, start: Any) -> None:
    done = said(start("--json"))
    assert done["period"] == f"{LAST_MONTH:%Y-%m}"
    assert [(each["group"], each["state"]) for each in done["groups"]] == [
        ("population", "calculated"),
        ("other", "calculated"),
    ]
    check_everybody_is_charged_once(utility)
    with utility() as session:
        total = session.scalar(select(func.sum(Charge.amount)).where(Charge.period == LAST_MONTH))
        services = [row for each in done["groups"] for name, row in each["charges"].items() if name != "penalty"]
        assert f"{total:.2f}" == f"{sum(float(row['amount']) for row in services):.2f}"


def test_killed_half_way_and_run_again_each_account_is_charged_once(
    app: Flask, utility: Act, start: Any, cli: Any
) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PAGE)
    os.write(writing, b"." * (PAGE - ROOM))  # the process stops where it would tell of its third step
    process = start("--group", "population", stderr=writing)
    until = time.monotonic() + 60
    while states(app) != {PeriodState.calculating, PeriodState.open} and time.monotonic() < until:
        time.sleep(0.05)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    os.close(writing)
    assert os.read(reading, PAGE).count(b"\n") == 2
    os.close(reading)
    assert states(app) == {PeriodState.calculating, PeriodState.open}
    with utility() as session:
        assert charged(session) == []
    bill(cli)
    assert states(app) == {PeriodState.calculated}
    check_everybody_is_charged_once(utility)


def test_run_twice_at_once_each_account_is_charged_once(utility: Act, start: Any, cli: Any) -> None:
    first, second = [said(process) for process in [start("--json"), start("--json")]]
    assert first == second
    check_everybody_is_charged_once(utility)
    with utility() as session:
        before = charged(session)
    assert bill(cli) == first
    with utility() as session:
        assert charged(session) == before


def test_a_trial_says_the_same_and_keeps_nothing(app: Flask, utility: Act, cli: Any) -> None:
    tried = bill(cli, "--dry-run")
    assert tried["dry_run"]
    assert states(app) == {PeriodState.open}
    with utility() as session:
        assert charged(session) == []
    done = bill(cli)
    assert [each["charges"] for each in tried["groups"]] == [each["charges"] for each in done["groups"]]


def test_a_month_before_the_last_one_is_closed_is_refused_and_nothing_is_written(utility: Act, cli: Any) -> None:
    refused = cli.invoke(args=["bill", f"--period={THIS_MONTH:%Y-%m}"])
    assert refused.exit_code == 1
    assert "Error" in refused.output
    with utility() as session:
        assert set(session.scalars(select(Period.state).where(Period.first_on == THIS_MONTH))) <= {PeriodState.open}
        assert session.scalar(select(func.count()).select_from(Charge)) == 0


@pytest.mark.parametrize("month", ["2019-01", f"{next_month(THIS_MONTH):%Y-%m}"])
def test_a_month_before_the_books_or_ahead_is_refused(utility: Act, cli: Any, month: str) -> None:
    assert cli.invoke(args=["bill", f"--period={month}"]).exit_code == 1


@pytest.mark.parametrize("month", ["october", "2026-13", "2026-10-05", ""])
def test_what_is_no_month_cannot_be_read(cli: Any, month: str) -> None:
    assert cli.invoke(args=["bill", f"--period={month}"]).exit_code == 2


def test_one_group_is_billed_alone_and_said_in_words(app: Flask, utility: Act, cli: Any) -> None:
    done = cli.invoke(args=["bill", PERIOD, "--group", PayerGroup.other.value])
    assert done.exit_code == 0, done.output
    assert "other: calculated" in done.output
    assert "cold:" in done.output
    assert states(app) == {PeriodState.open, PeriodState.calculated}


def test_who_had_a_month_calculated_is_known_by_the_login(utility: Act, cli: Any) -> None:
    with utility() as session:
        user_id = factories.user(session, "Manager", login="vera").id
    assert cli.invoke(args=["bill", PERIOD, "--as", "nobody"]).exit_code == 1
    assert cli.invoke(args=["bill", PERIOD, "--as", "vera"]).exit_code == 0
    with utility() as session:
        months = session.scalars(select(Period).where(Period.first_on == LAST_MONTH)).all()
        assert {month.calculated_by_id for month in months} == {user_id}
        with pytest.raises(DomainError):
            periods.approve(session, months[0].id, user_id=user_id)
