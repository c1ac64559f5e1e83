"""Pages of RecoveryView."""

from flask_appbuilder import expose

from ..base import CabinetView


class RecoveryView(CabinetView):
    route_base = ""

    @expose("/recover")
    def index(self) -> str:
        return "RecoveryView.index"
