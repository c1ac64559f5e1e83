"""The queue of applications: a clerk takes one and holds it alone, looks at the scan beside the form, decides."""

from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import application_checks, applications
from ...domain.applications import Approved, Origin
from ...domain.attachments import stored_path
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...forms.applications import CONSENT_VERSION, PaperForm, ParticularsForm, RejectionForm
from ...forms.requests import ACCEPT
from ...i18n import _, _l
from ...models import AccessApplication, ApplicationChannel, ApplicationState
from ...queries import applications as rows
from ...security import audit
from ...security.headers import framed_here
from ..attachments import data_folder
from ..base import ID, CabinetView, domain_errors, id_argument, redraw_with, settings
from ..cabinet.applications import follow_link, tell_received
from .application_words import act_words
from .home import may_open

PAGE = 25
Page = str | Response | tuple[str, int]


class ApplicationDeskView(CabinetView):
    route_base = "/staff/desk/applications"
    menu_label = _l("Applications of companies")

    @expose("")
    @has_access
    def index(self) -> str:
        state = ApplicationState.__members__.get(request.args.get("state", ""))
        found, further = _decided(state) if state else _waiting()
        may = may_open(f"{type(self).__name__}.decide")
        return self._drawn("index", found=found, further=further, state=state, states=ApplicationState, may=may)

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        return self._application_page(pk)

    @expose(f"/{ID}/scan")
    @has_access
    @permission_name("index")
    @framed_here
    def scan(self, pk: int) -> Response:
        """The picture, drawn anew when it came, or the PDF for the browser's own reader."""
        sent = rows.one(db.session(), pk) or abort(404)
        path = stored_path(data_folder(), sent.stored_name)
        if not path.is_file():
            abort(404)
        answer = send_file(path, sent.content_type, download_name=sent.file_name, max_age=0)
        answer.headers["Cache-Control"] = "no-store"
        audit.looked_at(sent)
        return answer

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("decide")
    @domain_errors
    def new(self) -> Page:
        """A paper application, from an office or an e-mail."""
        form = PaperForm(local=settings()["utility.local_prefix"])
        if not applications.TOKEN.fullmatch(form.token.data or ""):
            form.token.data = applications.new_token()
        page = partial(self._drawn, "new", form=form, accept=ACCEPT)
        redraw_with(form, page)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        pk = _enter(form)
        flash(_("The application is entered."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose("/next", methods=["POST"])
    @has_access
    @permission_name("decide")
    def next(self) -> Page:
        with transaction() as session:
            pk = applications.take_next(session, g.user.id)
        if pk is None:
            flash(_("No application waits: others hold the rest."), "info")
            return redirect(url_for(".index"), 303)
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/take", methods=["POST"])
    @has_access
    @permission_name("decide")
    def take(self, pk: int) -> Page:
        try:
            with transaction() as session:
                applications.take(session, pk, g.user.id)
        except DomainError as error:
            flash(error.message, "warning")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/release", methods=["POST"])
    @has_access
    @permission_name("decide")
    def release(self, pk: int) -> Page:
        with transaction() as session:
            rows.release(session, pk, g.user.id)
        flash(_("The application is back in the queue."), "success")
        return redirect(url_for(".index"), 303)

    @expose(f"/{ID}/correct", methods=["POST"])
    @has_access
    @permission_name("decide")
    @domain_errors
    def correct(self, pk: int) -> Page:
        form = _particulars_form()
        page = partial(self._application_page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            before = applications.correct(session, pk, g.user.id, form.particulars())
            if before:
                audit.record(session, "corrected", session.get_one(AccessApplication, pk), **_plain(before))
        flash(_("The application is corrected and checked again."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/approve", methods=["POST"])
    @has_access
    @permission_name("decide")
    @domain_errors
    def approve(self, pk: int) -> Page:
        form = ParticularsForm(formdata=None, local="", data=_values(pk))
        redraw_with(form, partial(self._application_page, pk, form))
        with transaction() as session:
            approved = applications.approve(session, pk, g.user.id)
            audit.record(session, "approved", approved.sent, login=approved.user.username, accounts=approved.accounts)
            _tell_approved(session, approved)
        flash(_("The application is approved: the login and the one-time password are on their way."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/reject", methods=["POST"])
    @has_access
    @permission_name("decide")
    @domain_errors
    def reject(self, pk: int) -> Page:
        form = RejectionForm(rows.templates(db.session()), prefix="reject-")
        page = partial(self._application_page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            sent = applications.reject(session, pk, g.user.id, form.words())
            audit.record(session, "rejected", sent, reason=sent.reason)
            again = letters.link(url_for("ApplicationView.index"))
            urls = {"url": follow_link(sent), "again_url": again}
            letters.enqueue(session, "application_rejected", to=sent.email, locale=sent.locale, sent=sent, **urls)
        flash(_("The application is rejected, the applicant is told by letter."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _application_page(self, pk: int, came_back: ParticularsForm | RejectionForm | None = None) -> str:
        """`came_back`: the form that was sent, with its errors; the other one is new."""
        session = db.session()
        sent = rows.one(session, pk) or abort(404)
        held = applications.is_held_by(sent, g.user.id)
        drawn = self._drawn(
            "show",
            sent=sent,
            form=came_back,
            correction=came_back if isinstance(came_back, ParticularsForm) else _particulars_form(sent),
            rejection=came_back
            if isinstance(came_back, RejectionForm)
            else RejectionForm(rows.templates(session), formdata=None, prefix="reject-"),
            findings=application_checks.examine(session, sent),
            is_open=sent.state in rows.OPEN,
            held=held,
            holder=sent.claimed_by if applications.is_held(sent) and not held else None,
            history=[act_words(event, user) for event, user in rows.history(session, pk)],
            may=may_open(f"{type(self).__name__}.decide"),
        )
        audit.looked_at(sent)
        return drawn

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/applications/{template}.html", **values))


def _waiting() -> tuple[list[AccessApplication], str | None]:
    """A page of those that wait, and the address of the next one."""
    found = list(rows.waiting(db.session(), after=id_argument("after"), size=PAGE + 1))
    return found[:PAGE], url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None


def _decided(state: ApplicationState) -> tuple[list[AccessApplication], str | None]:
    """A page of those in one state, and the address of the next one."""
    found = list(rows.in_state(db.session(), state, before=id_argument("before"), size=PAGE + 1))
    return found[:PAGE], url_for(".index", state=state.value, before=found[PAGE - 1].id) if len(found) > PAGE else None


def _particulars_form(sent: AccessApplication | None = None) -> ParticularsForm:
    """The form as it was sent, or as an application stands."""
    local = settings()["utility.local_prefix"]
    if sent is None:
        return ParticularsForm(local=local)
    return ParticularsForm(local=local, formdata=None, data=ParticularsForm.values_of(sent))


def _values(pk: int) -> dict[str, Any]:
    return ParticularsForm.values_of(rows.one(db.session(), pk) or abort(404))


def _plain(before: dict[str, Any]) -> dict[str, str]:
    """What stood there, as a trace keeps it."""
    return {name: str(value or "") for name, value in before.items()}


def _enter(form: PaperForm) -> int:
    origin = Origin(
        channel=ApplicationChannel(form.channel.data),
        token=form.token.data or "",
        locale="ru",
        consent=_("Signed on paper."),
        consent_version=CONSENT_VERSION,
        address=request.remote_addr or "",
        user_id=g.user.id,
    )
    with transaction() as session:
        document = form.scan.document or abort(400)
        sent, is_new = applications.submit(session, form.particulars(), document, origin, data_folder())
        if is_new:
            audit.record(session, "entered", sent)
            tell_received(session, sent)
        return sent.id


def _tell_approved(session: Session, approved: Approved) -> None:
    """Write the login and the one-time password to the e-mail of the application."""
    user, password = approved.user, approved.password
    letters.enqueue(
        session,
        "application_approved",
        to=approved.sent.email,
        locale=approved.sent.locale,
        sent=approved.sent,
        name=user.greeting_name,
        login=user.username,
        accounts=approved.accounts,
        password=password.secret if password else None,
        expires_at=password.expires_at if password else None,
        url=letters.link(url_for("SignInView.login")),
    )
