"""Pages of PaymentsView."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ..base import CabinetView


class PaymentsView(CabinetView):
    route_base = "/cabinet/payments"

    @expose("")
    @has_access
    def index(self) -> str:
        return "PaymentsView.index"
