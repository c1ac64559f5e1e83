"""What is open to staff who look with a customer's eyes: pages to read, and none with a card, a payment or a link that
works by itself. Everything else answers that it is closed; `security/scope.py` would let nothing be written anyway."""

from datetime import timedelta
from typing import Any

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user

from .. import clock
from ..extensions import transaction
from ..i18n import _
from ..models import SiteUser
from ..security import audit, sessions
from ..security.scope import Kind, Principal, become
from .base import ACCOUNT_KEY

LASTS = timedelta(minutes=15)
BEGAN_AT = "view_began_at"
READS = {"GET", "HEAD", "OPTIONS"}
ALWAYS = {"ViewAsCustomerView.leave", "SignInView.logout"}
SHOWN = {
    *(f"{view}View.index" for view in ("Home", "Readings", "BulkReadings", "Charges", "Accounts", "Access", "Meters")),
    *(f"{view}View.index" for view in ("Leak", "Services", "Requests", "Settings", "Traces")),
    *("ReadingsView.history", "ChargesView.month", "RequestsView.new", "RequestsView.show"),
    *("AttachmentsView.file", "LocaleView.index", "static", "appbuilder.static"),
}
CHOOSES = {"AccountsView.choose"}
"""Remembered in the employee's own cookie until the view ends: nothing of the customer's is written."""
PUBLIC_VIEWS = {f"{view}View" for view in ("Public", "Works", "News", "Vacancies", "Procurements", "Health")}


def init_app(app: Flask) -> None:
    @app.before_request
    def _keep_to_looking() -> Any:
        if g.get("view_is_over"):
            return _over()
        if "viewing" not in g or request.endpoint is None:
            return None
        if request.endpoint in ALWAYS:
            become(Principal(Kind.staff, g.viewing.staff_id))
            return None
        view = request.endpoint.partition(".")[0]
        is_read = request.method in READS
        if request.endpoint in CHOOSES or (is_read and (request.endpoint in SHOWN or view in PUBLIC_VIEWS)):
            return None
        return render_template("errors/viewing.html", is_read=is_read), 403

    @app.context_processor
    def _about_the_view() -> dict[str, Any]:
        """Whose cabinet the banner names, and how long it stays open."""
        if "viewing" not in g:
            return {"viewing": None}
        left = max(1, -int((clock.now() - g.viewing.until).total_seconds() // 60))
        return {"viewing": {"name": current_user.get_full_name(), "until": g.viewing.until, "minutes": left}}


def _over() -> Any:
    """The time is up, or the right or the cabinet is gone: the session is the employee's own again."""
    back = end()
    flash(_("The view of the customer's cabinet has ended by itself. Nothing was changed."), "info")
    return redirect(back, 303)


def end(*, audit_as: str = "", customer_id: int | None = None) -> str:
    """Give the session back to its employee, who is at work already; where the view began."""
    with transaction() as session:
        sessions.show_own(session)
        if customer_id is not None:
            audit.record(session, audit_as, session.get_one(SiteUser, customer_id))
    cookie.pop(ACCOUNT_KEY, None)
    return str(cookie.pop(BEGAN_AT, None) or url_for("StaffHomeView.index"))
