"""A work over a whole period: asked for on a page or by a command, done by one process at a time, kept with its result.

Whoever does it holds the lock of the work (`app/single.py`): a run that seems to be at work then was cut off, and is
simply done again.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..models import BillingRun, RunKind, RunState
from ..queries import runs as queries


def ask(
    session: Session,
    kind: RunKind,
    *,
    period_id: int | None = None,
    user_id: int | None = None,
    is_dry: bool = False,
) -> BillingRun:
    """The run that waits already or was cut off, now at the wish of this user; else a new one."""
    run = queries.unfinished(session, kind, period_id, is_dry=is_dry)
    if run is None:
        run = BillingRun(kind=kind, period_id=period_id, is_dry=is_dry, state=RunState.asked, started_at=clock.now())
        session.add(run)
    run.user_id = user_id
    session.flush()
    return run


def claim(session: Session, run_id: int) -> BillingRun | None:
    """The run, at work from now on; None where it came to its end before."""
    run = queries.locked(session, run_id)
    if run.state not in queries.UNFINISHED:
        return None
    run.state, run.started_at = RunState.running, clock.now()
    return run


def end(session: Session, run_id: int, state: RunState, result: Mapping[str, Any]) -> None:
    """Keep what came of the run; of a failed one `result["failure"]` says why."""
    run = queries.locked(session, run_id)
    run.state, run.result, run.finished_at = state, dict(result), clock.now()
