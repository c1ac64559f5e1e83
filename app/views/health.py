"""For supervisors and balancers: is the process alive, can it serve."""

from flask import current_app
from flask_appbuilder import BaseView, expose
from sqlalchemy.exc import SQLAlchemyError

from ..extensions import db, queue
from ..queries import system


class HealthView(BaseView):
    route_base = ""

    @expose("/healthz")
    def healthz(self) -> dict[str, str]:
        return {"status": "ok", "version": current_app.config["VERSION"]}

    @expose("/readyz")
    def readyz(self) -> tuple[dict[str, str], int]:
        checks = {"database": _database(), "queue": _queue()}
        is_ready = all(state == "ok" for state in checks.values())
        return {"status": "ok" if is_ready else "not ready", **checks}, 200 if is_ready else 503


def _database() -> str:
    try:
        return "ok" if system.is_alive(db.session()) else "away"
    except SQLAlchemyError:
        return "away"


def _queue() -> str:
    try:
        queue.huey.pending_count()
    except Exception:
        current_app.logger.warning("queue.unreachable", exc_info=True)
        return "away"
    return "ok"
