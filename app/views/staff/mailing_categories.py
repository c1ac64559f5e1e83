"""Subjects of mailings that people subscribe to."""

from ...i18n import _l
from ...models import MailingCategory
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from .labels import labels

CATEGORIES = PanelInterface(MailingCategory, is_small=True)
COLUMNS = ["code", "name", "name_en", "position"]


class StaffMailingCategoriesView(StaffModelView):
    route_base = "/staff/mailing-categories"
    include_route_methods = DELETING
    datamodel = CATEGORIES
    list_title, show_title = _l("Mailing categories"), _l("Mailing category")
    add_title, edit_title = _l("Add a mailing category"), _l("Change the mailing category")
    label_columns = labels()
    list_columns = ["name", "name_en", "code", "position"]
    show_columns = add_columns = edit_columns = COLUMNS
    order_columns = ["name", "position"]
    base_order = ("position", "asc")


class MailingCategoriesApi(rest.StaffModelRestApi):
    resource_name = "mailing-categories"
    include_route_methods = rest.DELETING
    datamodel = CATEGORIES
    list_columns = ["id", *COLUMNS]
    add_columns = edit_columns = COLUMNS
    order_columns = ["id", "position"]
