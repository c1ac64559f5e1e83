"""Service requests on record; they are worked on at the requests desk, which keeps their states and terms."""

from ...i18n import _l
from ...models import ServiceRequest
from ...panel.datamodel import PanelInterface
from ...panel.rest import READING as REST_READING
from ...panel.views import READING
from .labels import labels
from .traced import TracedApi, TracedView

REQUESTS = PanelInterface(ServiceRequest)


class StaffServiceRequestsView(TracedView):
    route_base = "/staff/service-requests"
    include_route_methods = READING
    datamodel = REQUESTS
    list_title, show_title = _l("Requests"), _l("Request")
    label_columns = labels(price=_l("Price, ₽"))
    list_columns = ["number", "account", "offering", "state", "promised_on", "created_at"]
    show_columns = [
        *("number", "account", "offering", "description", "state", "promised_on", "price"),
        *("rating", "rating_words", "created_at", "changed_at"),
    ]
    search_columns = ["account", "state", "promised_on"]
    order_columns = ["promised_on"]
    base_order = ("id", "desc")
    export_columns = [
        *("account.number", "offering.name", "description", "state", "promised_on", "price"),
        *("rating", "rating_words", "created_at"),
    ]


class ServiceRequestsApi(TracedApi):
    resource_name = "service-requests"
    include_route_methods = REST_READING
    datamodel = REQUESTS
    list_columns = [
        "id",
        "number",
        "state",
        "promised_on",
        "created_at",
        "changed_at",
        "account.id",
        "account.number",
        "offering.id",
        "offering.code",
        "description",
        "price",
        "rating",
    ]
    search_columns = ["account", "state", "promised_on"]
    order_columns = ["id", "promised_on"]
