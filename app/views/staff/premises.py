"""Premises and where they stand: houses, streets, towns."""

from ...domain import records
from ...i18n import _l
from ...models import House, Locality, Premises, Street
from ...panel.datamodel import PanelInterface
from ...panel.filters import words
from ...panel.rest import StaffModelRestApi
from ...panel.views import READING, StaffModelView
from .accounts import StaffAccountsView
from .circumstances import StaffInterruptionsView
from .labels import labels

PREMISES = PanelInterface(
    Premises,
    search={"address": [words("address_fold")]},
    prepare=records.premises,
    refusals={"uq_premises_house_id": ("flat", _l("These premises are on record already."))},
)


class StaffPremisesView(StaffModelView):
    route_base = "/staff/premises"
    datamodel = PREMISES
    list_title, show_title = _l("Premises"), _l("One of the premises")
    add_title, edit_title = _l("Add premises"), _l("Change the premises")
    label_columns = labels()
    list_columns = ["address", "flat"]
    show_columns = ["address", "house", "flat"]
    add_columns = edit_columns = ["house", "flat"]
    description_columns = {"flat": _l("Leave it empty for a private house.")}
    search_columns = ["address", "house"]
    order_columns = ["address"]
    ordered_by = {"address": "address_fold"}
    related_views = [StaffAccountsView]


class PremisesApi(StaffModelRestApi):
    resource_name = "premises"
    datamodel = PREMISES
    list_columns = ["id", "address", "flat", "house.id", "house.label"]
    add_columns = edit_columns = ["house", "flat"]
    search_columns = ["address", "house"]
    order_columns = ["id", "address"]
    ordered_by = {"address": "address_fold"}


class StaffHousesView(StaffModelView):
    route_base = "/staff/houses"
    datamodel = PanelInterface(
        House,
        search={"label": [words("label_fold")]},
        prepare=records.house,
        refusals={"uq_house_street_id": ("number", _l("This house is on record already."))},
    )
    list_title, show_title = _l("Houses"), _l("House")
    add_title, edit_title = _l("Add a house"), _l("Change the house")
    label_columns = labels(number=_l("House number"))
    list_columns = ["label"]
    show_columns = ["label", "street", "number", "district", "housing", "latitude", "longitude"]
    add_columns = edit_columns = ["street", "number", "district", "housing", "latitude", "longitude"]
    description_columns = {
        "district": _l("The part of the town that visits are sent out by; may be empty."),
        "housing": _l("As it stands among the normatives, word for word."),
        "latitude": _l("In degrees, for example 58,010455: for the map of works; may be empty."),
        "longitude": _l("In degrees, for example 56,229443: for the map of works; may be empty."),
    }
    search_columns = ["label", "street"]
    order_columns = ["label"]
    ordered_by = {"label": "label_fold"}
    related_views = [StaffPremisesView]
    linked_views = [StaffInterruptionsView]


class StaffStreetsView(StaffModelView):
    """A street keeps its name: the addresses of its premises are made of it."""

    route_base = "/staff/streets"
    include_route_methods = READING | {"add"}
    datamodel = PanelInterface(Street, search={"name": [words("name_fold")]}, prepare=records.street)
    list_title, show_title, add_title = _l("Streets"), _l("Street"), _l("Add a street")
    label_columns = labels(name=_l("Street"))
    list_columns = ["name", "locality"]
    show_columns = add_columns = list_columns
    search_columns = ["name", "locality"]
    order_columns = ["name"]
    ordered_by = {"name": "name_fold"}
    export_columns = ["name", "locality.name"]
    related_views = [StaffHousesView]


class StaffLocalitiesView(StaffModelView):
    """A town keeps its name: the addresses of its premises are made of it."""

    route_base = "/staff/localities"
    include_route_methods = READING | {"add"}
    datamodel = PanelInterface(Locality, is_small=True)
    list_title, show_title, add_title = _l("Towns"), _l("Town"), _l("Add a town")
    label_columns = labels()
    list_columns = show_columns = add_columns = ["name"]
    order_columns = ["name"]
    base_order = ("name", "asc")
    related_views = [StaffStreetsView]
