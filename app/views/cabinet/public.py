"""Pages of PublicView."""

from flask_appbuilder import expose

from ..base import CabinetView


class PublicView(CabinetView):
    route_base = ""

    @expose("/")
    def index(self) -> str:
        return "PublicView.index"

    @expose("/offices")
    def offices(self) -> str:
        return "PublicView.offices"

    @expose("/tariffs")
    def tariffs(self) -> str:
        return "PublicView.tariffs"

    @expose("/works")
    def works(self) -> str:
        return "PublicView.works"

    @expose("/safety")
    def safety(self) -> str:
        return "PublicView.safety"

    @expose("/privacy")
    def privacy(self) -> str:
        return "PublicView.privacy"
