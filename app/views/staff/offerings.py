"""The catalogue of services, and what each asks of whoever orders it."""

from typing import Any

from ...domain import offerings
from ...i18n import _l
from ...models import OfferingField, ServiceOffering
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

SERVICES = PanelInterface(
    ServiceOffering,
    prepare=offerings.prepare,
    refusals={"uq_service_offering_code": ("code", _l("There is a service with this code already."))},
    is_small=True,
)
FIELDS = PanelInterface(OfferingField, prepare=offerings.prepare_field, is_small=True)
TEXTS = ["name", "name_en", "description", "description_en", "price", "term_days", "term_is_working", "is_offered"]
FIELD = ["label", "label_en", "kind", "choices", "choices_en", "is_required", "position"]


class StaffOfferingFieldsView(StaffModelView):
    route_base = "/staff/offering-fields"
    include_route_methods = DELETING
    datamodel = FIELDS
    list_title, show_title = _l("What services ask for"), _l("A question of a service")
    add_title, edit_title = _l("Add a question"), _l("Change the question")
    label_columns = labels(label=_l("Question"), kind=_l("Kind of answer"))
    list_columns = ["offering", "label", "kind", "is_required", "position"]
    show_columns = add_columns = ["offering", *FIELD]
    edit_columns = FIELD
    search_columns = ["offering"]
    order_columns = ["position"]
    export_columns = ["offering.name", *FIELD]
    description_columns = {
        "choices": _l("Only for a choice from a list: with semicolons between them."),
        "choices_en": _l("As many of them, in the same order."),
        "position": _l("Smaller numbers stand first."),
    }


class StaffOfferingsView(StaffModelView):
    route_base = "/staff/offerings"
    datamodel = SERVICES
    list_title, show_title = _l("Catalogue of services"), _l("Service")
    add_title, edit_title = _l("Add a service"), _l("Change the service")
    label_columns = labels(price=_l("Price, ₽"))
    list_columns = ["name", "price", "term_days", "term_is_working", "is_offered"]
    show_columns = add_columns = ["code", *TEXTS]
    edit_columns = TEXTS
    order_columns = ["name", "term_days"]
    base_order = ("name", "asc")
    related_views: Any = [StaffOfferingFieldsView]
    description_columns = {
        "code": _l("A word in Latin letters for the address of the order form, for example meter."),
        "price": _l("Empty: by estimate. 0: free of charge."),
        "term_days": _l("In how many days the customer is answered."),
    }


class OfferingsApi(rest.StaffModelRestApi):
    resource_name = "offerings"
    datamodel = SERVICES
    list_columns = ["id", "code", *TEXTS]
    add_columns = ["code", *TEXTS]
    edit_columns = TEXTS
    order_columns = ["id", "name"]


class OfferingFieldsApi(rest.StaffModelRestApi):
    resource_name = "offering-fields"
    include_route_methods = rest.DELETING
    datamodel = FIELDS
    list_columns = ["id", "offering.id", "offering.code", *FIELD]
    add_columns = ["offering", *FIELD]
    edit_columns = FIELD
    search_columns = ["offering"]
    order_columns = ["id", "position"]
