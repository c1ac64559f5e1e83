"""`flask ledger …`: the books, looked through as a whole.

Exit code 0: they hold. 1: they do not; the accounts are named.
"""

import json
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from .. import single
from ..domain import ledger_proof, runs
from ..extensions import db, queue, transaction
from ..models import BillingRun, RunKind
from . import as_system


@click.group("ledger")
def ledger() -> None:
    """Look the books through."""


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@with_appcontext
@as_system
def verify(as_json: bool) -> None:
    """Prove that facts equal the sums of entries, that each cause counts once, that closed months stayed closed."""
    with transaction() as session:
        run_id = runs.ask(session, RunKind.verification).id
    with single.running("ledger"), Session(db.engine) as reading:
        ledger_proof.carry_out(transaction, reading, run_id, queue.teller(run_id))
    done: dict[str, Any] = db.session().get_one(BillingRun, run_id).result
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else _words(done))
    if not done["sound"]:
        raise click.exceptions.Exit(1)


def _words(done: dict[str, Any]) -> str:
    lines = [f"{done['months']} closed months: {done['faults'] or 'no'} faults"]
    lines += [f"  {_fault(fault)}" for fault in done["named"]]
    if done["faults"] > len(done["named"]):
        lines.append(f"  and {done['faults'] - len(done['named'])} more")
    return "\n".join(lines)


def _fault(fault: dict[str, str]) -> str:
    place = f"account {fault.get('account')}, {fault.get('month')}, {fault.get('service')}"
    match fault["kind"]:
        case "sum":
            return f"{place}: the facts differ from the entries by {fault['by']} ₽"
        case "missing":
            return f"{place}: entries without facts"
        case "late":
            return f"{place}: an entry was posted after the month was closed"
        case "source":
            return f"account {fault['account']}: {fault['source']} counts more than once"
        case _:
            return "the database does not keep the sources of an account's entries apart"
