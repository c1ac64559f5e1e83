"""`flask worker`: the queue's consumer."""

import click
from flask.cli import with_appcontext

from ..extensions import queue


@click.command("worker")
@click.option("--threads", default=4, show_default=True, help="Tasks at the same time: letters do not wait for a file.")
@with_appcontext
def worker(threads: int) -> None:
    """Run the tasks: letters, imports, the timetable. Stops at SIGTERM after the running task (20 s at most)."""
    consumer = queue.huey.create_consumer(workers=threads, shutdown_timeout=20, graceful_signal="TERM", max_delay=1.0)
    consumer.run()
