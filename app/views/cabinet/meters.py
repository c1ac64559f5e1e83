"""Pages of MetersView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class MetersView(CabinetView):
    route_base = "/cabinet/meters"

    @expose("")
    @has_access
    def index(self) -> str:
        return "MetersView.index"
