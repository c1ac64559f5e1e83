"""Makes all bills of a period, a file of some houses at a time."""

from pathlib import Path

from flask import current_app

from .. import single
from ..documents import bill
from ..domain import bill_runs, runs
from ..extensions import db, transaction
from ..models import BillingRun


def make_bills(run_id: int) -> None:
    """Safe to ask for twice: the second task waits for the first and finds nothing left to do."""
    with single.running("bills"):
        data_folder = Path(current_app.config["DATA_DIR"])
        with transaction() as session:
            if not bill_runs.begin(session, run_id, data_folder):
                return
        with runs.kept_failure(transaction, run_id):
            _make_files(run_id, data_folder)
            with transaction() as session:
                replaced = bill_runs.finish(session, run_id)
            bill_runs.forget(data_folder, replaced)


def _make_files(run_id: int, data_folder: Path) -> None:
    """Each file is read for and drawn outside of a transaction: it takes seconds, and others write meanwhile."""
    session = db.session()
    run = session.get_one(BillingRun, run_id)
    assert run.period is not None
    month = run.period.first_on, run.period.payer_group
    parts = bill_runs.known_plan(run)
    if parts is None:
        parts = bill_runs.plan(session, *month)
        with transaction() as write:
            bill_runs.keep_plan(write, run_id, parts)
    for part in parts:
        path = bill_runs.path(data_folder, run_id, part.number)
        if not path.exists() and (bills := bill_runs.bills_of(session, *month, part)):
            bill.write(path, bills, bill.issuer(session, month[1]))
        session.expunge_all()
        with transaction() as write:
            bill_runs.advance(write, run_id, done=part.through, total=parts[-1].through)
