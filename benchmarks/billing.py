"""The month that is open, billed: calculated, beside a bare INSERT … SELECT of as many rows; approved, closed, proved.

`python -m benchmarks.billing` does it in the database of the settings and prints what it measured as one line of JSON:
a process of its own, so that its memory can be told. Approval and closing are the work of the staff's page.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import create_app
from app.domain import ledger_proof, period_work, periods, runs
from app.domain.calendar import next_month, previous_month
from app.extensions import db, transaction
from app.models import BillingRun, Charge, MeterVolume, PayerGroup, PenaltyCharge, RunKind, RunState
from app.parallel import transactions
from app.queries import periods as queries
from app.queries import runs as done
from app.security.scope import SYSTEM, become

from . import site

WRITTEN = (Charge, MeterVolume, PenaltyCharge)
SMALL = 50_000
AIMS = {"calculated": 240.0, "proved": 120.0, "memory": 400.0, "times": 2.0, "small": 60.0}


@dataclass(frozen=True, slots=True)
class Billed:
    """Seconds of each step, megabytes of the process at its most, rows that the calculation wrote; `small` is seconds
    of the calculation on SQLite."""

    seconds: Mapping[str, float]
    memory: float
    rows: Mapping[str, int]
    small: float

    @property
    def times(self) -> float:
        """How many times the bare insert the calculation took."""
        return self.seconds["calculated"] / self.seconds["bare"]


def measured(env: dict[str, str]) -> Billed:
    """The month of a filled PostgreSQL, and of a small installation on SQLite."""
    large = _asked(env)
    with tempfile.TemporaryDirectory(prefix="rodnik-bench-") as folder:
        small = {**env, "DATABASE_URL": f"sqlite:///{folder}/rodnik.db", "DATA_DIR": folder}
        flask = [sys.executable, "-m", "flask"]
        subprocess.run([*flask, "init"], cwd=site.ROOT, env=small, check=True)
        subprocess.run([*flask, "demo", "--accounts", str(SMALL)], cwd=site.ROOT, env=small, check=True)
        seconds = _asked(small, "--calculation")["seconds"]["calculated"]
    return Billed(large["seconds"], large["memory"], large["rows"], seconds)


def _asked(env: dict[str, str], *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.billing", *arguments]
    done = subprocess.run(command, cwd=site.ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(billed: Billed, accounts: int, judged: Callable[..., str]) -> str:
    """A part of RESULTS.md."""
    seconds, rows = billed.seconds, sum(billed.rows.values())
    lines = (
        ("a month calculated", "240 s", judged(seconds["calculated"], AIMS["calculated"], "s", 0)),
        (f"the bare INSERT … SELECT of its {rows:,} rows", "", f"{seconds['bare']:.0f} s"),
        ("times the bare insert", "2", judged(billed.times, AIMS["times"], "", 2)),
        ("approved: posted into the ledger", "", f"{seconds['approved']:.0f} s"),
        ("closed: the facts of accounts written", "", f"{seconds['closed']:.0f} s"),
        ("`flask ledger verify`", "120 s", judged(seconds["proved"], AIMS["proved"], "s", 0)),
        ("memory of the process at its most", "400 MB", judged(billed.memory, AIMS["memory"], "MB", 0)),
        (f"a month of {SMALL:,} accounts calculated on SQLite", "60 s", judged(billed.small, AIMS["small"], "s", 0)),
    )
    head = f"| billing of {accounts:,} accounts, two services | aim | measured |\n|---|---|---|\n"
    return head + "".join(f"| {name} | {aim} | {value} |\n" for name, aim, value in lines)


# The process that is measured -----------------------------------------------------------------------------


def main() -> None:
    with create_app().app_context():
        become(SYSTEM)
        if is_whole := "--calculation" not in sys.argv:
            _bare({}, previous_month)
        seconds = {"calculated": _timed(lambda: _carry_out(RunKind.calculation))}
        rows: dict[str, int] = {}
        if is_whole:
            seconds["bare"] = _bare(rows)
            seconds["approved"] = _timed(lambda: _carry_out(RunKind.approval))
            seconds["closed"] = _timed(lambda: _carry_out(RunKind.closing))
            seconds["proved"] = _timed(_prove)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "rows": rows}))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tell(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done} of {total}", file=sys.stderr)


def _carry_out(kind: RunKind) -> None:
    """The work over the first month that is open, of both payer groups."""
    for group in PayerGroup:
        with transaction() as session:
            month = queries.first_open(session, group)
            assert month is not None
            period = periods.asked(session, month, group)
            looked_at = done.last_done(session, RunKind.calculation, period.id)
            seen = looked_at.id if looked_at and kind is RunKind.approval else None
            run_id = period_work.ask(session, period, kind, seen=seen).id
        period_work.carry_out(transaction, transactions, run_id, _tell)
        _check(run_id)


def _prove() -> None:
    with transaction() as session:
        run_id = runs.ask(session, RunKind.verification).id
    with Session(db.engine) as reading:
        ledger_proof.carry_out(transaction, reading, run_id, _tell)
    _check(run_id)


def _check(run_id: int) -> None:
    run = db.session().get_one(BillingRun, run_id)
    if run.state is not RunState.done or not run.result.get("sound", True):
        raise SystemExit(f"{run.kind} failed: {run.result}")


def _bare(rows: dict[str, int], source: Callable[[date], date] = lambda month: month) -> float:
    """As many rows into the same tables, with their indexes and foreign keys, as if of the month after.

    Those of another month are inserted before anything is measured: the calculation finds the tables' pages in memory
    as the bare insert after it does.
    """
    seconds = 0.0
    with transaction() as session:
        month = queries.first_open(session, PayerGroup.population)
    assert month is not None
    values = {"month": source(month), "after": next_month(month)}
    with db.engine.connect() as connection, connection.begin() as trial:
        for model in WRITTEN:
            name = model.__tablename__
            columns = [column.name for column in model.__table__.columns if column.name not in ("id", "period")]
            listed = ", ".join(columns)
            copy = f"CREATE TEMPORARY TABLE bare_{name} AS SELECT {listed} FROM {name} WHERE period = :month"
            connection.execute(text(copy), values)
            into = text(f"INSERT INTO {name} ({listed}, period) SELECT {listed}, :after FROM bare_{name}")
            started = time.perf_counter()
            rows[name] = connection.execute(into, values).rowcount
            seconds += time.perf_counter() - started
        trial.rollback()
    return seconds


if __name__ == "__main__":
    main()
