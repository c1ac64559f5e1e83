"""Pages of ServicesView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class ServicesView(CabinetView):
    route_base = "/cabinet/services"

    @expose("")
    @has_access
    def index(self) -> str:
        return "ServicesView.index"
