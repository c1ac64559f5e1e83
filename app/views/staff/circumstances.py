"""What befell a house, a meter or an account and changes its bill: interruptions, faults of meters, residents."""

from ...domain import circumstances
from ...i18n import _l
from ...models import AccountResidents, Interruption, MeterFault
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

INTERRUPTIONS = PanelInterface(Interruption, prepare=circumstances.interruption)
INTERRUPTION = ["house", "service", "began_at", "ended_at", "note"]


class StaffInterruptionsView(StaffModelView):
    route_base = "/staff/interruptions"
    include_route_methods = DELETING
    datamodel = INTERRUPTIONS
    list_title, show_title = _l("Interruptions of supply"), _l("Interruption of supply")
    add_title, edit_title = _l("Add an interruption"), _l("Change the interruption")
    label_columns = labels()
    list_columns = ["house", "service", "began_at", "ended_at"]
    show_columns = add_columns = edit_columns = INTERRUPTION
    description_columns = {"ended_at": _l("Beyond 8 hours a month each full hour lowers the charge.")}
    search_columns = ["house", "began_at"]
    order_columns = ["began_at"]
    base_order = ("began_at", "desc")
    export_columns = ["house.label", "service.name", "began_at", "ended_at", "note"]


class InterruptionsApi(rest.StaffModelRestApi):
    resource_name = "interruptions"
    include_route_methods = rest.DELETING
    datamodel = INTERRUPTIONS
    list_columns = ["id", "house.id", "house.label", "service.id", "service.code", "began_at", "ended_at", "note"]
    add_columns = edit_columns = INTERRUPTION
    search_columns = ["house", "began_at"]
    order_columns = ["id", "began_at"]


METER_FAULTS = PanelInterface(MeterFault, prepare=circumstances.meter_fault)
METER_FAULT = ["meter", "kind", "since", "until", "note"]


class StaffMeterFaultsView(StaffModelView):
    route_base = "/staff/meter-faults"
    include_route_methods = DELETING
    datamodel = METER_FAULTS
    list_title, show_title = _l("Faults of meters"), _l("Fault of a meter")
    add_title, edit_title = _l("Add a fault"), _l("Change the fault")
    label_columns = labels()
    list_columns = ["meter", "account", "kind", "since", "until"]
    show_columns = ["meter", "account", "kind", "since", "until", "note"]
    add_columns = edit_columns = METER_FAULT
    description_columns = {"until": _l("Leave it empty while the meter cannot be believed.")}
    search_columns = ["meter", "account"]
    base_order = ("id", "desc")
    export_columns = ["meter.serial", "account.number", "kind", "since", "until", "note"]


class MeterFaultsApi(rest.StaffModelRestApi):
    resource_name = "meter-faults"
    include_route_methods = rest.DELETING
    datamodel = METER_FAULTS
    list_columns = [
        "id",
        "meter.id",
        "meter.serial",
        "account.id",
        "account.number",
        "kind",
        "since",
        "until",
        "note",
    ]
    add_columns = edit_columns = METER_FAULT
    search_columns = ["meter", "account"]
    order_columns = ["id"]


RESIDENTS = PanelInterface(
    AccountResidents,
    prepare=circumstances.residents,
    refusals={
        "uq_account_residents": ("valid_from", _l("There is a number from that day already: change that row.")),
    },
)
NUMBER = ["account", "valid_from", "residents"]


class StaffResidentsView(StaffModelView):
    route_base = "/staff/residents"
    include_route_methods = DELETING
    datamodel = RESIDENTS
    list_title, show_title = _l("Changes of residents"), _l("Change of residents")
    add_title, edit_title = _l("Add a change of residents"), _l("Change the number of residents")
    label_columns = labels(valid_from=_l("From day"))
    list_columns = show_columns = add_columns = NUMBER
    edit_columns = ["valid_from", "residents"]
    description_columns = {"valid_from": _l("Within a month people are counted by their days.")}
    search_columns = ["account"]
    base_order = ("id", "desc")
    export_columns = ["account.number", "valid_from", "residents"]


class ResidentsApi(rest.StaffModelRestApi):
    resource_name = "residents"
    include_route_methods = rest.DELETING
    datamodel = RESIDENTS
    list_columns = ["id", "account.id", "account.number", "valid_from", "residents"]
    add_columns = NUMBER
    edit_columns = ["valid_from", "residents"]
    search_columns = ["account"]
    order_columns = ["id"]
