"""Settings of a customer: password, e-mail, phone, language, sessions, and at the bottom the subscriptions."""

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import refresh
from werkzeug.wrappers import Response

from ... import clock
from ...documents import letters
from ...domain import people, registration
from ...domain.tokens import TokenState
from ...extensions import db, transaction
from ...formats import localized
from ...forms.base import Form
from ...forms.registration import ButtonForm
from ...forms.settings import EmailForm, LanguageForm, PasswordForm, PhoneForm, SubscriptionsForm
from ...i18n import _
from ...models import SiteUser, UserSession
from ...queries import cards as card_queries
from ...queries import people as queries
from ...security import sessions
from ...security.scope import SYSTEM, acting_as
from ..base import ID, CabinetView, domain_errors, redraw_with, settings
from .recovery import change_password, known_of
from .registration import LINK_STATUS

Page = str | Response | tuple[str, int]


class SettingsView(CabinetView):
    route_base = "/cabinet/settings"

    @expose("")
    @has_access
    def index(self) -> Page:
        return self._index(_subscriptions_form())

    def _index(self, form: SubscriptionsForm) -> str:
        seen_after = clock.now() - current_app.config["SESSION_IDLE"]
        devices = queries.open_sessions(db.session(), g.user.id, seen_after)
        return str(
            self.render_template(
                "cabinet/settings/index.html",
                form=form,
                languages_form=_language_form(),
                devices=devices,
                cards=card_queries.kept(db.session(), g.user.id),
                current_hash=sessions.current_hash(),
            )
        )

    @expose("/password", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def password(self) -> Page:
        form = PasswordForm(known_of(g.user))
        if not self._is_filled(form, "password"):
            return self._drawn(form, "password")
        change_password(g.user.id, form.password.data)
        return self._done(_("The password is changed. All other devices were signed out."))

    @expose("/email", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def email(self) -> Page:
        form = EmailForm()
        if not self._is_filled(form, "email"):
            return self._drawn(form, "email")
        _ask_for_email(form.email.data)
        return self._done(
            _("A letter went to %(email)s. Open the link in it; till then the old e-mail stays.", email=form.email.data)
        )

    @expose("/phone", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def phone(self) -> Page:
        form = PhoneForm(phone=g.user.phone)
        form.phone.local = settings()["utility.local_prefix"]
        if not self._is_filled(form, "phone"):
            return self._drawn(form, "phone")
        with transaction() as session:
            session.get_one(SiteUser, g.user.id).phone = form.phone.data
            sessions.end(session, g.user.id, except_current=True)
        return self._done(_("The phone is saved. All other devices were signed out."))

    def _is_filled(self, form: Form, name: str) -> bool:
        redraw_with(form, lambda: self._template(form, name))
        is_filled = bool(form.validate_on_submit())
        if form.is_submitted() and not form["current"].errors:
            require_password(form)  # its fault is told together with those of the other fields
        return is_filled

    def _drawn(self, form: Form, name: str) -> Page:
        return (self._template(form, name), 422) if form.is_submitted() else self._template(form, name)

    def _template(self, form: Form, name: str) -> str:
        return str(self.render_template(f"cabinet/settings/{name}.html", form=form))

    def _done(self, words: str) -> Response:
        flash(words, "success")
        return redirect(url_for("SettingsView.index"), 303)

    @expose("/language", methods=["POST"])
    @has_access
    @permission_name("edit")
    def language(self) -> Page:
        form = _language_form()
        if not form.validate_on_submit():
            abort(400)
        with transaction() as session:
            session.get_one(SiteUser, g.user.id).locale = form.language.data
        cookie["locale"] = form.language.data
        refresh()
        return self._done(_("The language is saved. Letters will come in it too."))

    @expose(f"/sessions/{ID}/end", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end_session(self, pk: int) -> Page:
        with transaction() as session:
            if session.get(UserSession, pk) is None:
                abort(404)
            sessions.end(session, g.user.id, only_id=pk)
        return self._done(_("The device was signed out."))

    @expose("/sessions/end-others", methods=["POST"])
    @has_access
    @permission_name("edit")
    def end_other_sessions(self) -> Page:
        with transaction() as session:
            sessions.end(session, g.user.id, except_current=True)
        return self._done(_("All other devices were signed out."))

    @expose("/subscriptions", methods=["POST"])
    @has_access
    @permission_name("edit")
    def subscriptions(self) -> Page:
        form = _subscriptions_form()
        if not form.validate_on_submit():
            return self._index(form), 422
        with transaction() as session:
            people.save_subscriptions(session, g.user.id, form.categories.data, address=request.remote_addr or "")
        return self._done(_("The subscriptions are saved."))


class EmailConfirmationView(CabinetView):
    """The link of the letter that goes to a new e-mail; it may be opened on another device."""

    route_base = "/email"

    @expose("/confirm/<secret>", methods=["GET", "POST"])
    def confirm(self, secret: str) -> Page:
        if request.method == "GET":
            with acting_as(db.session(), SYSTEM):
                state = people.look_up_email(db.session(), secret)
            return self._link(state)
        with acting_as(db.session(), SYSTEM), transaction() as session:
            state, user, old = people.confirm_email(session, secret)
            if user is not None:
                sessions.end(session, user.id, except_current=True)
                letters.enqueue(
                    session,
                    "email_changed",
                    to=old,
                    locale=user.locale,
                    name=user.greeting_name,
                    changed_at=user.email_confirmed_at,
                )
        if state is not TokenState.good:
            return self._link(state)
        flash(_("The new e-mail is confirmed. Letters will come to it. All other devices were signed out."), "success")
        return redirect(url_for("SettingsView.index"), 303)

    def _link(self, state: TokenState) -> Page:
        page = str(self.render_template("cabinet/settings/link.html", state=state.value, form=ButtonForm()))
        return page, LINK_STATUS[state]


def require_password(form: Form) -> None:
    """Raise DomainError unless the current password is right. The count of tries is kept whatever follows."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        is_open = people.count_try(session, g.user.id)
    people.require_password(g.user, form["current"].data, is_open=is_open)


def _ask_for_email(email: str) -> None:
    """Write to the new e-mail: a link, or that another cabinet has it."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        user = session.get_one(SiteUser, g.user.id)
        if not registration.count_letter(session, email):
            return
        issued = people.ask_for_email(session, user, email)
        if issued is None:
            urls = {
                "sign_in_url": letters.link(url_for("SignInView.login")),
                "recover_url": letters.link(url_for("RecoveryView.index")),
            }
            letters.enqueue(session, "cabinet_exists", to=email, locale=user.locale, **urls)
            return
        letters.enqueue(
            session,
            "confirm_email",
            to=email,
            locale=user.locale,
            name=user.greeting_name,
            url=letters.link(url_for("EmailConfirmationView.confirm", secret=issued.secret)),
            expires_at=issued.expires_at,
        )


def _language_form() -> LanguageForm:
    form = LanguageForm(language=cookie.get("locale"))
    form.language.choices = [(code, each["name"]) for code, each in current_app.config["LANGUAGES"].items()]
    return form


def _subscriptions_form() -> SubscriptionsForm:
    """Ticked is what the customer asked for, never anything else."""
    session = db.session()
    form = SubscriptionsForm(categories=[row.category_id for row in queries.subscriptions(session, g.user.id)])
    form.categories.choices = [(each.id, localized(each, "name")) for each in queries.mailing_categories(session)]
    return form
