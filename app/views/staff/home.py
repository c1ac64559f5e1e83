"""Pages of StaffHomeView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class StaffHomeView(CabinetView):
    route_base = "/staff"

    @expose("/")
    @has_access
    def index(self) -> str:
        return "StaffHomeView.index"
