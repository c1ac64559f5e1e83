"""Works that share nothing, done at the same time by one process: the database has a core for each."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

from flask import Flask, current_app
from sqlalchemy.orm import Session

from .extensions import transaction
from .security.scope import Principal, become, principal

Work = Callable[[Session], None]


def transactions(works: Sequence[Work]) -> None:
    """Each work in a transaction of its own; they are committed when all have come to their ends, or none is.

    A process that is killed between the commits leaves some of them: the works must be safe to repeat. The caller's
    thread does the first. Raises what a work raised. Several works need a database that takes several writers.
    """
    app, who, done = current_app._get_current_object(), principal(), Barrier(len(works))  # type: ignore[attr-defined]
    with ThreadPoolExecutor(len(works)) as threads:
        others = [threads.submit(_apart, app, who, work, done) for work in works[1:]]
        with suppress(BrokenBarrierError):  # another one failed, which is raised below
            _carry_out(works[0], done)
    errors = filter(None, (other.exception() for other in others))
    for error in sorted(errors, key=lambda error: isinstance(error, BrokenBarrierError)):
        raise error


def _apart(app: Flask, who: Principal, work: Work, done: Barrier) -> None:
    with app.app_context():
        become(who)
        _carry_out(work, done)


def _carry_out(work: Work, done: Barrier) -> None:
    try:
        with transaction() as session:
            work(session)
            done.wait()
    except BaseException:
        done.abort()
        raise
