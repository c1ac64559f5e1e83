"""Pages of ReadingsView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class ReadingsView(CabinetView):
    route_base = "/cabinet/readings"

    @expose("")
    @has_access
    def index(self) -> str:
        return "ReadingsView.index"
