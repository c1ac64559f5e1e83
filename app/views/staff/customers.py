"""Customers: the people whom the utility serves."""

from typing import Any

from ...domain import records
from ...formats import phone
from ...i18n import _l
from ...model_types import folded
from ...models import Customer
from ...panel.datamodel import PanelInterface
from ...panel.filters import prefix, words
from .accounts import StaffAccountsView
from .home import view_as_customer
from .labels import labels
from .traced import TracedApi, TracedView


def _digits(text: str) -> str:
    """A phone as it is stored: «8 (342) 291…» and «+7 342 291…» begin with 7."""
    digits = "".join(filter(str.isdigit, text))
    return "7" + digits[1:] if digits.startswith("8") else digits


CUSTOMERS = PanelInterface(
    Customer,
    search={"full_name": [prefix("name_fold", folded), words("name_fold")], "phone": [prefix(clean=_digits)]},
    prepare=records.customer,
)


class StaffCustomersView(TracedView):
    route_base = "/staff/customers"
    datamodel = CUSTOMERS
    list_title, show_title = _l("Customers"), _l("Customer")
    add_title, edit_title = _l("Add a customer"), _l("Change the customer")
    label_columns = labels()
    formatters_columns = {"phone": phone}
    list_columns = ["full_name", "phone", "email"]
    show_columns = list_columns
    add_columns = edit_columns = list_columns
    search_columns = ["full_name", "phone"]
    order_columns = ["full_name"]
    ordered_by = {"full_name": "name_fold"}
    related_views = [StaffAccountsView]

    def further_links(self, row: Any | None = None) -> Any:
        own = [] if row is None else view_as_customer("customer", row)
        return [*own, *super().further_links(row)]


class CustomersApi(TracedApi):
    resource_name = "customers"
    datamodel = CUSTOMERS
    list_columns = ["id", "full_name", "phone", "email"]
    add_columns = edit_columns = ["full_name", "phone", "email"]
    search_columns = ["full_name", "phone"]
    order_columns = ["id", "full_name"]
    ordered_by = {"full_name": "name_fold"}
