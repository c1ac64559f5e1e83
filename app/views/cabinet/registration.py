"""Registration of an individual: the form, the letter, the link in it."""

from datetime import datetime
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import registration
from ...domain.registration import Applicant, Invitation
from ...domain.tokens import TokenState
from ...extensions import appbuilder, db, transaction
from ...forms.registration import CONSENT_VERSION, ButtonForm, RegistrationForm
from ...i18n import _
from ...models import SiteUser
from ...security.scope import SYSTEM, acting_as
from ...security.views import home_url
from ..base import CabinetView, domain_errors, redraw_with, settings
from . import fact_tries

EMAIL_KEY = "registering"
Page = str | Response | tuple[str, int]


class RegistrationView(CabinetView):
    route_base = "/register"

    @expose("", methods=["GET", "POST"])
    @domain_errors
    def index(self) -> Page:
        if g.user.is_authenticated:
            return redirect(home_url())
        values = settings()
        form = RegistrationForm(
            utility=values["utility.name"], mask=values["accounts.mask"], local=values["utility.local_prefix"]
        )
        redraw_with(form, lambda: self._form(form))
        if not form.validate_on_submit():
            return (self._form(form), 422) if form.is_submitted() else self._form(form)
        was_sent = _register(form)
        cookie[EMAIL_KEY] = form.email.data
        if not was_sent:
            _tell_of_letter(was_sent)
        return redirect(url_for("RegistrationView.sent"), 303)

    def _form(self, form: RegistrationForm) -> str:
        return str(self.render_template("cabinet/registration/form.html", form=form))

    @expose("/sent")
    def sent(self) -> Page:
        if EMAIL_KEY not in cookie:
            return redirect(url_for("RegistrationView.index"))
        return str(self.render_template("cabinet/registration/sent.html", email=cookie[EMAIL_KEY], form=ButtonForm()))

    @expose("/resend", methods=["POST"])
    def resend(self) -> Page:
        email = cookie.get(EMAIL_KEY)
        if email is None:
            return redirect(url_for("RegistrationView.index"), 303)
        with acting_as(db.session(), SYSTEM), transaction() as session:
            is_allowed = registration.count_letter(session, email)
            if is_allowed:
                _invite(session, registration.invite_again(session, email), email)
        _tell_of_letter(is_allowed)
        return redirect(url_for("RegistrationView.sent"), 303)

    @expose("/confirm/<secret>", methods=["GET", "POST"])
    def confirm(self, secret: str) -> Page:
        """A GET changes nothing: mail scanners follow links. The button confirms, or sends a new link."""
        if request.method == "GET":
            with acting_as(db.session(), SYSTEM):
                state = registration.look_up(db.session(), secret)
            return self._link(state)
        with acting_as(db.session(), SYSTEM), transaction() as session:
            found = registration.confirm(session, secret)
            state = found.state
            if state is TokenState.good and found.user is not None:
                email = registration.masked(found.user.email)
                tell_readers(session, found.user, email=email, opened_at=found.user.email_confirmed_at)
        if state is TokenState.expired:
            return self._renew(secret)
        if state is not TokenState.good:
            return self._link(state)
        flash(_("The e-mail is confirmed. Sign in with it and your password."), "success")
        return redirect(url_for("SignInView.login"), 303)

    def _renew(self, secret: str) -> Page:
        with acting_as(db.session(), SYSTEM), transaction() as session:
            invitation = registration.renew(session, secret)
            if invitation is None:
                abort(404)
            email = invitation.user.email
            is_allowed = registration.count_letter(session, email)
            if is_allowed:
                _invite(session, invitation, email)
        cookie[EMAIL_KEY] = email
        _tell_of_letter(is_allowed)
        return redirect(url_for("RegistrationView.sent"), 303)

    def _link(self, state: TokenState) -> Page:
        page = str(self.render_template("cabinet/registration/link.html", state=state.value, form=ButtonForm()))
        return page, LINK_STATUS[state]


LINK_STATUS = {TokenState.good: 200, TokenState.used: 410, TokenState.expired: 410, TokenState.unknown: 404}


def _register(form: RegistrationForm) -> bool:
    """False when the e-mail got enough letters for now. The password is hashed whether the facts are right or not, and
    outside of the transaction. Raises DomainError."""
    fact_tries.count(form.account_number.data)
    applicant = Applicant(
        **{name: form[name].data for name in ("account_number", "fact", "last_name", "first_name", "email", "phone")},
        patronymic=form.patronymic.data or None,
        password_hash=appbuilder.sm.hash_password(form.password.data),
        locale=str(get_locale()),
        consent=form.consent.label.text,
        consent_version=CONSENT_VERSION,
        address=request.remote_addr or "",
    )
    with acting_as(db.session(), SYSTEM), transaction() as session:
        invitation = registration.register(session, applicant)
        _invite(session, invitation, applicant.email)
        return invitation is not None


def _invite(session: Session, invitation: Invitation | None, email: str) -> None:
    """Write to the e-mail: with a link, or that it has a cabinet. None writes to nobody."""
    if invitation is None:
        return
    if invitation.link is None:
        urls = {
            "sign_in_url": letters.link(url_for("SignInView.login")),
            "recover_url": letters.link(url_for("RecoveryView.index")),
        }
        letters.enqueue(session, "cabinet_exists", to=email, locale=invitation.user.locale, **urls)
        return
    letters.enqueue(
        session,
        "confirm_registration",
        to=email,
        locale=invitation.user.locale,
        name=invitation.user.greeting_name,
        url=letters.link(url_for("RegistrationView.confirm", secret=invitation.link.secret)),
        expires_at=invitation.link.expires_at,
    )


def tell_readers(session: Session, newcomer: SiteUser, *, email: Any, opened_at: datetime | None) -> None:
    """Write to whoever sees the account already, or pays for it: a cabinet was opened, by whom, and what to do.
    `email` is what of it may be told, or how the cabinet was opened without one."""
    for reader in registration.readers(session, newcomer):
        letters.enqueue(
            session,
            "cabinet_joined",
            to=reader.email,
            locale=reader.locale,
            name=reader.name,
            number=reader.account_number,
            who=newcomer.first_name,
            email=email,
            changed_at=opened_at,
        )


def _tell_of_letter(was_sent: bool) -> None:
    if was_sent:
        flash(_("The letter was sent once more."), "success")
    else:
        flash(_("Several letters went out already. Look into the spam folder, or try again in 15 minutes."), "warning")
