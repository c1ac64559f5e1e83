"""An account of somebody else in one's own cabinet, and who sees one's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...documents import letters
from ...domain import account_access, invitations, lockout, registration
from ...domain.account_access import Limits
from ...domain.errors import DomainError
from ...domain.invitations import Pending
from ...domain.tokens import TokenState
from ...extensions import appbuilder, db, transaction
from ...forms.account_access import LIMITS, AttachByPasswordForm, InviteForm
from ...forms.registration import CONSENT_VERSION, AccountForm, ButtonForm, JoinForm
from ...i18n import _, _l
from ...models import Account, AccountAccess, SiteUser
from ...queries import account_access as queries
from ...queries import accounts
from ...security import audit
from ...security.scope import SYSTEM, acting_as
from ...security.views import open_session
from ..base import ACCOUNT_KEY, ID, CabinetView, domain_errors, redraw_with, settings
from . import fact_tries
from .registration import LINK_STATUS

Page = str | Response | tuple[str, int]
ACCESS_ID, INVITATION_ID = ID.replace(":pk", ":access_id"), ID.replace(":pk", ":invitation_id")
HOW = {
    queries.PASSWORD: _l("by the login and the password of a cabinet that has it"),
    queries.FACT: _l("by its number and a fact from its bill"),
    queries.INVITATION: _l("by an invitation"),
}


class AccessView(CabinetView):
    route_base = "/cabinet/accounts"

    @expose(f"/{ID}/people")
    @has_access
    def index(self, pk: int) -> str:
        account = _mine(pk)
        page = {"pk": pk, "address": account.premises.address, "number": account.number, "me": g.user.id, "how": HOW}
        with acting_as(db.session(), SYSTEM):
            found = queries.people(db.session(), pk)
            mine = next((access for access, user in found if user.id == page["me"]), None)
            is_holder = account_access.is_holder(mine)
            people = [_person(access, user) for access, user in found if is_holder or access is mine]
            sent = invitations.pending(db.session(), pk) if is_holder else []
            waiting = [_waiting(each, page["me"]) for each in sent]
        page |= {"is_holder": is_holder, "people": people, "waiting": waiting}
        return str(self.render_template("cabinet/access/people.html", **page))

    @expose(f"/{ID}/people/{ACCESS_ID}/detach", methods=["POST"])
    @has_access
    @permission_name("edit")
    def detach(self, pk: int, access_id: int) -> Response:
        user_id = g.user.id
        with acting_as(db.session(), SYSTEM), transaction() as session:
            try:
                guest = account_access.detach(session, user_id, pk, access_id)
            except LookupError:
                abort(404)
            is_me = guest.id == user_id
            audit.record(session, "detached", session.get_one(Account, pk), guest=guest.id)
        if is_me:
            cookie.pop(ACCOUNT_KEY, None)
            flash(_("The account is taken out of your cabinet."), "success")
            return redirect(url_for("AccountsView.index"), 303)
        flash(_("The access is ended: the person sees the account no more."), "success")
        return redirect(url_for(".index", pk=pk), 303)

    @expose(f"/{ID}/people/invitations/{INVITATION_ID}/withdraw", methods=["POST"])
    @has_access
    @permission_name("edit")
    def withdraw(self, pk: int, invitation_id: int) -> Response:
        with _attaching() as (session, user_id):
            try:
                invitations.withdraw(session, user_id, pk, invitation_id)
            except LookupError:
                abort(404)
            audit.record(session, "withdrew an invitation", session.get_one(Account, pk))
        flash(_("The invitation is withdrawn: its link works no more."), "success")
        return redirect(url_for(".index", pk=pk), 303)

    @expose("/attach")
    @has_access
    @permission_name("edit")
    def ways(self) -> str:
        return str(self.render_template("cabinet/access/ways.html"))

    @expose("/attach/password", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def by_password(self) -> Page:
        form = AttachByPasswordForm()
        page = partial(self._page, "password", form)
        redraw_with(form, page)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        address = request.remote_addr or ""
        with acting_as(db.session(), SYSTEM), transaction() as session:
            is_open = lockout.count_try(session, form.login.data, address)
        with _attaching() as (session, user_id):
            account = account_access.attach_by_password(
                session,
                user_id,
                form.login.data,
                form.password.data,
                form.number.data or "",
                is_open=is_open,
                no_hash=current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"],
                address=address,
            )
            pk = _told(session, user_id, account, queries.PASSWORD, Limits())
        return _attached(pk)

    @expose("/attach/bill", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def by_fact(self) -> Page:
        form = AccountForm(mask=settings()["accounts.mask"])
        page = partial(self._page, "bill", form)
        redraw_with(form, page)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        number, address = form.account_number.data, request.remote_addr or ""
        fact_tries.count(number, int(cookie["_user_id"]))
        with _attaching() as (session, user_id):
            account = account_access.attach_by_fact(session, user_id, number, form.fact.data, address=address)
            pk = _told(session, user_id, account, queries.FACT, Limits())
        return _attached(pk)

    @expose(f"/{ID}/invite", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def invite(self, pk: int) -> Page:
        address = _mine(pk).premises.address
        form = InviteForm()
        page = partial(self._page, "invite", form, pk=pk, address=address)
        redraw_with(form, page)
        with acting_as(db.session(), SYSTEM):
            if not account_access.is_holder(queries.of_user(db.session(), int(cookie["_user_id"]), pk)):
                abort(404)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        last_on = form.last_on()
        limits = Limits(**form.limits(), ends_at=clock.at(last_on + timedelta(days=1)) if last_on else None)
        with _attaching() as (session, user_id):
            issued = account_access.invite(session, user_id, pk, limits, email=form.email.data)
            letters.enqueue(
                session,
                "account_invitation",
                to=form.email.data,
                locale=None,
                name=session.get_one(SiteUser, user_id).get_full_name(),
                address=address,
                may=_may(limits),
                last_on=last_on,
                url=letters.link(url_for("InvitationView.index", secret=issued.secret)),
                expires_at=issued.expires_at,
            )
        flash(
            _("The invitation went to %(email)s. Its link works once, for seven days.", email=form.email.data),
            "success",
        )
        return redirect(url_for(".index", pk=pk), 303)

    def _page(self, name: str, form: Any, **values: Any) -> str:
        return str(self.render_template(f"cabinet/access/{name}.html", form=form, **values))


class InvitationView(CabinetView):
    """The link of an invitation: whoever has it looks at it, whoever signed in accepts by a press, whoever has no
    cabinet opens one by it."""

    route_base = "/cabinet/invitation"

    @expose("/<secret>")
    def index(self, secret: str) -> Page:
        if g.user.is_authenticated and not appbuilder.sm.has_access("can_accept", "InvitationView"):
            abort(403)
        is_visitor = not g.user.is_authenticated
        with acting_as(db.session(), SYSTEM):
            offer = account_access.look_up(db.session(), secret)
            may_join = invitations.may_join(db.session(), offer)
        return self._drawn(offer, is_visitor=is_visitor, may_join=may_join, secret=secret)

    @expose("/<secret>/join", methods=["GET", "POST"])
    @domain_errors
    def join(self, secret: str) -> Page:
        """A cabinet for whoever has none yet, with the account of the invitation in it."""
        with acting_as(db.session(), SYSTEM):
            offer = account_access.look_up(db.session(), secret)
            may_join = invitations.may_join(db.session(), offer)
        if g.user.is_authenticated or not may_join:
            return redirect(url_for(".index", secret=secret), 303)
        values = settings()
        form = JoinForm(utility=values["utility.name"], local=values["utility.local_prefix"], email=offer.email or "")
        page = partial(self._form, form, offer)
        redraw_with(form, page)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        with acting_as(db.session(), SYSTEM), transaction() as session:
            offer, user = invitations.join(session, secret, _applicant(form))
            user_id = user.id if user is not None else None
            if user_id is not None:
                _told(session, user_id, session.get_one(Account, offer.account_id), queries.INVITATION, offer.limits)
        if user_id is None:
            return redirect(url_for(".index", secret=secret), 303)
        open_session(db.session().get_one(SiteUser, user_id))
        return _attached(offer.account_id)

    def _form(self, form: JoinForm, offer: account_access.Offer) -> str:
        values = {"form": form, "email": offer.email, "address": offer.address}
        return str(self.render_template("cabinet/access/join.html", **values))

    @expose("/<secret>", methods=["POST"])
    @has_access
    def accept(self, secret: str) -> Page:
        try:
            with _attaching() as (session, user_id):
                offer = account_access.accept(session, user_id, secret)
                if offer.state is TokenState.good:
                    account = session.get_one(Account, offer.account_id)
                    pk = _told(session, user_id, account, queries.INVITATION, offer.limits)
        except DomainError as error:
            flash(str(error), "warning")
            return redirect(url_for("AccountsView.index"), 303)
        if offer.state is not TokenState.good:
            return self._drawn(offer)
        return _attached(pk)

    def _drawn(self, offer: account_access.Offer, **ways: Any) -> Page:
        said = {
            **ways,
            "state": offer.state.value,
            "holder": offer.holder.greeting_name if offer.holder else "",
            "address": offer.address,
            "may": _may(offer.limits),
            "ends_at": offer.limits.ends_at,
        }
        page = str(self.render_template("cabinet/access/invitation.html", form=ButtonForm(), **said))
        return page, LINK_STATUS[offer.state]


@contextmanager
def _attaching() -> Iterator[tuple[Session, int]]:
    """A transaction of the system for the signed-in customer, whose rows it may not be."""
    user_id = int(cookie["_user_id"])
    with acting_as(db.session(), SYSTEM), transaction() as session:
        yield session, user_id


def _mine(pk: int) -> Account:
    return accounts.one(db.session(), pk) or abort(404)


def _may(limits: AccountAccess | Limits) -> list[Any]:
    return [words for limit, words in LIMITS.items() if getattr(limits, limit)]


def _person(access: AccountAccess, user: SiteUser) -> tuple[AccountAccess, str, str, list[Any]]:
    email = registration.masked(user.known_email) if user.known_email else ""
    return access, user.greeting_name, email, _may(access)


def _waiting(each: Pending, me: int) -> tuple[Pending, str, list[Any]]:
    """An invitation that waits; what another holder wrote is not told whole."""
    return each, each.email if each.user_id == me else registration.masked(each.email), _may(each.limits)


def _applicant(form: JoinForm) -> registration.Applicant:
    return registration.Applicant(
        account_number="",
        fact="",
        last_name=form.last_name.data or "",
        first_name=form.first_name.data or "",
        patronymic=form.patronymic.data or None,
        email=form.email,
        phone=form.phone.data,
        password_hash=appbuilder.sm.hash_password(form.password.data),
        locale=str(get_locale()),
        consent=form.consent.label.text,
        consent_version=CONSENT_VERSION,
        address=request.remote_addr or "",
    )


def _told(session: Session, user_id: int, account: Account, basis: str, limits: Limits) -> int:
    """Write to the holders and the payer who attached the account, and how; leave a trace. The account's id."""
    guest = session.get_one(SiteUser, user_id)
    email = registration.masked(guest.known_email) if guest.known_email else ""
    for reader in account_access.told(session, account, guest):
        letters.enqueue(
            session,
            "account_attached",
            to=reader.email,
            locale=reader.locale,
            name=reader.name,
            number=account.number,
            who=guest.first_name,
            email=email,
            how=HOW[basis],
            changed_at=clock.now(),
            ends_at=limits.ends_at,
            url=letters.link(url_for("AccessView.index", pk=account.id)),
        )
    audit.record(session, "attached", account, basis=basis)
    return account.id


def _attached(pk: int) -> Response:
    cookie[ACCOUNT_KEY] = pk
    flash(_("The account is in your cabinet now. Its holder was told by letter."), "success")
    return redirect(url_for("AccountsView.index"), 303)
