"""Lines of banks' registries: those without an account wait here as unidentified payments."""

from ...i18n import _l
from ...models import BankOperation
from ...panel.datamodel import PanelInterface
from ...panel.views import READING, StaffModelView
from .labels import labels


class StaffBankOperationsView(StaffModelView):
    route_base = "/staff/bank-operations"
    include_route_methods = READING
    datamodel = PanelInterface(BankOperation)
    list_title, show_title = _l("Bank operations"), _l("Bank operation")
    label_columns = labels(
        operation=_l("Operation"),
        account_number=_l("Account as the bank wrote it"),
        credited=_l("Credited"),
        fee=_l("Bank's fee"),
        source=_l("Registry"),
    )
    list_columns = ["operation", "paid_at", "account_number", "amount", "state"]
    show_columns = ["operation", "source", "paid_at", "account_number", "amount", "credited", "fee", "state"]
    search_columns = ["state"]
    base_order = ("id", "desc")
    export_columns = ["operation", "source", "paid_at", "account_number", "amount", "credited", "fee", "state"]
