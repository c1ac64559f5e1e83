"""Who looked at my data: the acts of staff that concern the customer's accounts."""

from flask import g, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ...extensions import db
from ...i18n import _l
from ...queries import traces
from ...security.audit import EXPORTED, LOOKED, VIEWED
from ...security.scope import SYSTEM, acting_as
from ..base import CabinetView, id_argument

PAGE = 25
WORDS = {
    (LOOKED, "account"): _l("An employee opened your account"),
    (LOOKED, "customer"): _l("An employee opened your contacts"),
    (LOOKED, "service_request"): _l("An employee opened your request"),
    (LOOKED, "attachment"): _l("An employee opened a file of your request"),
    (EXPORTED, "account"): _l("An employee took away a list of accounts, in which yours may be"),
    (EXPORTED, "customer"): _l("An employee took away a list of customers, in which you may be"),
    (VIEWED, "ab_user"): _l("An employee looked at the pages of your cabinet, without cards and payments"),
}


class TracesView(CabinetView):
    route_base = "/cabinet/settings/traces"

    @expose("")
    @has_access
    def index(self) -> str:
        """Names of employees stay with the utility: it answers for them."""
        user_id, before, session = g.user.id, id_argument("before"), db.session()
        held = traces.held(session, user_id)
        with acting_as(session, SYSTEM):
            found = traces.of_data(
                session,
                user_id,
                held,
                looked=LOOKED,
                exported=EXPORTED,
                viewed=VIEWED,
                before=before,
                size=PAGE + 1,
            )
            shown = [
                (WORDS[each.action, each.object_type], each.happened_at, each.detail.get("reason", ""))
                for each in found[:PAGE]
            ]
            further = url_for(".index", before=found[PAGE - 1].id) if len(found) > PAGE else None
        return str(
            self.render_template(
                "cabinet/settings/traces.html",
                shown=shown,
                further=further,
                back=url_for(".index") if before else None,
            )
        )
