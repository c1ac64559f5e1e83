"""Rates between two dates: normatives, coefficients, the tax, due days and what penalties are made of. A row stays in
its line: what tells lines apart is not edited."""

from typing import Any

from ...domain import dated
from ...i18n import _l
from ...models import Coefficient, DueDay, KeyRate, Moratorium, Normative, PenaltyShare, RateCap, VatRate
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

DAYS, ACT = ["valid_from", "valid_to"], ["act", "status"]


class DatedView(StaffModelView):
    include_route_methods = DELETING
    base_order = ("valid_from", "desc")
    description_columns = {
        "act": _l("The decision: who, when, number."),
        "status": _l(
            "A draft keeps its days and does not count yet; an example counts and waits to be checked against its act."
        ),
        "valid_to": _l("Leave it empty while no end is known."),
    }

    def pre_delete(self, row: Any) -> None:
        dated.before_deletion(row)


class DatedApi(rest.StaffModelRestApi):
    include_route_methods = rest.DELETING

    def pre_delete(self, row: Any) -> None:
        dated.before_deletion(row)


def table(model: type[Any]) -> PanelInterface:
    return PanelInterface(model, prepare=dated.prepare, is_small=True)


NORMATIVES, NORMATIVE = table(Normative), ["volume", *DAYS, *ACT]


class StaffNormativesView(DatedView):
    route_base = "/staff/normatives"
    datamodel = NORMATIVES
    list_title, show_title = _l("Normatives"), _l("Normative")
    add_title, edit_title = _l("Add a normative"), _l("Change the normative")
    label_columns = labels(volume=_l("m³ a person a month"))
    list_columns = ["category", "service", "volume", *DAYS, "status"]
    show_columns = add_columns = ["category", "service", *NORMATIVE]
    edit_columns = NORMATIVE
    description_columns = {
        **DatedView.description_columns,
        "category": _l("Houses name the same kind, word for word."),
    }
    search_columns = ["service", "status"]
    order_columns = ["valid_from", "category"]
    export_columns = ["category", "service.name", *NORMATIVE]


class NormativesApi(DatedApi):
    resource_name = "normatives"
    datamodel = NORMATIVES
    list_columns = ["id", "category", "service.id", "service.code", *NORMATIVE]
    add_columns = ["category", "service", *NORMATIVE]
    edit_columns = NORMATIVE
    search_columns = ["service", "status"]
    order_columns = ["id", "valid_from"]


COEFFICIENTS, COEFFICIENT = table(Coefficient), ["value", *DAYS, *ACT]


class StaffCoefficientsView(DatedView):
    route_base = "/staff/coefficients"
    datamodel = COEFFICIENTS
    list_title, show_title = _l("Raising coefficients"), _l("Raising coefficient")
    add_title, edit_title = _l("Add a coefficient"), _l("Change the coefficient")
    label_columns = labels(value=_l("Coefficient"))
    list_columns = ["service", "value", *DAYS, "status"]
    show_columns = add_columns = ["service", *COEFFICIENT]
    edit_columns = COEFFICIENT
    search_columns = ["service", "status"]
    order_columns = ["valid_from"]
    export_columns = ["service.name", *COEFFICIENT]


class CoefficientsApi(DatedApi):
    resource_name = "coefficients"
    datamodel = COEFFICIENTS
    list_columns = ["id", "service.id", "service.code", *COEFFICIENT]
    add_columns = ["service", *COEFFICIENT]
    edit_columns = COEFFICIENT
    search_columns = ["service", "status"]
    order_columns = ["id", "valid_from"]


VAT_RATES, PERCENT = table(VatRate), ["percent", *DAYS, *ACT]


class StaffVatRatesView(DatedView):
    route_base = "/staff/vat-rates"
    datamodel = VAT_RATES
    list_title, show_title = _l("VAT rates"), _l("VAT rate")
    add_title, edit_title = _l("Add a VAT rate"), _l("Change the VAT rate")
    label_columns = labels()
    list_columns = ["percent", *DAYS, "status"]
    show_columns = add_columns = edit_columns = PERCENT
    order_columns = ["valid_from"]


class VatRatesApi(DatedApi):
    resource_name = "vat-rates"
    datamodel = VAT_RATES
    list_columns = ["id", *PERCENT]
    add_columns = edit_columns = PERCENT
    order_columns = ["id", "valid_from"]


DUE_DAYS, DUE_DAY = table(DueDay), ["day", *DAYS, *ACT]


class StaffDueDaysView(DatedView):
    route_base = "/staff/due-days"
    datamodel = DUE_DAYS
    list_title, show_title = _l("Due days"), _l("Due day")
    add_title, edit_title = _l("Add a due day"), _l("Change the due day")
    label_columns = labels()
    list_columns = ["day", *DAYS, "status"]
    show_columns = add_columns = edit_columns = DUE_DAY
    description_columns = {
        **DatedView.description_columns,
        "day": _l("By this day a bill is paid; a day off moves to the next working day by itself."),
        "valid_from": _l("A month takes the day that is in force on its first day."),
    }
    order_columns = ["valid_from"]


