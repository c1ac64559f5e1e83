"""News, vacancies and procurements for everybody: a list by pages and by years, an article, RSS."""

from typing import Any, ClassVar

from flask import abort, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import clock
from ...documents import feeds
from ...extensions import db
from ...i18n import _l
from ...models import ArticleKind
from ...queries import public
from ..base import ID, CabinetView, id_argument, settings

PAGE, TOLD = 20, 30


class ArticlesView(CabinetView):
    """The pages of one kind of articles."""

    kind: ClassVar[ArticleKind]
    heading: ClassVar[Any]
    lead: ClassVar[Any] = None
    back: ClassVar[Any]
    nothing: ClassVar[Any]

    @expose("")
    def index(self) -> str:
        session, today, year = db.session(), clock.today(), _year()
        after = id_argument("after")
        last = public.article(session, after, self.kind, today) if after else None
        before = (last.published_on, last.id) if last is not None else None
        found = public.articles(session, self.kind, today, year=year, before=before, most=PAGE + 1)
        return self._drawn(
            "articles",
            found=found[:PAGE],
            has_more=len(found) > PAGE,
            is_further=before is not None,
            year=year,
            years=public.years(session, self.kind, today),
        )

    @expose(f"/{ID}")
    def show(self, pk: int) -> str:
        found = public.article(db.session(), pk, self.kind, clock.today()) or abort(404)
        return self._drawn("article", article=found)

    @expose("/feed.xml")
    def feed(self) -> Response:
        found = public.articles(db.session(), self.kind, clock.today(), most=TOLD)
        path = self.route_base.strip("/")
        drawn = feeds.of_articles(found, self.heading, path, settings()["utility.name"])
        answer = Response(drawn, mimetype="application/rss+xml")
        answer.add_etag()
        return answer.make_conditional(request.environ)

    def _drawn(self, name: str, **values: Any) -> str:
        return str(self.render_template(f"public/{name}.html", page=self, **values))


class NewsView(ArticlesView):
    route_base = "/news"
    kind, heading = ArticleKind.news, _l("News")
    back, nothing = _l("All news"), _l("There is no news yet.")


class VacanciesView(ArticlesView):
    route_base = "/vacancies"
    kind, heading = ArticleKind.vacancy, _l("Vacancies")
    back, nothing = _l("All vacancies"), _l("There are no vacancies now.")


class ProcurementsView(ArticlesView):
    route_base = "/procurements"
    kind, heading = ArticleKind.procurement, _l("Procurements")
    back, nothing = _l("All procurements"), _l("There are no procurements now.")


def _year() -> int | None:
    """The year of the archive that the address names, if it may be one."""
    year = id_argument("year")
    return year if year is not None and 1900 < year < 2200 else None
