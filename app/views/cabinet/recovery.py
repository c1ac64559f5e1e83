"""A forgotten password: the request, and the new password after a one-time one."""

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import people, recovery
from ...domain.recovery import OneTimePassword
from ...extensions import appbuilder, db, transaction
from ...forms.recovery import NewPasswordForm, RecoveryForm
from ...i18n import _
from ...models import OutboxMessage, SiteUser
from ...security import sessions
from ...security.scope import SYSTEM, acting_as
from ...security.views import home_url
from ..base import CabinetView

Page = str | Response | tuple[str, int]


class RecoveryView(CabinetView):
    route_base = "/recover"

    @expose("", methods=["GET", "POST"])
    def index(self) -> Page:
        form = RecoveryForm()
        if not form.validate_on_submit():
            page = str(self.render_template("cabinet/recovery/form.html", form=form))
            return (page, 422) if form.is_submitted() else page
        with acting_as(db.session(), SYSTEM), transaction() as session:
            _write(session, recovery.request(session, form.login.data, request.remote_addr or ""))
        return redirect(url_for("RecoveryView.sent"), 303)

    @expose("/sent")
    def sent(self) -> Page:
        return str(self.render_template("cabinet/recovery/sent.html"))

    @expose("/password", methods=["GET", "POST"])
    def new_password(self) -> Page:
        """For a signed-in user of any role whose password must be changed; all other pages lead here till then."""
        user = g.user
        if not user.is_authenticated or not user.must_change_password:
            return redirect(home_url() if user.is_authenticated else url_for("SignInView.login"))
        form = NewPasswordForm(known_of(user))
        if not form.validate_on_submit():
            page = str(self.render_template("cabinet/recovery/password.html", form=form))
            return (page, 422) if form.is_submitted() else page
        change_password(user.id, form.password.data)
        flash(_("The new password is saved. Use it from now on."), "success")
        return redirect(home_url(), 303)


def _write(session: Session, asked: OneTimePassword) -> None:
    """Write the letter, and take it back where none is due: a row that is deleted costs what a kept one does."""
    letters.enqueue(
        session,
        "one_time_password",
        to=asked.user.email,
        locale=asked.user.locale,
        name=asked.user.greeting_name,
        login=asked.user.username,
        password=asked.issued.secret,
        url=letters.link(url_for("SignInView.login")),
        expires_at=asked.issued.expires_at,
    )
    written = [row for row in session.new if isinstance(row, OutboxMessage)]
    session.flush()
    for row in written if not asked.is_due else ():
        session.delete(row)


def known_of(user: SiteUser) -> tuple[str, ...]:
    """What others know of a user, and so try as the password."""
    return (user.username, user.email, user.first_name, user.last_name)


def change_password(user_id: int, password: str) -> None:
    """Save a new password, end the other sessions, and tell the owner."""
    password_hash = appbuilder.sm.hash_password(password)
    with acting_as(db.session(), SYSTEM), transaction() as session:
        user = session.get_one(SiteUser, user_id)
        people.set_password(user, password_hash)
        sessions.end(session, user_id, except_current=True)
        letters.enqueue(
            session,
            "password_changed",
            to=user.email,
            locale=user.locale,
            name=user.greeting_name,
            changed_at=user.password_changed_at,
            recover_url=letters.link(url_for("RecoveryView.index")),
        )
