"""The application of a company or a sole trader: the blank, the form, the page by which it is followed."""

from functools import partial

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...documents import application_blank, letters
from ...domain import applications, registration
from ...domain.applications import Origin
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...forms.applications import CONSENT_VERSION, ApplicationForm
from ...forms.requests import ACCEPT
from ...i18n import _
from ...models import AccessApplication, ApplicationChannel
from ...queries import applications as rows
from ...security.scope import SYSTEM, acting_as
from .. import life
from ..attachments import data_folder
from ..base import CabinetView, domain_errors, redraw_with, settings

Page = str | Response | tuple[str, int]


class ApplicationView(CabinetView):
    route_base = "/apply"

    @expose("", methods=["GET", "POST"])
    @domain_errors
    def index(self) -> Page:
        form = _form()
        page = partial(self._form_page, form)
        redraw_with(form, page)
        if not form.is_submitted():
            return page()
        _count_try()
        if not form.validate_on_submit() or form.scan.document is None:
            return page(), 422
        token = _submit(form)
        flash(_("The application is taken."), "success")
        return redirect(url_for("ApplicationView.follow", token=token), 303)

    @expose("/blank.docx", methods=["GET", "POST"])
    def blank(self) -> Response:
        """Empty, or with what stands in the form; nothing is kept."""
        values = _form().typed() if request.method == "POST" else {}
        headers = {"Content-Disposition": "attachment; filename=application.docx", "Cache-Control": "no-store"}
        file = application_blank.draw(values, settings()["utility.name"])
        return Response(file, mimetype=application_blank.MIME, headers=headers)

    @expose("/follow/<token>")
    def follow(self, token: str) -> Response:
        with acting_as(db.session(), SYSTEM):
            is_token = applications.TOKEN.fullmatch(token)
            sent = rows.by_token(db.session(), token) if is_token else None
        if sent is None:
            abort(404)
        known = {"steps": life.of_application(sent), "email": registration.masked(sent.email)}
        page = self.render_template("cabinet/applications/follow.html", sent=sent, **known)
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return Response(page, mimetype="text/html", headers=headers)

    def _form_page(self, form: ApplicationForm) -> str:
        return str(self.render_template("cabinet/applications/form.html", form=form, accept=ACCEPT))


def _form() -> ApplicationForm:
    values = settings()
    form = ApplicationForm(utility=values["utility.name"], local=values["utility.local_prefix"])
    if not applications.TOKEN.fullmatch(form.token.data or ""):
        form.token.data = applications.new_token()
    return form


def _count_try() -> None:
    """Before the file is looked at: to draw a photo anew costs. Raises DomainError."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        is_allowed = applications.count_try(session, request.remote_addr or "")
    if not is_allowed:
        raise DomainError(_("There were too many tries. Try again in 15 minutes, or bring the application to us."))


def _submit(form: ApplicationForm) -> str:
    """The token of the link. Raises DomainError."""
    origin = Origin(
        channel=ApplicationChannel.site,
        token=form.token.data or "",
        locale=str(get_locale()),
        consent=form.consent.label.text,
        consent_version=CONSENT_VERSION,
        address=request.remote_addr or "",
    )
    with acting_as(db.session(), SYSTEM), transaction() as session:
        document = form.scan.document or abort(400)
        sent, is_new = applications.submit(session, form.particulars(), document, origin, data_folder())
        if is_new:
            tell_received(session, sent)
        return sent.token


def tell_received(session: Session, sent: AccessApplication) -> None:
    """Write to the e-mail of the application how to follow it, unless it got enough letters today."""
    if applications.count_letter(session, sent.email):
        letters.enqueue(
            session, "application_received", to=sent.email, locale=sent.locale, sent=sent, url=follow_link(sent)
        )


def follow_link(sent: AccessApplication) -> str:
    return letters.link(url_for("ApplicationView.follow", token=sent.token))
