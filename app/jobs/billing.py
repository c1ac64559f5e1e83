"""The long works over a month and the proof of the ledger, started again where they were cut off; opens the months.

What they did stands in their runs."""

from sqlalchemy.orm import Session
from structlog import get_logger

from .. import clock, single
from ..domain import ledger_proof, months, period_work, runs
from ..extensions import db, queue, transaction
from ..models import RunKind
from ..parallel import transactions
from ..queries import periods
from ..queries.runs import MOVING

LONG_WORKS = {
    "work_on_period": ("billing", MOVING),
    "verify_ledger": ("ledger", (RunKind.verification,)),
    "make_bills": ("bills", (RunKind.bills,)),
}
"""Tasks of the queue: the lock that each holds while it is at work, and the kinds of its runs."""
log = get_logger(__name__)


def work_on_period(run_id: int) -> None:
    """Safe to ask for twice: the second waits for the first and finds nothing left to do."""
    with single.running("billing"):
        period_work.carry_out(transaction, transactions, run_id, queue.teller(run_id))


def verify_ledger(run_id: int) -> None:
    """Safe to ask for twice, as above."""
    with single.running("ledger"), Session(db.engine) as reading:
        ledger_proof.carry_out(transaction, reading, run_id, queue.teller(run_id))


def restart_runs() -> None:
    """Start again what was cut off: it seems to be at work, and nobody holds the lock of its work."""
    for task, (lock, kinds) in LONG_WORKS.items():
        if single.is_running(lock):
            continue
        with transaction() as session:
            run_ids = runs.restart(session, kinds)
        for run_id in run_ids:
            log.warning("run.started_again", task=task, run_id=run_id)
            queue.put(task, run_id)


def open_months() -> None:
    """Open this month, and those that nobody opened before it, where the books have begun."""
    with transaction() as session:
        if periods.first(session) is not None:
            months.open_months(session, clock.today().replace(day=1))
