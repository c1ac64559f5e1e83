"""What the pages of long works share: how far a run is, the way from asking for it to its page."""

from typing import Any

from flask import flash, redirect
from werkzeug.wrappers import Response

from ...extensions import queue
from ...i18n import _
from ...models import BillingRun, RunState


def handed_over(task: str, run_id: int, page: str) -> Response:
    """To the page of the work, which the worker is asked to do."""
    if not queue.put(task, run_id):
        flash(_("The worker cannot be reached now. Nothing is lost: start it again in a few minutes."), "warning")
    return redirect(page, 303)


def how_far(run: BillingRun) -> dict[str, Any]:
    """The percent and the words of a run that is not over."""
    if run.state is RunState.asked:
        return {"percent": 0, "words": _("Waiting for its turn")}
    stage, done, total = queue.told(run.id) or ("", 0, 0)
    if not total:
        return {"percent": 0, "words": _("At work")}
    step = _("Step %(done)s of %(total)s: %(stage)s", done=min(done + 1, total), total=total, stage=_(stage))
    return {"percent": 100 * done // total, "words": step}


def failure(run: BillingRun | None) -> str | None:
    """Why the newest run failed, in words; None where it did not."""
    if run is None or run.state is not RunState.failed:
        return None
    return str(run.result.get("failure", ""))
