"""A customer closes their cabinet: what ends and what stays, the password, then it is over."""

from flask import flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_login import logout_user
from werkzeug.wrappers import Response

from ... import clock
from ...documents import letters
from ...domain import closing
from ...extensions import appbuilder, db, transaction
from ...forms.settings import ClosingForm
from ...i18n import _
from ...models import SiteUser
from ...security import audit
from ...security.roles import COMPANY
from ...security.scope import SYSTEM, acting_as
from ...security.views import forget_visitor
from ..base import CabinetView, domain_errors, redraw_with
from .settings import require_password

Page = str | Response | tuple[str, int]


class ClosingView(CabinetView):
    route_base = "/cabinet/settings/close"

    @expose("", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def index(self) -> Page:
        form = ClosingForm()
        redraw_with(form, lambda: self._drawn(form))
        is_filled = form.validate_on_submit()
        if form.is_submitted() and not form.current.errors:
            require_password(form)
        if not is_filled:
            return (self._drawn(form), 422) if form.is_submitted() else self._drawn(form)
        _close(g.user.id)
        logout_user()
        forget_visitor()
        flash(_("The cabinet is closed. Thank you for having been with us."), "success")
        return redirect(url_for("PublicView.index"), 303)

    def _drawn(self, form: ClosingForm) -> str:
        is_company = COMPANY in appbuilder.sm.role_set(g.user).names
        return str(self.render_template("cabinet/settings/close.html", form=form, is_company=is_company))


def _close(user_id: int) -> None:
    """In one act with the letter about it, which goes to the e-mail that the cabinet had."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        user = session.get_one(SiteUser, user_id)
        letters.enqueue(
            session,
            "cabinet_closed",
            to=user.email,
            locale=user.locale,
            name=user.greeting_name,
            closed_at=clock.now(),
            register_url=letters.link(url_for("RegistrationView.index")),
        )
        audit.record(session, "closed the cabinet", user)
        closing.close(session, user_id)
