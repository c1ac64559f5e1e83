"""Charges and payments by period."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ...domain import dues, statements
from ...extensions import db
from ...models import PayerGroup
from ..base import CabinetView, current_account, month_argument


class ChargesView(CabinetView):
    route_base = "/cabinet/charges"

    @expose("")
    @has_access
    def index(self) -> str:
        session, account = db.session(), current_account()
        if account is None:
            return str(self.render_template("cabinet/charges/index.html", statement=None))
        before, after = month_argument("before"), month_argument("after")
        return str(
            self.render_template(
                "cabinet/charges/index.html",
                statement=statements.of_account(session, account.id, before=before, after=after),
                owed=dues.of_account(session, account.id).owed,
                is_first=not (before or after),
                has_vat=account.payer_group is PayerGroup.other,
            )
        )
