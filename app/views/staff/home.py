"""The first page of staff: find a person, take what waits, see how the month comes in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ... import clock
from ...domain import desk, reading_window
from ...extensions import appbuilder, db
from ...i18n import _, _l
from ...models import Account, Customer
from ...panel.pages import Link
from ...queries import desk as counts
from ...queries import find
from ..base import CabinetView, settings
from ..fragments import contains


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the first one leads to; who may not open it does not see it there."""

    name: Any
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    about: Any = ""

    @property
    def is_open(self) -> bool:
        return may_open(self.endpoint)

    @property
    def url(self) -> str:
        return url_for(self.endpoint, **self.arguments)


QUEUES: Mapping[str, Place] = {
    "readings": Place(_l("Readings to check"), "ReadingDeskView.index"),
    "requests": Place(_l("Service requests"), "RequestDeskView.index"),
    "applications": Place(_l("Applications of companies"), "ApplicationDeskView.index"),
    "payments": Place(_l("Unidentified payments"), "UnidentifiedView.index"),
    "alerts": Place(_l("Payments to look at"), "PaymentDeskView.index"),
    "corrections": Place(_l("Corrections to approve"), "CorrectionDeskView.index"),
    "mailings": Place(_l("Mailings to approve"), "CampaignsView.index", {"state": "asked"}),
    "letters": Place(_l("Letters that were not delivered"), "StaffLettersView.list", {"_flt_0_state": "dead"}),
    "works": Place(_l("Works over a month that were cut off"), "StaffBillingView.index"),
}
TASKS = (
    Place(_l("Answer a call"), "PhoneDeskView.index", about=_l("Readings by phone or from paper, by the keyboard")),
    Place(_l("Open a cabinet in the office"), "OfficeDeskView.index", about=_l("The login and a password on a slip")),
    Place(_l("Open an account"), "StaffAccountsView.add", about=_l("The premises, who pays and for which services")),
    Place(_l("Put a meter on record"), "StaffMetersView.add", about=_l("A new one, or one in place of a removed one")),
    Place(_l("Load accounts"), "AccountImportsView.index", about=_l("The file of the billing system, with a preview")),
    Place(_l("Load payments"), "PaymentImportsView.index", about=_l("The registry of a bank, with its control total")),
)
REPORTS = (
    Place(_l("Collection"), "CollectionView.index", about=_l("Charged and paid by month and service")),
    Place(_l("Debtors"), "DebtorsView.index", about=_l("Who owes, how much and for how long")),
    Place(_l("Coverage of readings"), "CoverageView.index", about=_l("By day of the window and by channel")),
    Place(_l("Consumption"), "ConsumptionView.index", about=_l("Cubic metres by month and service")),
)
VIEW_AS_CUSTOMER = "ViewAsCustomerView.start"
ACCOUNT_PAGE = "StaffAccountsView.show"


class StaffHomeView(CabinetView):
    route_base = "/staff"

    @expose("/")
    @has_access
    def index(self) -> Any:
        session, today = db.session(), clock.today()
        places = {code: place for code, place in QUEUES.items() if place.is_open}
        return self.render_template(
            "staff/home.html",
            today=today,
            window=reading_window.on(today, settings()),
            queues=[(queue, places[queue.code]) for queue in desk.queues(session, places, today)],
            coverage=counts.coverage(session, today.replace(day=1)),
            tasks=[place for place in TASKS if place.is_open],
            reports=[place for place in REPORTS if place.is_open],
        )

    @expose("/find")
    @has_access
    def find(self) -> Any:
        asked = request.args.get("q", "")[: find.LONGEST]
        area_code = settings()["utility.local_prefix"]
        found = find.accounts(db.session(), asked, area_code=area_code, contains=contains)
        return self.render_template("staff/find.html", asked=asked, found=found, account_url=_account_url)


def may_open(endpoint: str) -> bool:
    """Whether the person at work may open the page."""
    view, _, method = endpoint.partition(".")
    return bool(appbuilder.sm.has_access(f"can_{method}", view))


def view_as_customer(kind: str, row: Account | Customer) -> list[Link]:
    """The way from the page of an account or a customer to the cabinet as its customer sees it."""
    if not may_open(VIEW_AS_CUSTOMER):
        return []
    return [Link(_("View as customer"), url_for("ViewAsCustomerView.index", kind=kind, pk=row.id))]


def _account_url(account: Account) -> str | None:
    return url_for(ACCOUNT_PAGE, pk=account.id) if may_open(ACCOUNT_PAGE) else None
