"""A work over a whole period: asked for on a page or by a command, done by one process at a time, kept with its result.

Whoever does it holds the lock of the work (`app/single.py`): a run that seems to be at work then was cut off, and is
simply done again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..models import BillingRun, RunKind, RunState
from ..queries import runs as queries
from .errors import DomainError

OpenTransaction = Callable[[], AbstractContextManager[Session]]
"""Opens the transaction that the edge commits (`extensions.transaction`): for works that need several."""
Together = Callable[[Sequence[Callable[[Session], None]]], None]
"""Does works in transactions of their own at the same time (`parallel.transactions`)."""
Tell = Callable[[str, int, int], None]
"""Hears the stage of a work, how much is done and of how much."""
MOST_RESTARTS = 3
"""A run that was cut off so often is not started again by itself: something is wrong with it or with the machine."""
PATIENCE = timedelta(minutes=5)


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


def restart(session: Session, kinds: Sequence[RunKind]) -> list[int]:
    """The runs to be put into the queue again while nobody is at work on these kinds: those that were cut off, a few
    times each, and those that wait for longer than the queue takes. Staff see what was cut off and is not finished."""
    waiting = []
    for run in queries.at_work(session, kinds):
        if run.state is RunState.running:
            if run.restarts == MOST_RESTARTS:
                continue
            run.restarts += 1
            run.state, run.started_at = RunState.asked, clock.now()
        elif clock.now() - run.started_at < PATIENCE:
            continue
        waiting.append(run.id)
    return waiting


@contextmanager
def kept_failure(open_transaction: OpenTransaction, run_id: int) -> Iterator[None]:
    """A run that comes to nothing is ended and keeps why: the words of a broken rule, else the name of the fault of
    the program, which is raised further."""
    try:
        yield
    except Exception as error:
        is_refusal = isinstance(error, DomainError)
        with open_transaction() as session:
            end(session, run_id, RunState.failed, {"failure": str(error) if is_refusal else type(error).__name__})
        if not is_refusal:
            raise


def end(session: Session, run_id: int, state: RunState, result: Mapping[str, Any]) -> None:
    """Keep what came of the run; of a failed one `result["failure"]` says why."""
    run = queries.locked(session, run_id)
    run.state, run.result, run.finished_at = state, dict(result), clock.now()
