"""News, vacancies and procurements as staff write them, in Markdown; the public pages show them from their day on."""

from ...i18n import _l
from ...models import Article
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import WRITING, StaffModelView
from .labels import labels

ARTICLES = PanelInterface(Article, is_small=True)
COLUMNS = ["kind", "title", "body", "published_on"]


class StaffArticlesView(StaffModelView):
    route_base = "/staff/articles"
    include_route_methods = WRITING
    datamodel = ARTICLES
    list_title, show_title = _l("News, vacancies, procurements"), _l("Article")
    add_title, edit_title = _l("Write an article"), _l("Change the article")
    label_columns = labels(
        kind=_l("Kind of article"), title=_l("Title"), body=_l("Text"), published_on=_l("Shown from")
    )
    description_columns = {"body": _l("In Markdown: **bold**, [words](https://…), “- ” before each line of a list.")}
    list_columns = ["title", "kind", "published_on"]
    show_columns = add_columns = edit_columns = COLUMNS
    search_columns = ["kind", "published_on"]
    order_columns = ["title", "published_on"]
    base_order = ("id", "desc")


class ArticlesApi(rest.StaffModelRestApi):
    resource_name = "articles"
    include_route_methods = rest.WRITING
    datamodel = ARTICLES
    list_columns = ["id", *COLUMNS]
    add_columns = edit_columns = COLUMNS
    order_columns = ["id", "published_on"]
