"""The timetable as data: what the worker does by itself, and when (UTC, cron fields)."""

from collections.abc import Callable

from .archives import make_archives
from .billing import open_months, restart_runs
from .campaigns import make_reminders, send_campaigns
from .cleaning import clean_up
from .facts import refresh_facts
from .letters import deliver_letters
from .payments import reconcile_payments
from .refunds import send_refunds
from .registers import list_yesterday
from .requests import tell_of_late_requests

JOBS: dict[str, tuple[Callable[[], object], dict[str, str]]] = {
    "letters": (deliver_letters, {"minute": "*"}),
    "campaigns": (send_campaigns, {"minute": "*"}),
    "reminders": (make_reminders, {"minute": "5", "hour": "4,8"}),
    "payments": (reconcile_payments, {"minute": "*"}),
    "refunds": (send_refunds, {"minute": "*"}),
    "archives": (make_archives, {"minute": "*/5"}),
    "cleaning": (clean_up, {"minute": "10", "hour": "22"}),
    "runs": (restart_runs, {"minute": "*/5"}),
    "months": (open_months, {"minute": "5"}),
    "requests": (tell_of_late_requests, {"minute": "40", "hour": "4"}),
    "register": (list_yesterday, {"minute": "20", "hour": "21"}),
    "facts": (refresh_facts, {"minute": "30", "hour": "20"}),
}
