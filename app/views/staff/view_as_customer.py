"""A cabinet as its customer sees it, for support: a reason first, a quarter of an hour, nothing changes."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import abort, flash, g, redirect, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...extensions import appbuilder, db, transaction
from ...forms.view_as_customer import ViewAsCustomerForm
from ...i18n import _
from ...models import Account, Customer, SiteUser
from ...queries import cabinets
from ...security import audit, sessions
from ...security.scope import Kind, Principal, become
from ..base import ACCOUNT_KEY, ID, CabinetView
from ..viewing import BEGAN_AT, LASTS, end

Page = str | Response | tuple[str, int]
KINDS: dict[str, tuple[type[Account] | type[Customer], Callable[[Session, int], Sequence[SiteUser]], str]] = {
    "account": (Account, cabinets.of_account, "StaffAccountsView.show"),
    "customer": (Customer, cabinets.of_customer, "StaffCustomersView.show"),
}
ADDRESS = f"/<any({', '.join(KINDS)}):kind>/{ID}"


class ViewAsCustomerView(CabinetView):
    route_base = "/staff/view-as"

    @expose(ADDRESS)
    @has_access
    def index(self, kind: str, pk: int) -> Page:
        row, found = _row(kind, pk), _cabinets(kind, pk)
        page = self._drawn(kind, row, ViewAsCustomerForm(found))
        audit.looked_at(row)
        return page

    @expose(ADDRESS, methods=["POST"])
    @has_access
    def start(self, kind: str, pk: int) -> Page:
        form = ViewAsCustomerForm(_cabinets(kind, pk))
        page = partial(self._drawn, kind, _row(kind, pk), form)
        if not form.validate_on_submit():
            return page(), 422
        with transaction() as session:
            customer = session.get_one(SiteUser, int(form.whom.data))
            sessions.show_cabinet(session, customer.id, clock.now() + LASTS)
            audit.record(session, audit.VIEWED, customer, reason=form.reason.data)
        cookie[BEGAN_AT] = url_for(KINDS[kind][2], pk=pk)
        cookie[ACCOUNT_KEY] = pk if kind == "account" else None
        return redirect(url_for("HomeView.index"), 303)

    @expose("/leave", methods=["POST"])
    def leave(self) -> Response:
        if "viewing" not in g:
            return redirect(url_for("PublicView.index"), 303)
        customer_id = g.user.id
        become(Principal(Kind.staff, g.viewing.staff_id))
        back = end(audit_as="left the cabinet of a customer", customer_id=customer_id)
        flash(_("You have left the cabinet of the customer."), "success")
        return redirect(back, 303)

    def _drawn(self, kind: str, row: Account | Customer, form: ViewAsCustomerForm) -> str:
        minutes = int(LASTS.total_seconds()) // 60
        back = url_for(KINDS[kind][2], pk=row.id)
        values = {"form": form, "title": str(row), "back": back, "minutes": minutes}
        return str(self.render_template("staff/view_as_customer.html", **values))


def _row(kind: str, pk: int) -> Account | Customer:
    found: Account | Customer | None = db.session().get(KINDS[kind][0], pk)
    return found or abort(404)


def _cabinets(kind: str, pk: int) -> list[SiteUser]:
    """Cabinets of customers alone: whoever works here is looked at by nobody."""
    found = KINDS[kind][1](db.session(), pk)
    return [user for user in found if appbuilder.sm.is_customer(user)]
