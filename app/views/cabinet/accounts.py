"""Pages of AccountsView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class AccountsView(CabinetView):
    route_base = "/cabinet/accounts"

    @expose("")
    @has_access
    def index(self) -> str:
        return "AccountsView.index"

    @expose("/<int:pk>/choose")
    @has_access
    def choose(self, pk: int) -> str:
        return "AccountsView.choose"
