"""Saved cards of a customer: which payments used one, and how to remove it."""

from flask import abort, flash, g, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...domain import cards
from ...extensions import db, transaction
from ...i18n import _
from ...queries import cards as queries
from ..base import ID, CabinetView, id_argument

PAGE = 20


class CardsView(CabinetView):
    route_base = "/cabinet/settings/cards"

    @expose(f"/{ID}")
    @has_access
    def index(self, pk: int) -> str:
        """What was paid with the card; it is not there any more once it is removed."""
        card = queries.kept_one(db.session(), pk, g.user.id) or abort(404)
        before = id_argument("before")
        used = queries.payments_with(db.session(), pk, before_id=before, most=PAGE + 1)
        return str(
            self.render_template(
                "cabinet/settings/card.html",
                card=card,
                history=used[:PAGE],
                before=before,
                older=used[PAGE - 1].id if len(used) > PAGE else None,
            )
        )

    @expose(f"/{ID}/remove", methods=["POST"])
    @has_access
    @permission_name("index")
    def remove(self, pk: int) -> Response:
        with transaction() as session:
            if not cards.remove(session, g.user.id, pk):
                abort(404)
        flash(_("The card is removed. Nobody can pay with it here any more."), "success")
        return redirect(url_for("SettingsView.index"), 303)
