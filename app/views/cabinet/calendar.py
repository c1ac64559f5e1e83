"""A customer's links for calendar programs, and the calendar that such a link opens."""

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import force_locale
from werkzeug.wrappers import Response

from ...documents import calendar_file, letters
from ...domain import calendar_events, calendar_links
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...i18n import _
from ...queries import calendar_links as queries
from ...security.scope import SYSTEM, acting_as
from ..base import ID, CabinetView, current_account, settings

NEW = "calendar_link"
LONGEST_SECRET = 100


class CalendarLinksView(CabinetView):
    route_base = "/cabinet/settings/calendar"

    @expose("")
    @has_access
    def index(self) -> str:
        """The links; the address of a new one is shown once, right after it was made."""
        secret = cookie.pop(NEW, None)
        return str(
            self.render_template(
                "cabinet/settings/calendar.html",
                links=queries.standing(db.session(), g.user.id),
                address=letters.link(url_for("CalendarView.feed", secret=secret)) if secret else None,
            )
        )

    @expose("/make", methods=["POST"])
    @has_access
    @permission_name("edit")
    def make(self) -> Response:
        account = current_account() or abort(404)
        user_id, account_id = g.user.id, account.id
        try:
            with transaction() as session:
                cookie[NEW] = calendar_links.make(session, user_id, account_id)
        except DomainError as error:
            cookie.pop(NEW, None)
            flash(str(error), "warning")
        return redirect(url_for(".index"), 303)

    @expose(f"/{ID}/revoke", methods=["POST"])
    @has_access
    @permission_name("edit")
    def revoke(self, pk: int) -> Response:
        user_id = g.user.id
        with transaction() as session:
            if not calendar_links.revoke(session, user_id, pk):
                abort(404)
        flash(_("The link is removed: calendars that followed it get nothing any more."), "success")
        return redirect(url_for(".index"), 303)


class CalendarView(CabinetView):
    route_base = "/calendar"
    default_view = "feed"

    @expose("/<secret>.ics")
    def feed(self, secret: str) -> Response:
        """Events alone, for whoever has the link. A calendar that has them already is told so."""
        session = db.session()
        with acting_as(session, SYSTEM):
            link, user = calendar_links.opened(session, secret[:LONGEST_SECRET]) or abort(404)
            with force_locale(user.locale or current_app.config["BABEL_DEFAULT_LOCALE"]):
                name = _("Water: %(house)s", house=link.account.premises.house.label)
                drawn = calendar_file.draw(name, calendar_events.of_link(session, link, settings()))
        answer = Response(drawn, content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = "inline; filename=rodnik.ics"
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.headers["X-Robots-Tag"] = "noindex"
        answer.add_etag()
        return answer.make_conditional(request.environ)
