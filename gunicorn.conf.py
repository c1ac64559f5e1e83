"""gunicorn's settings: `gunicorn -c gunicorn.conf.py 'app:create_app()'`, started by run.py or by systemd.

Sync workers, one request at a time each: FAB's views keep filters on themselves. The application is loaded once, before
the workers are forked: they start at once and share its memory. It asks the database nothing while it is loaded
(tests/test_extensions.py), so that no connection is shared. The application logs what happens; gunicorn says only what
is wrong.
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
preload_app = True


def when_ready(server: object) -> None:
    """The collector need not walk over what is loaded, nor make the workers copy it; nor look for cycles twenty times
    while a page is made."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
