"""The long works over a month and the proof of the ledger; opens the months. What they did stands in their runs."""

from .. import clock, single
from ..domain import ledger_proof, months, period_work
from ..extensions import db, queue, transaction
from ..queries import periods


def work_on_period(run_id: int) -> None:
    """Safe to ask for twice: the second waits for the first and finds nothing left to do."""
    with single.running("billing"):
        period_work.carry_out(transaction, run_id, queue.teller(run_id))


def verify_ledger(run_id: int) -> None:
    """Safe to ask for twice, as above."""
    with single.running("ledger"):
        ledger_proof.carry_out(transaction, db.session(), run_id, queue.teller(run_id))


def open_months() -> None:
    """Open this month, and those that nobody opened before it, where the books have begun."""
    with transaction() as session:
        if periods.first(session) is not None:
            months.open_months(session, clock.today().replace(day=1))
