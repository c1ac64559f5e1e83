"""One's own second factor, for members of staff."""

from collections.abc import Sequence

import segno
from flask import current_app, flash, g, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...documents import letters
from ...domain import second_factor
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...forms.second_factor import CodeForm, FirstCodeForm
from ...i18n import _, _l
from ...models import SiteUser
from ...queries import second_factor as rows
from ...security import audit, sessions
from ..base import domain_errors, redraw_with, settings

Page = str | Response | tuple[str, int]


class StaffSecondFactorView(BaseView):
    route_base = "/staff/second-factor"
    default_view = "index"
    menu_label = _l("Second factor")

    @expose("/", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def index(self) -> Page:
        """Set it: a picture for the application, then its first code; or its state."""
        if g.user.totp_since is not None:
            return self._state(CodeForm())
        form = FirstCodeForm()
        form.offered.data = form.offered.data or second_factor.offer()
        redraw_with(form, lambda: self._start(form))
        if not form.validate_on_submit():
            return (self._start(form), 422) if form.is_submitted() else self._start(form)
        user_id = g.user.id
        with transaction() as session:
            codes = second_factor.confirm(session, user_id, form.offered.data, form.code.data)
            sessions.end(session, user_id, except_current=True)
            audit.record(session, "second factor on", user_id=user_id)
            tell(session, user_id, "on")
        return self._once(codes)

    @expose("/codes", methods=["POST"])
    @has_access
    @domain_errors
    def codes(self) -> Page:
        """New codes on paper, for whoever shows a code."""
        form = CodeForm()
        redraw_with(form, lambda: self._state(form))
        if not form.validate():
            return self._state(form), 422
        self._show_code(form)
        user_id = g.user.id
        with transaction() as session:
            codes = second_factor.new_codes(session, user_id)
            audit.record(session, "second factor codes", user_id=user_id)
            tell(session, user_id, "codes")
        return self._once(codes)

    @expose("/off", methods=["POST"])
    @has_access
    @domain_errors
    def off(self) -> Page:
        form = CodeForm()
        redraw_with(form, lambda: self._state(form))
        if not form.validate() or _is_required():
            return self._state(form), 422
        self._show_code(form)
        user_id = g.user.id
        with transaction() as session:
            second_factor.forget(session, user_id)
            audit.record(session, "second factor off", user_id=user_id)
            tell(session, user_id, "off")
        flash(_("The second factor is off."), "success")
        return redirect(url_for("StaffSecondFactorView.index"), 303)

    def _show_code(self, form: CodeForm) -> None:
        user_id = g.user.id
        with transaction() as session:
            is_open = second_factor.count_try(session, user_id)
        with transaction() as session:
            if not is_open or not second_factor.use(session, user_id, form.code.data):
                raise second_factor.wrong_code()

    def _once(self, codes: Sequence[str]) -> str:
        """The codes on paper, on a page that is drawn this once: they are kept nowhere."""
        page: str = self.render_template("staff/second_factor/codes.html", title=self.menu_label, codes=codes)
        return page

    def _start(self, form: FirstCodeForm) -> str:
        try:
            secret = second_factor.shown(form.offered.data)
        except DomainError:
            form.offered.data = second_factor.offer()
            secret = second_factor.shown(form.offered.data)
        address = second_factor.address(secret, g.user.username, settings()["utility.name"])
        picture = segno.make_qr(address).svg_data_uri(scale=5, border=4, light="white")
        known = {"picture": picture, "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}
        page: str = self.render_template(
            "staff/second_factor/start.html", title=self.menu_label, form=form, is_required=_is_required(), **known
        )
        return page

    def _state(self, form: CodeForm) -> str:
        page: str = self.render_template(
            "staff/second_factor/state.html",
            title=self.menu_label,
            form=form,
            since=g.user.totp_since,
            left=rows.codes_left(db.session(), g.user.id),
            is_required=_is_required(),
        )
        return page


def tell(session: Session, user_id: int, what: str) -> None:
    """Write to the employee what became of the second factor (`on`, `off`, `codes`), in the open transaction."""
    user = session.get_one(SiteUser, user_id)
    letters.enqueue(
        session,
        "second_factor",
        to=user.email,
        locale=user.locale,
        name=user.greeting_name,
        what=what,
        changed_at=clock.now(),
    )


def _is_required() -> bool:
    return bool(current_app.config["STAFF_SECOND_FACTOR"] == "required")
