"""Charges and payments by period, the words of each bill and its paper."""

from flask import abort
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...domain import bills, dues, explanation_words, statements
from ...domain.bills import Bill
from ...extensions import db
from ...models import PayerGroup
from ..base import CabinetView, current_account, month_argument, month_of
from ..bills import paper, told_values


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
                words=explanation_words,
                has_vat=account.payer_group is PayerGroup.other,
            )
        )

    @expose("/<month>")
    @has_access
    def month(self, month: str) -> str:
        """Why this sum, and why it is not the one of the month before."""
        return str(self.render_template("cabinet/charges/month.html", **told_values(_bill(month))))

    @expose("/<month>/bill.pdf")
    @has_access
    def bill(self, month: str) -> Response:
        return paper(_bill(month))


def _bill(month: str) -> Bill:
    account = current_account() or abort(404)
    return bills.of_account(db.session(), account, month_of(month)) or abort(404)
