"""`flask bill`: a month calculated. A person approves and closes it on the staff's page.

Exit code 0: calculated. 1: the rules refuse it, nothing was written. 2: the month cannot be read.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import click
from flask.cli import with_appcontext

from .. import single
from ..domain import control_sums, period_work, periods
from ..domain.errors import DomainError
from ..extensions import db, queue, transaction
from ..models import BillingRun, PayerGroup, RunKind, RunState, Service, SiteUser
from ..parallel import transactions
from ..queries.people import user_by_login
from ..queries.records import billed_services
from . import as_system


@click.command("bill")
@click.option("--period", "month", type=click.DateTime(["%Y-%m"]), required=True, help="The month: 2026-10.")
@click.option("--group", type=click.Choice(list(PayerGroup)), help="One payer group alone.")
@click.option("--as", "login", help="Whose wish it is: this member of staff cannot approve the month.")
@click.option("--dry-run", is_flag=True, help="Say what it would come to, and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@with_appcontext
@as_system
def bill(month: datetime, group: str | None, login: str | None, dry_run: bool, as_json: bool) -> None:
    """Calculate a month's charges and penalties: safe to repeat, to kill and to start twice until it is approved."""
    groups = list(PayerGroup) if group is None else [PayerGroup(group)]
    done = []
    for run_id in _asked(month, groups, user_id=_user_id(login), is_dry=dry_run):
        with single.running("billing"):
            period_work.carry_out(transaction, transactions, run_id, partial(_tell, run_id))
        done.append(_done(db.session().get_one(BillingRun, run_id)))
    answer = {"period": f"{month:%Y-%m}", "dry_run": dry_run, "groups": done}
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(map(_words, done)))


def _user_id(login: str | None) -> int | None:
    if login is None:
        return None
    user: SiteUser | None = user_by_login(db.session(), login)
    if user is None:
        raise click.ClickException(f"Nobody signs in as {login}.")
    user_id: int = user.id
    return user_id


def _asked(month: datetime, groups: Sequence[PayerGroup], *, user_id: int | None, is_dry: bool) -> list[int]:
    """The runs to carry out: none of them where one is refused."""
    try:
        with transaction() as session:
            months = [periods.asked(session, month.date(), group) for group in groups]
            wish = partial(period_work.ask, session, kind=RunKind.calculation, user_id=user_id, is_dry=is_dry)
            return [wish(each).id for each in months]
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from refusal


def _tell(run_id: int, stage: str, done: int, total: int) -> None:
    click.echo(f"{stage}: {done} of {total}", err=True)
    queue.teller(run_id)(stage, done, total)


def _done(run: BillingRun) -> dict[str, Any]:
    """What the run came to, services by their codes. Raises ClickException for one that failed."""
    if run.state is RunState.failed or run.period is None:
        raise click.ClickException(run.result["failure"])
    services = billed_services(db.session())
    return {
        "group": run.period.payer_group.value,
        "state": "tried" if run.is_dry else run.period.state.value,
        "charges": {_code(row.service): _sums(row) for row in control_sums.rows(run.result, services)},
        "not_billed": run.result["not_billed"],
    }


def _code(service: Service | None) -> str:
    return control_sums.PENALTY if service is None else service.code


def _sums(row: control_sums.Row) -> dict[str, Any]:
    return {
        "accounts": row.now.accounts,
        "volume": f"{row.now.volume:.3f}",
        "vat": f"{row.now.vat:.2f}",
        "amount": f"{row.now.amount:.2f}",
        "accounts_before": row.before.accounts,
        "amount_before": f"{row.before.amount:.2f}",
    }


def _words(done: dict[str, Any]) -> str:
    """Readable lines: what was charged, beside the month before; what could not be."""
    lines = [f"{done['group']}: {done['state']}"]
    lines += [
        f"  {name}: {each['accounts']} accounts, {each['volume']} m³, {each['amount']} ₽"
        f" (the month before: {each['accounts_before']} accounts, {each['amount_before']} ₽)"
        for name, each in done["charges"].items()
    ]
    lines += [f"  not billed, {reason}: {count}" for reason, count in done["not_billed"].items()]
    return "\n".join(lines)
