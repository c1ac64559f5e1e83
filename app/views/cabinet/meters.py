"""The meters of the chosen account and how long their verification holds."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ... import clock
from ...domain import verification
from ...extensions import db
from ...queries import meters
from ..base import CabinetView, current_account


class MetersView(CabinetView):
    route_base = "/cabinet/meters"

    @expose("")
    @has_access
    def index(self) -> str:
        account, today = current_account(), clock.today()
        found = meters.of_account(db.session(), account.id) if account else []
        in_use = [(meter, verification.state(meter, today)) for meter in found if meter.removed_on is None]
        return str(
            self.render_template(
                "cabinet/meters/index.html",
                meters=in_use,
                removed=[meter for meter in found if meter.removed_on is not None],
                today=today,
            )
        )
