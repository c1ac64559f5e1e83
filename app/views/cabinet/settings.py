"""Pages of SettingsView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class SettingsView(CabinetView):
    route_base = "/cabinet/settings"

    @expose("")
    @has_access
    def index(self) -> str:
        return "SettingsView.index"
