"""Sign-in and sign-out: FAB's views with our forms, sessions as rows and no answer that tells who exists."""

import re
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from .. import clock
from ..domain import second_factor, tokens
from ..extensions import appbuilder, db, transaction
from ..forms.second_factor import CodeForm
from ..forms.sign_in import SignInForm
from ..i18n import _, _l
from ..queries import people
from ..seal import opened, sealed
from . import sessions
from .scope import SYSTEM, acting_as

WAITS_FOR_CODE, CODE_WITHIN = "waits_for_code", timedelta(minutes=5)


class SignInView(AuthDBView):
    """`/login/` for everybody, staff and customers alike."""

    login_template = "security/sign_in.html"
    title = _l("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> Response | str | tuple[str, int]:
        if g.user.is_authenticated:
            return redirect(_where_to(self))
        form = SignInForm()
        if not form.validate_on_submit():
            if request.method == "GET" and request.args.get("next"):
                _ask_instead_of_refusing()
            return self._page(form)
        user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
        if user is None:
            form.password.errors = [_("The login or the password is wrong. Check both, or recover the password.")]
            return self._page(form)
        if user.totp_since is not None:
            forget_visitor()
            secret = sealed(g.one_time_password) if g.one_time_password else ""
            cookie[WAITS_FOR_CODE] = (user.id, int(clock.now().timestamp()), tokens.fingerprint(user), secret)
            return redirect(url_for("SignInView.code", next=request.args.get("next")), 303)
        _keep_signed_in(user, g.bearer)
        return redirect(_where_to(self))

    @expose("/login/code", methods=["GET", "POST"])
    def code(self) -> Response | str | tuple[str, int]:
        """The second step of staff, whose password was right a moment ago."""
        user_id, since, owner, secret = cookie.get(WAITS_FOR_CODE, (None, 0, "", ""))
        if user_id is None or clock.now().timestamp() - since > CODE_WITHIN.total_seconds():
            cookie.pop(WAITS_FOR_CODE, None)
            flash(_("Enter the password once more: the code was waited for too long."), "info")
            return redirect(url_for("SignInView.login"), 303)
        form = CodeForm()
        if form.validate_on_submit():
            with acting_as(db.session(), SYSTEM):
                is_right = _is_code_of(user_id, owner, form.code.data)
                user = self.appbuilder.sm.come_in(user_id, opened(secret) if secret else None) if is_right else None
            if user is not None:
                _keep_signed_in(user, g.bearer)
                return redirect(_where_to(self), 303)
            form.refuse(second_factor.wrong_code())
        page: str = self.render_template("security/code.html", form=form)
        return (page, 422) if form.is_submitted() else page

    def _page(self, form: SignInForm) -> str | tuple[str, int]:
        page: str = self.render_template(self.login_template, form=form, title=self.title)
        return (page, 422) if request.method == "POST" else page

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        close_session()
        flash(_("You have signed out."), "success")
        return redirect(self.appbuilder.get_url_for_index)


class RodnikSecurityApi(SecurityApi):
    """FAB's REST sign-in: `auth_user_db` brings the lock-out, and asks for the `code` of a second factor, which stands
    beside the password. Half of a surrogate pair, which JSON may bring and FAB's own check cannot take, is a wrong
    password."""

    @wraps(SecurityApi.login)
    def login(self) -> Response:
        body = request.get_json(silent=True)
        if isinstance(body, dict) and not all(_is_text(each) for each in body.values() if isinstance(each, str)):
            refused: Response = self.response_401()
            return refused
        g.typed_code = str(body.pop("code", None) or "")[:40] if isinstance(body, dict) else ""
        answer: Response = super().login()
        return answer


def _is_code_of(user_id: int, owner: str, typed: str) -> bool:
    """Whether this is a code of the user whose password was right, and has not been changed since; each try is counted
    before the code is looked at."""
    user = people.user(db.session(), user_id)
    if user is None or not user.active or tokens.fingerprint(user) != owner:
        return False
    with transaction() as session:
        is_open = second_factor.count_try(session, user_id)
    with transaction() as session:
        return is_open and second_factor.use(session, user_id, typed)


def _is_text(typed: str) -> bool:
    """Whether it can be written down: no half of a surrogate pair stands in it."""
    return not any("\ud800" <= sign <= "\udfff" for sign in typed)


def open_session(user: Any) -> None:
    """Sign the user in on this device, without a password."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        token = sessions.start(session, user.id)
    _keep_signed_in(user, token)


def _keep_signed_in(user: Any, token: str) -> None:
    forget_visitor()
    cookie[sessions.COOKIE_KEY], cookie.permanent = token, True
    if user.locale:
        cookie["locale"] = user.locale
    login_user(user)


def close_session() -> None:
    """Sign this device out; the cookie is worth nothing afterwards."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        sessions.end_current(session)
    logout_user()
    forget_visitor()


def forget_visitor() -> None:
    """What one person left in the cookie is not for the next: an e-mail that registers, a chosen account."""
    for key in cookie.keys() - {"locale", "csrf_token", "_flashes"}:
        del cookie[key]


def _ask_instead_of_refusing() -> None:
    """FAB tells whoever is not signed in yet that access is denied."""
    cookie["_flashes"] = [each for each in cookie.get("_flashes", []) if each[0] != "danger"]
    flash(_("Sign in to open the page."), "info")


def _where_to(view: SignInView) -> str:
    """The page that was asked for, or the first page of the role. FAB names the page with our own host before it."""
    wanted = request.args.get("next", "")
    if wanted.startswith(request.host_url):
        wanted = "/" + wanted.removeprefix(request.host_url)
    return str(get_safe_redirect(wanted)) if re.match(r"/(?![/\\])", wanted) else home_url()


def home_url() -> str:
    is_staff = appbuilder.sm.role_set(g.user).is_staff
    return url_for("StaffHomeView.index") if is_staff else url_for("HomeView.index")
