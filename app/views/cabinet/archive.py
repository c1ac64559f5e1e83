"""An archive of the customer's data: asked for by a button, taken away within a week."""

from pathlib import Path

from flask import abort, current_app, flash, g, redirect, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from werkzeug.wrappers import Response

from ... import clock
from ...domain import archives
from ...domain.errors import DomainError
from ...extensions import db, queue, transaction
from ...forms.registration import ButtonForm
from ...i18n import _
from ...queries import archives as queries
from ...security import audit
from ...security.scope import SYSTEM, acting_as
from ..base import ID, CabinetView


class ArchiveView(CabinetView):
    route_base = "/cabinet/settings/archive"

    @expose("")
    @has_access
    def index(self) -> str:
        archive = queries.last(db.session(), g.user.id)
        is_ready = archive is not None and queries.one_ready(db.session(), archive.id, clock.now()) is not None
        return str(
            self.render_template(
                "cabinet/settings/archive.html",
                archive=archive,
                is_ready=is_ready,
                form=ButtonForm(),
                months=archives.MONTHS,
                days=archives.KEPT.days,
            )
        )

    @expose("", methods=["POST"])
    @has_access
    def ask(self) -> Response:
        user_id, locale = g.user.id, str(get_locale())
        try:
            with acting_as(db.session(), SYSTEM), transaction() as session:
                archives.ask(session, user_id, locale)
        except DomainError as error:
            flash(str(error), "warning")
            return redirect(url_for(".index"), 303)
        queue.put("make_archives")
        flash(_("The archive is being made. A letter tells when it is ready."), "success")
        return redirect(url_for(".index"), 303)

    @expose(f"/{ID}.zip")
    @has_access
    @permission_name("index")
    def file(self, pk: int) -> Response:
        archive = queries.one_ready(db.session(), pk, clock.now()) or abort(404)
        path = archives.path(Path(current_app.config["DATA_DIR"]), archive)
        name = f"rodnik-{clock.local(archive.asked_at):%Y-%m-%d}.zip"
        if not path.is_file():
            abort(404)
        with transaction() as session:
            audit.record(session, "took the archive of own data", archive)
        answer = send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)
        answer.headers["Cache-Control"] = "no-store"
        return answer
