"""Legal entities and their contracts."""

from ...domain import records
from ...formats import phone
from ...i18n import _l
from ...models import Contract, LegalEntity
from ...panel.datamodel import PanelInterface
from ...panel.filters import prefix, words
from ...panel.views import StaffModelView
from .accounts import StaffAccountsView
from .labels import labels
from .traced import TracedApi, TracedView

LEGAL_ENTITIES = PanelInterface(
    LegalEntity,
    search={"name": [words("name_fold")], "inn": [prefix()]},
    prepare=records.legal_entity,
    refusals={"uq_legal_entity_inn_kpp": ("inn", _l("There is a legal entity with this INN and KPP already."))},
)


class StaffContractsView(StaffModelView):
    route_base = "/staff/contracts"
    datamodel = PanelInterface(Contract, prepare=records.contract)
    list_title, show_title = _l("Contracts"), _l("Contract")
    add_title, edit_title = _l("Add a contract"), _l("Change the contract")
    label_columns = labels(number=_l("Contract number"))
    list_columns = ["number", "legal_entity", "signed_on"]
    show_columns = add_columns = edit_columns = list_columns
    search_columns = ["legal_entity"]
    export_columns = ["number", "legal_entity.name", "signed_on"]


class StaffLegalEntitiesView(TracedView):
    route_base = "/staff/legal-entities"
    datamodel = LEGAL_ENTITIES
    list_title, show_title = _l("Legal entities"), _l("Legal entity")
    add_title, edit_title = _l("Add a legal entity"), _l("Change the legal entity")
    label_columns = labels(name=_l("Name of the organisation"))
    formatters_columns = {"phone": phone}
    list_columns = ["name", "inn", "kpp", "phone"]
    show_columns = ["name", "inn", "kpp", "ogrn", "payer_class", "phone", "email"]
    add_columns = edit_columns = show_columns
    description_columns = {"payer_class": _l("It decides what a delay of payment costs.")}
    search_columns = ["name", "inn"]
    order_columns = ["name"]
    ordered_by = {"name": "name_fold"}
    related_views = [StaffAccountsView, StaffContractsView]


class LegalEntitiesApi(TracedApi):
    resource_name = "legal-entities"
    datamodel = LEGAL_ENTITIES
    list_columns = ["id", "name", "inn", "kpp", "ogrn", "payer_class", "phone", "email"]
    add_columns = edit_columns = ["name", "inn", "kpp", "ogrn", "payer_class", "phone", "email"]
    search_columns = ["name", "inn"]
    order_columns = ["id", "name"]
    ordered_by = {"name": "name_fold"}
