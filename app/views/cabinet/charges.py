"""Pages of ChargesView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class ChargesView(CabinetView):
    route_base = "/cabinet/charges"

    @expose("")
    @has_access
    def index(self) -> str:
        return "ChargesView.index"
