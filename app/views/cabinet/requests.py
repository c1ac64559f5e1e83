"""Pages of RequestsView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class RequestsView(CabinetView):
    route_base = "/cabinet/requests"

    @expose("")
    @has_access
    def index(self) -> str:
        return "RequestsView.index"
