"""The customer's accounts, and which of them the pages are about."""

import re

from flask import abort, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...extensions import db
from ...queries import accounts, ledger
from ..base import ACCOUNT_KEY, ID, SWITCHED, CabinetView, current_account, id_argument, my_account, my_accounts

PAGE, LONGEST = 25, 100
PAGE_OF_OURS = re.compile(r"/cabinet/[a-z0-9/-]*")  # a path without a query: its ids may be of the account left behind


class AccountsView(CabinetView):
    route_base = "/cabinet/accounts"

    @expose("")
    @has_access
    def index(self) -> str:
        session, asked = db.session(), " ".join(request.args.get("q", "").replace("\x00", "").split())[:LONGEST]
        after, found = id_argument("after") or 0, my_accounts()
        if asked or after or len(found) > SWITCHED:
            found = accounts.page(session, asked, after=after, size=PAGE + 1)
        ids = [account.id for account in found[:PAGE]]
        return str(
            self.render_template(
                "cabinet/accounts/index.html",
                found=found[:PAGE],
                asked=asked,
                further=url_for(".index", q=asked or None, after=ids[-1]) if len(found) > PAGE else None,
                back=url_for(".index", q=asked or None) if after else None,
                chosen=current_account(),
                balances=ledger.balance_of(session, ids),
                services=accounts.services_of(session, ids),
            )
        )

    @expose(f"/{ID}/choose", methods=["POST"])
    @has_access
    def choose(self, pk: int) -> Response:
        """Remember the account for this sign-in and go back to the page where it was chosen."""
        if my_account(pk) is None:
            abort(404)
        cookie[ACCOUNT_KEY] = pk
        asked = request.form.get("next", "")
        return redirect(asked if PAGE_OF_OURS.fullmatch(asked) else url_for("HomeView.index"), 303)
