"""The customer's accounts, and which of them the pages are about."""

from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...extensions import db
from ...queries import accounts, ledger
from ..base import ACCOUNT_KEY, ID, CabinetView, current_account, my_accounts


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
        return redirect(_page_of_ours(request.form.get("next", "")) or url_for("HomeView.index"), 303)


def _page_of_ours(address: str) -> str | None:
    """A path inside the cabinet, without its query: an id in it may be of the account left behind."""
    parts = urlsplit(address)
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/cabinet/") and "\\" not in address
    return parts.path if is_ours else None
