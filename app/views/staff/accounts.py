"""Accounts: who pays for which premises."""

from typing import Any

from flask import url_for

from ...domain import records
from ...extensions import db
from ...i18n import _, _l
from ...models import Account
from ...panel.datamodel import PanelInterface
from ...panel.fields import TicksField
from ...panel.filters import Prefix
from ...panel.pages import Link
from ...queries import records as queries
from .circumstances import StaffResidentsView
from .corrections import StaffCorrectionsView
from .home import may_open, view_as_customer
from .labels import labels
from .meters import StaffMetersView
from .payments import StaffPaymentsView
from .readings import StaffReadingsView
from .service_requests import StaffServiceRequestsView
from .traced import TracedApi, TracedView


class AccountNumber(Prefix):
    """The number with its leading zeros or without them."""

    hint = _l("With the leading zeros or without them")

    def searched(self, text: str) -> tuple[str, str]:
        typed = "".join(text.split())
        return "number" if typed.startswith("0") else "number_key", typed


ACCOUNTS = PanelInterface(
    Account,
    search={"number": [AccountNumber]},
    prepare=records.account,
    refusals={
        "one_payer": ("customer", _l("Choose either a customer or a legal entity: one of them pays.")),
        "uq_account_number": ("number", _l("There is an account with this number already.")),
    },
)
PAYER = ["customer", "legal_entity", "contract"]
FACTS = ["payer_group", "residents", "can_have_meter", "bears_impact", "opened_on"]


def _services() -> Any:
    return TicksField(_l("Billed for"), rows=lambda: queries.billed_services(db.session()))


class StaffAccountsView(TracedView):
    route_base = "/staff/accounts"
    datamodel = ACCOUNTS
    list_title, show_title = _l("Accounts"), _l("Account")
    add_title, edit_title = _l("Open an account"), _l("Change the account")
    label_columns = labels(number=_l("Account number"))
    list_columns = ["number", "premises", "customer", "legal_entity", "status"]
    show_columns = ["number", "premises", *PAYER, *FACTS, "status", "closed_on"]
    add_columns = ["number", "premises", *PAYER, *FACTS, "billed_for"]
    edit_columns = [*add_columns, "status", "closed_on"]
    add_form_extra_fields = {"billed_for": _services()}
    edit_form_extra_fields = {"billed_for": _services()}
    description_columns = {
        "customer": _l(
            "One of the two pays: a customer or a legal entity. Another one here is a change of owner: whoever saw the"
            " account in a cabinet sees it no more, and loses its calendars and their saved cards."
        ),
        "closed_on": _l("The last day that is charged for; today where it is left empty."),
    }
    search_columns = ["number", "premises", "customer", "legal_entity"]
    order_columns = ["number"]
    base_order = ("number", "asc")
    export_columns = [
        "number",
        "premises.address",
        "customer.full_name",
        "legal_entity.name",
        "payer_group",
        "status",
        "opened_on",
        "closed_on",
    ]
    related_views = [StaffMetersView, StaffPaymentsView, StaffCorrectionsView]
    linked_views = [StaffReadingsView, StaffServiceRequestsView, StaffResidentsView]

    def further_links(self, row: Any | None = None) -> Any:
        links = super().further_links(row)
        if row is None:
            return links
        own = ("AccountBillsView.index", _("Bills")), ("CorrectionDeskView.ask", _("Correct the charges"))
        mine = [Link(words, url_for(page, pk=row.id)) for page, words in own if may_open(page)]
        return [*mine, *view_as_customer("account", row), *links]

    def prefill_form(self, form: Any, pk: Any) -> None:
        form.billed_for.data = [each.service for each in queries.services_of(db.session(), pk)]


class AccountsApi(TracedApi):
    resource_name = "accounts"
    datamodel = ACCOUNTS
    list_columns = [
        "id",
        "number",
        "status",
        "payer_group",
        "premises.id",
        "premises.address",
        "customer.id",
        "customer.full_name",
        "legal_entity.id",
        "legal_entity.name",
    ]
    show_columns = [
        *list_columns,
        "residents",
        "can_have_meter",
        "bears_impact",
        "opened_on",
        "closed_on",
        "contract.id",
        "contract.number",
    ]
    add_columns = ["number", "premises", *PAYER, *FACTS]
    edit_columns = [*add_columns, "status", "closed_on"]
    search_columns = ["number", "premises", "customer", "legal_entity"]
    order_columns = ["id", "number"]
