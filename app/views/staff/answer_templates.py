"""Ready texts for answers to requests."""

from ...domain import offerings
from ...i18n import _l
from ...models import AnswerTemplate
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

TEMPLATES = PanelInterface(
    AnswerTemplate,
    prepare=offerings.prepare_template,
    refusals={"uq_answer_template_name": ("name", _l("There is a text with this name already."))},
    is_small=True,
)
COLUMNS = ["name", "body"]


class StaffAnswerTemplatesView(StaffModelView):
    route_base = "/staff/answer-templates"
    include_route_methods = DELETING
    datamodel = TEMPLATES
    list_title, show_title = _l("Ready answers"), _l("Ready answer")
    add_title, edit_title = _l("Add a ready answer"), _l("Change the ready answer")
    label_columns = labels(body=_l("Text"))
    list_columns = show_columns = add_columns = edit_columns = COLUMNS
    order_columns = ["name"]
    base_order = ("name", "asc")
    description_columns = {
        "body": _l("{number}, {service} and {date} become the number, the service and the promised date.")
    }


class AnswerTemplatesApi(rest.StaffModelRestApi):
    resource_name = "answer-templates"
    include_route_methods = rest.DELETING
    datamodel = TEMPLATES
    list_columns = ["id", *COLUMNS]
    add_columns = edit_columns = COLUMNS
    order_columns = ["id", "name"]
