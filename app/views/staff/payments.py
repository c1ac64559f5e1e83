"""Payments from the first click to the ledger: read only, the gateway's word alone changes them."""

from ...i18n import _l
from ...models import Payment
from ...panel.datamodel import PanelInterface
from ...panel.rest import READING as REST_READING
from ...panel.rest import StaffModelRestApi
from ...panel.views import READING, StaffModelView
from .labels import labels

PAYMENTS = PanelInterface(Payment)


class StaffPaymentsView(StaffModelView):
    route_base = "/staff/payments"
    include_route_methods = READING
    datamodel = PAYMENTS
    list_title, show_title = _l("Payments"), _l("Payment")
    label_columns = labels()
    list_columns = ["created_at", "account", "amount", "channel", "state", "order_number"]
    show_columns = [
        "order_number",
        "account",
        "amount",
        "channel",
        "state",
        "payment_type",
        "payee",
        "basis",
        "created_at",
        "paid_at",
        "changed_at",
    ]
    search_columns = ["order_number", "account", "created_at"]
    order_columns = ["created_at"]
    base_order = ("id", "desc")
    export_columns = ["created_at", "paid_at", "account.number", "amount", "channel", "state", "order_number", "basis"]


class PaymentsApi(StaffModelRestApi):
    resource_name = "payments"
    include_route_methods = REST_READING
    datamodel = PAYMENTS
    list_columns = [
        "id",
        "order_number",
        "amount",
        "channel",
        "state",
        "basis",
        "created_at",
        "paid_at",
        "account.id",
        "account.number",
    ]
    search_columns = ["order_number", "account", "created_at"]
    order_columns = ["id", "created_at"]
    base_order = ("id", "desc")
