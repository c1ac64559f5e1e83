"""Tariffs: the price of a cubic metre between two dates."""

from ...domain import tariffs
from ...i18n import _l
from ...models import Tariff
from ...panel.datamodel import PanelInterface
from ...panel.rest import StaffModelRestApi
from ...panel.views import StaffModelView
from .labels import labels

TARIFFS = PanelInterface(Tariff, prepare=tariffs.prepare, is_small=True)
COLUMNS = ["service", "payer_group", "territory", "price", "vat_mode", "valid_from", "valid_to", "act", "status"]


class StaffTariffsView(StaffModelView):
    route_base = "/staff/tariffs"
    datamodel = TARIFFS
    list_title, show_title = _l("Tariffs"), _l("Tariff")
    add_title, edit_title = _l("Add a tariff"), _l("Change the tariff")
    label_columns = labels()
    list_columns = ["service", "payer_group", "territory", "price", "valid_from", "valid_to", "status"]
    show_columns = add_columns = edit_columns = COLUMNS
    description_columns = {"act": _l("The decision that set the price: who, when, number.")}
    search_columns = ["service", "payer_group", "valid_from", "status"]
    order_columns = ["valid_from", "price", "territory"]
    base_order = ("valid_from", "desc")
    export_columns = ["service.name", *COLUMNS[1:]]


class TariffsApi(StaffModelRestApi):
    resource_name = "tariffs"
    datamodel = TARIFFS
    list_columns = ["id", "service.id", "service.code", *COLUMNS[1:]]
    add_columns = edit_columns = COLUMNS
    search_columns = ["service", "payer_group", "valid_from", "status"]
    order_columns = ["id", "valid_from"]