class DueDaysApi(DatedApi):
    resource_name = "due-days"
    datamodel = DUE_DAYS
    list_columns = ["id", *DUE_DAY]
    add_columns = edit_columns = DUE_DAY
    order_columns = ["id", "valid_from"]


KEY_RATES, KEY_RATE = table(KeyRate), ["percent", "valid_from", *ACT]


class StaffKeyRatesView(DatedView):
    route_base = "/staff/key-rates"
    datamodel = KEY_RATES
    list_title, show_title = _l("Key rates"), _l("Key rate")
    add_title, edit_title = _l("Add a key rate"), _l("Change the key rate")
    label_columns = labels()
    list_columns = ["percent", "valid_from", "status"]
    show_columns = add_columns = edit_columns = KEY_RATE
    description_columns = {**DatedView.description_columns, "valid_from": _l("It holds until the next row begins.")}
    search_columns = ["status"]
    order_columns = ["valid_from"]


class KeyRatesApi(DatedApi):
    resource_name = "key-rates"
    datamodel = KEY_RATES
    list_columns = ["id", *KEY_RATE]
    add_columns = edit_columns = KEY_RATE
    search_columns = ["status"]
    order_columns = ["id", "valid_from"]


RATE_CAPS = table(RateCap)


class StaffRateCapsView(DatedView):
    route_base = "/staff/rate-caps"
    datamodel = RATE_CAPS
    list_title, show_title = _l("Caps on the rate of penalties"), _l("Cap on the rate of penalties")
    add_title, edit_title = _l("Add a cap"), _l("Change the cap")
    label_columns = labels()
    list_columns = ["percent", *DAYS, "status"]
    show_columns = add_columns = edit_columns = PERCENT
    order_columns = ["valid_from"]


class RateCapsApi(DatedApi):
    resource_name = "rate-caps"
    datamodel = RATE_CAPS
    list_columns = ["id", *PERCENT]
    add_columns = edit_columns = PERCENT
    order_columns = ["id", "valid_from"]


PENALTY_SHARES, PENALTY_SHARE = table(PenaltyShare), ["share", *DAYS, *ACT]


class StaffPenaltySharesView(DatedView):
    route_base = "/staff/penalty-shares"
    datamodel = PENALTY_SHARES
    list_title, show_title = _l("Shares of the rate in penalties"), _l("Share of the rate in penalties")
    add_title, edit_title = _l("Add a share"), _l("Change the share")
    label_columns = labels()
    list_columns = ["payer_class", "first_day", "share", *DAYS, "status"]
    show_columns = add_columns = ["payer_class", "first_day", *PENALTY_SHARE]
    edit_columns = PENALTY_SHARE
    description_columns = {
        **DatedView.description_columns,
        "share": _l("300 means that a day costs 1/300 of the rate; 0 is no penalty."),
        "first_day": _l("It holds until the first day of the next step."),
    }
    search_columns = ["payer_class", "status"]
    order_columns = ["valid_from", "first_day"]


class PenaltySharesApi(DatedApi):
    resource_name = "penalty-shares"
    datamodel = PENALTY_SHARES
    list_columns = ["id", "payer_class", "first_day", *PENALTY_SHARE]
    add_columns = ["payer_class", "first_day", *PENALTY_SHARE]
    edit_columns = PENALTY_SHARE
    search_columns = ["payer_class", "status"]
    order_columns = ["id", "valid_from"]


MORATORIA, MORATORIUM = table(Moratorium), ["first_on", "last_on", "debts_before", *ACT]


class StaffMoratoriaView(DatedView):
    route_base = "/staff/moratoria"
    datamodel = MORATORIA
    list_title, show_title = _l("Moratoria on penalties"), _l("Moratorium on penalties")
    add_title, edit_title = _l("Add a moratorium"), _l("Change the moratorium")
    label_columns = labels()
    list_columns = ["first_on", "last_on", "debts_before", "status"]
    show_columns = add_columns = edit_columns = MORATORIUM
    description_columns = {
        **DatedView.description_columns,
        "debts_before": _l("Leave it empty where the days are free for every debt."),
    }
    order_columns = ["first_on"]
    base_order = ("first_on", "desc")


class MoratoriaApi(DatedApi):
    resource_name = "moratoria"
    datamodel = MORATORIA
    list_columns = ["id", *MORATORIUM]
    add_columns = edit_columns = MORATORIUM
    order_columns = ["id", "first_on"]


VIEWS = (
    StaffNormativesView,
    StaffCoefficientsView,
    StaffVatRatesView,
    StaffDueDaysView,
    StaffKeyRatesView,
    StaffRateCapsView,
    StaffPenaltySharesView,
    StaffMoratoriaView,
)
APIS = (
    NormativesApi,
    CoefficientsApi,
    VatRatesApi,
    DueDaysApi,
    KeyRatesApi,
    RateCapsApi,
    PenaltySharesApi,
    MoratoriaApi,
)
