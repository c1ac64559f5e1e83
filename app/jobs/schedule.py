"""The timetable as data: what the worker does by itself, and when (UTC, cron fields)."""

from collections.abc import Callable

from .facts import refresh_facts
from .letters import deliver_letters

JOBS: dict[str, tuple[Callable[[], object], dict[str, str]]] = {
    "letters": (deliver_letters, {"minute": "*"}),
    "facts": (refresh_facts, {"minute": "30", "hour": "20"}),
}
