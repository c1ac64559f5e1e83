"""Payments from the first click to the ledger: read only, the gateway's word alone changes them."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement

from ...domain import payment_alerts
from ...i18n import _, _l
from ...models import Payment
from ...panel.datamodel import PanelInterface
from ...panel.filters import PanelFilter
from ...panel.pages import Link
from ...panel.rest import READING as REST_READING
from ...panel.rest import StaffModelRestApi
from ...panel.values import Unfit
from ...panel.views import READING, StaffModelView
from .home import may_open
from .labels import labels


class Alerted(PanelFilter):
    """Payments that a person must look at; the partial index of alerts serves it."""

    name, arg_name, kind = _l("is"), "is", "select"

    def choices(self) -> Sequence[tuple[str, Any]]:
        return [("any", _("Any"))]

    def condition(self, text: str) -> ColumnElement[bool]:
        if text != "any":
            raise Unfit
        return Payment.alert.is_not(None)


PAYMENTS = PanelInterface(Payment, search={"alert": (Alerted,)})


class StaffPaymentsView(StaffModelView):
    route_base = "/staff/payments"
    include_route_methods = READING
    datamodel = PAYMENTS
    list_title, show_title = _l("Payments"), _l("Payment")
    label_columns = labels()
    list_columns = ["created_at", "account", "amount", "channel", "state", "alert", "order_number"]
    show_columns = [
        "order_number",
        "account",
        "amount",
        "channel",
        "state",
        "alert",
        "payment_type",
        "payee",
        "basis",
        "created_at",
        "paid_at",
        "changed_at",
    ]
    formatters_columns = {"alert": payment_alerts.label}
    search_columns = ["order_number", "account", "state", "alert", "created_at"]
    order_columns = ["created_at"]
    base_order = ("id", "desc")
    export_columns = ["created_at", "paid_at", "account.number", "amount", "channel", "state", "order_number", "basis"]

    def further_links(self, row: Any | None = None) -> Any:
        links = super().further_links(row)
        if row is None or not may_open("PaymentDeskView.index"):
            return links
        return [Link(_("History, decisions and refunds"), url_for("PaymentDeskView.show", pk=row.id)), *links]


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
        "alert",
        "basis",
        "created_at",
        "paid_at",
        "account.id",
        "account.number",
    ]
    search_columns = ["order_number", "account", "state", "alert", "created_at"]
    order_columns = ["id", "created_at"]
    base_order = ("id", "desc")
