"""Pages of RegistrationView."""

from flask_appbuilder import expose

from ..base import CabinetView


class RegistrationView(CabinetView):
    route_base = ""

    @expose("/register")
    def index(self) -> str:
        return "RegistrationView.index"
