"""The catalogue of services that a customer may ask for."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ...extensions import db
from ...queries import requests
from ..base import CabinetView


class ServicesView(CabinetView):
    route_base = "/cabinet/services"

    @expose("")
    @has_access
    def index(self) -> str:
        return str(self.render_template("cabinet/services/index.html", offerings=requests.offerings(db.session())))
