"""The long works over a month, each safe to begin again after it was cut off: calculation, approval, closing.

One at a time (`app/single.py`). What a run did and that it is done are one transaction, but for a calculation, which
is done anew where it was cut off: its parts are committed before it is told done.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from ..i18n import N_, _
from ..models import BillingRun, Period, RunKind, RunState
from ..queries import periods as rows
from ..queries import runs as queries
from ..queries.billing_tables import Part
from . import billing_run, control_sums, periods, runs
from .errors import DomainError
from .runs import OpenTransaction, Tell, Together

STAGES = {
    RunKind.approval: N_("Posting into the ledger"),
    RunKind.closing: N_("Writing the facts of accounts"),
}
"""What `tell` hears of works that are one step; to be translated when shown."""

EVENTS = {
    RunKind.calculation: periods.Event.begin,
    RunKind.approval: periods.Event.approve,
    RunKind.closing: periods.Event.close,
}


@dataclass(frozen=True, slots=True)
class Work:
    run_id: int
    kind: RunKind
    period_id: int
    user_id: int | None
    is_dry: bool
    seen: int | None


class _Trial(Exception):  # noqa: N818 - nothing failed
    """Takes back what a trial did, and keeps what it came to."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.result = result


def ask(
    session: Session,
    period: Period,
    kind: RunKind,
    *,
    user_id: int | None = None,
    is_dry: bool = False,
    seen: int | None = None,
) -> BillingRun:
    """A run over the month; raises DomainError where it is not the time for it, or not this user's business. `seen`
    is the run whose control sums an approval was decided by: none where the month has no such run."""
    if not is_dry:
        _refuse_beside_another(session, period, kind)
    periods.check(session, period, EVENTS[kind], user_id=user_id)
    if kind is RunKind.approval:
        _last_seen(session, period.id, seen)
    run = runs.ask(session, kind, period_id=period.id, user_id=user_id, is_dry=is_dry)
    run.result = {"seen": seen}
    return run


def _refuse_beside_another(session: Session, period: Period, kind: RunKind) -> None:
    """Of two who ask at once the second sees what the first asked for."""
    rows.locked(session, period.id)
    other = queries.unfinished_of(session, period.id)
    if other is not None and other.kind is not kind:
        raise DomainError(_("Another work over this month is not finished yet: wait for it, then look again."))


def _last_seen(session: Session, period_id: int, seen: int | None) -> BillingRun | None:
    """The last calculation. Raises DomainError where it is another one than that which was looked at."""
    last = queries.last_done(session, RunKind.calculation, period_id)
    if seen != (last and last.id):
        raise DomainError(_("The month was calculated anew meanwhile: look at its sums again, then approve it."))
    return last


def carry_out(open_transaction: OpenTransaction, together: Together, run_id: int, tell: Tell) -> None:
    """Do what the run asks for; nothing where it is done. A refusal ends the run and is kept in it."""
    work = _begin(open_transaction, run_id)
    if work is None:
        return
    with runs.kept_failure(open_transaction, run_id):
        if work.is_dry:
            _try(open_transaction, work, tell)
        elif work.kind is RunKind.calculation:
            _calculate(open_transaction, together, work, tell)
        else:
            _move(open_transaction, work, tell)


def _begin(open_transaction: OpenTransaction, run_id: int) -> Work | None:
    with open_transaction() as session:
        run = runs.claim(session, run_id)
        if run is None or run.period_id is None:
            return None
        return Work(run.id, run.kind, run.period_id, run.user_id, run.is_dry, run.result.get("seen"))


def _try(open_transaction: OpenTransaction, work: Work, tell: Tell) -> None:
    try:
        with open_transaction() as session:
            period = session.get_one(Period, work.period_id)
            billing_run.calculate(session, period, progress=tell)
            raise _Trial(control_sums.count(session, period))
    except _Trial as trial:
        with open_transaction() as session:
            runs.end(session, work.run_id, RunState.done, trial.result)


def _calculate(open_transaction: OpenTransaction, together: Together, work: Work, tell: Tell) -> None:
    with open_transaction() as session:
        periods.begin(session, work.period_id, user_id=work.user_id)
        parts = billing_run.parts(session, session.get_one(Period, work.period_id))
    counted: list[dict[str, Any]] = []
    try:
        hearers = (tell, *(_unheard for _other in parts[1:]))
        together([partial(_draft, work, part, hear, counted) for part, hear in zip(parts, hearers, strict=True)])
        with open_transaction() as session:
            periods.finish(session, work.period_id, user_id=work.user_id)
            runs.end(session, work.run_id, RunState.done, control_sums.together(counted))
    except Exception:
        with open_transaction() as session:
            _give_up(session, work)
        raise


def _draft(work: Work, part: Part, tell: Tell, counted: list[dict[str, Any]], session: Session) -> None:
    period = session.get_one(Period, work.period_id)
    billing_run.calculate(session, period, progress=tell, part=part)
    counted.append(control_sums.count(session, period, part))


def _unheard(stage: str, done: int, total: int) -> None:
    """One part alone tells how far it is."""


def _give_up(session: Session, work: Work) -> None:
    if periods.may(session.get_one(Period, work.period_id), periods.Event.fail):
        periods.give_up(session, work.period_id)


def _move(open_transaction: OpenTransaction, work: Work, tell: Tell) -> None:
    tell(STAGES[work.kind], 0, 1)
    with open_transaction() as session:
        if work.kind is RunKind.approval:
            _approve(session, work)
        else:
            periods.close(session, work.period_id)
        runs.end(session, work.run_id, RunState.done, {})


def _approve(session: Session, work: Work) -> None:
    """Post the draft that was looked at, or nothing: an account that left the payer group took its charges along."""
    looked_at = _last_seen(session, work.period_id, work.seen)
    periods.approve(session, work.period_id, user_id=work.user_id)
    period = session.get_one(Period, work.period_id)
    if looked_at is not None and control_sums.of(session, period) != looked_at.result["now"]:
        raise DomainError(_("The draft is no longer what was looked at: calculate the month anew."))
