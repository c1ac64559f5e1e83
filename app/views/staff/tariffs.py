"""Tariffs: the price of a cubic metre between two dates."""

from ...i18n import _l
from ...models import Tariff
from .labels import labels
from .rates import ACT, DAYS, DatedApi, DatedView, table

TARIFFS = table(Tariff)
LINE, COLUMNS = ["service", "payer_group", "territory"], ["price", "vat_mode", *DAYS, *ACT]


class StaffTariffsView(DatedView):
    route_base = "/staff/tariffs"
    datamodel = TARIFFS
    list_title, show_title = _l("Tariffs"), _l("Tariff")
    add_title, edit_title = _l("Add a tariff"), _l("Change the tariff")
    label_columns = labels()
    list_columns = ["service", "payer_group", "territory", "price", *DAYS, "status"]
    show_columns = add_columns = [*LINE, *COLUMNS]
    edit_columns = COLUMNS
    search_columns = ["service", "payer_group", "valid_from", "status"]
    order_columns = ["valid_from", "price", "territory"]
    export_columns = ["service.name", "payer_group", "territory", *COLUMNS]


class TariffsApi(DatedApi):
    resource_name = "tariffs"
    datamodel = TARIFFS
    list_columns = ["id", "service.id", "service.code", "payer_group", "territory", *COLUMNS]
    add_columns = [*LINE, *COLUMNS]
    edit_columns = COLUMNS
    search_columns = ["service", "payer_group", "valid_from", "status"]
    order_columns = ["id", "valid_from"]
