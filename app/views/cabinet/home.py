"""Pages of HomeView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class HomeView(CabinetView):
    route_base = "/cabinet"

    @expose("/")
    @has_access
    def index(self) -> str:
        return "HomeView.index"
