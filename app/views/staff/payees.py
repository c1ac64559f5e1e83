"""Payees with their bank details, and the kinds of payments that they receive."""

from ...domain import payment_types
from ...i18n import _l
from ...models import Payee, PaymentType
from ...panel.datamodel import PanelInterface
from ...panel.rest import StaffModelRestApi
from ...panel.views import StaffModelView
from .labels import labels

PAYEES = PanelInterface(Payee, prepare=payment_types.prepare_payee, is_small=True)
TYPES = PanelInterface(PaymentType, prepare=payment_types.prepare_type, is_small=True)
DETAILS = ["name", "name_en", "inn", "kpp", "bank_name", "bic", "correspondent", "settlement", "asks_passport"]
KIND = ["code", "name", "name_en", "payee", "pays_services"]


class StaffPayeesView(StaffModelView):
    route_base = "/staff/payees"
    datamodel = PAYEES
    list_title, show_title = _l("Payees"), _l("Payee")
    add_title, edit_title = _l("Add a payee"), _l("Change the payee")
    label_columns = labels()
    list_columns = ["name", "inn", "bank_name", "settlement", "asks_passport"]
    show_columns = add_columns = edit_columns = DETAILS
    description_columns = {"asks_passport": _l("Only for a payee that may not take money from strangers.")}
    order_columns = ["name"]


class PayeesApi(StaffModelRestApi):
    resource_name = "payees"
    datamodel = PAYEES
    list_columns = ["id", *DETAILS]
    add_columns = edit_columns = DETAILS
    order_columns = ["id", "name"]


class StaffPaymentTypesView(StaffModelView):
    route_base = "/staff/payment-types"
    datamodel = TYPES
    list_title, show_title = _l("Kinds of payments"), _l("Kind of payment")
    add_title, edit_title = _l("Add a kind of payments"), _l("Change the kind of payments")
    label_columns = labels()
    list_columns = ["name", "payee", "pays_services"]
    show_columns = add_columns = KIND
    edit_columns = KIND[1:]
    export_columns = ["code", "name", "name_en", "payee.name", "pays_services"]
    description_columns = {"payee": _l("Empty: every payee that no other kind of payments has to itself.")}
    order_columns = ["name"]


class PaymentTypesApi(StaffModelRestApi):
    resource_name = "payment_types"
    datamodel = TYPES
    list_columns = ["id", "code", "name", "name_en", "payee.id", "pays_services"]
    add_columns = KIND
    edit_columns = KIND[1:]
    order_columns = ["id", "name"]
