"""The customer's accounts, and which of them the pages are about."""

import re

from flask import abort, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...extensions import db
from ...queries import accounts, ledger
from ..base import ACCOUNT_KEY, ID, CabinetView, current_account, my_accounts

PAGE_OF_OURS = re.compile(r"/cabinet/[a-z0-9/-]*")  # a path without a query: its ids may be of the account left behind


class AccountsView(CabinetView):
    route_base = "/cabinet/accounts"

    @expose("")
    @has_access
    def index(self) -> str:
        session, ids = db.session(), [account.id for account in my_accounts()]
        return str(
            self.render_template(
                "cabinet/accounts/index.html",
                mine=my_accounts(),
                chosen=current_account(),
                balances=ledger.balance_of(session, ids),
                services=accounts.services_of(session, ids),
            )
        )

    @expose(f"/{ID}/choose", methods=["POST"])
    @has_access
    def choose(self, pk: int) -> Response:
        """Remember the account for this sign-in and go back to the page where it was chosen."""
        if pk not in {account.id for account in my_accounts()}:
            abort(404)
        cookie[ACCOUNT_KEY] = pk
        asked = request.form.get("next", "")
        return redirect(asked if PAGE_OF_OURS.fullmatch(asked) else url_for("HomeView.index"), 303)
