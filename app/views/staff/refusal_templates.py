"""Reasons for which applications are rejected, in words that the applicant reads."""

from ...i18n import _l
from ...models import RefusalTemplate
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels


class StaffRefusalTemplatesView(StaffModelView):
    route_base = "/staff/refusal-templates"
    include_route_methods = DELETING
    datamodel = PanelInterface(RefusalTemplate, is_small=True)
    list_title, show_title = _l("Reasons of rejections"), _l("Reason of rejections")
    add_title, edit_title = _l("Add a reason"), _l("Change the reason")
    label_columns = labels(name=_l("Reason"), body=_l("What the applicant reads"))
    list_columns = ["name", "body", "position"]
    show_columns = add_columns = edit_columns = ["code", "name", "body", "position"]
    order_columns = ["name", "position"]
    base_order = ("position", "asc")
