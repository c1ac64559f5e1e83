"""The worker's tasks: thin handlers that load, call the domain and are done. `schedule.py` is the timetable."""

from collections.abc import Callable
from contextvars import copy_context
from functools import wraps

from flask import Flask
from huey import crontab

from ..extensions import queue
from ..security.scope import SYSTEM, become
from . import schedule
from .archives import make_archives
from .billing import verify_ledger, work_on_period
from .bills import make_bills
from .campaigns import send_campaigns
from .imports import run_import, undo_import
from .letters import deliver_letters
from .registers import list_day

TASKS = (run_import, undo_import, work_on_period, verify_ledger, make_bills, list_day, send_campaigns, make_archives)
"""What views ask for by name, with `queue.put`."""


def init_app(app: Flask) -> None:
    """Register the tasks in the queue of this application."""
    huey = queue.huey

    def in_app(handler: Callable[..., object]) -> Callable[..., None]:
        def work(*args: object) -> None:
            with app.app_context():
                become(SYSTEM)
                handler(*args)

        @wraps(handler)
        def run(*args: object) -> None:
            copy_context().run(work, *args)  # a queue that runs tasks at once must not lend its rights to the caller

        return run

    queue.wake = huey.task(name="deliver_letters")(in_app(deliver_letters))
    queue.tasks = {task.__name__: huey.task(name=task.__name__)(in_app(task)) for task in TASKS}
    for name, (handler, timetable) in schedule.JOBS.items():
        huey.periodic_task(crontab(**timetable), name=f"every_{name}")(in_app(handler))
