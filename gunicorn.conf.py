"""gunicorn's settings: `gunicorn -c gunicorn.conf.py 'app:create_app()'`, started by run.py or by systemd.

Sync workers, one request at a time each: FAB's views keep filters on themselves (stack.md 39). Nothing is preloaded,
so that no connection of the master's is shared. The application logs what happens; gunicorn says only what is wrong.
"""

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from config import load

_settings = load()

bind = f"{_settings.BIND}:{_settings.PORT}"
workers = _settings.WEB_PROCESSES
worker_class = "sync"
timeout = 30
graceful_timeout = 4
loglevel = "warning"
errorlog = "-"


def post_fork(server: object, worker: object) -> None:
    gc.disable()


def post_worker_init(worker: object) -> None:
    """What was loaded stays: the collector need not walk over it while pages are made."""
    gc.freeze()
    gc.enable()
