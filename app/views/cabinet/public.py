"""Pages for everybody: the start page and reference."""

from itertools import groupby
from typing import Any

from flask import g, redirect
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import clock
from ...extensions import db
from ...forms.registration import consent
from ...models import ArticleKind, Tariff
from ...queries import network_works, public, requests
from ...security.views import home_url
from ..base import CabinetView, settings


class PublicView(CabinetView):
    route_base = ""

    @expose("/")
    def index(self) -> str | Response:
        if g.user.is_authenticated:
            return redirect(home_url())
        session = db.session()
        return self._page(
            "index",
            works=network_works.current(session, clock.now(), most=3),
            news=public.articles(session, ArticleKind.news, clock.today(), most=3),
        )

    @expose("/offices")
    def offices(self) -> str:
        return self._page("offices", offices=public.offices(db.session()))

    @expose("/tariffs")
    def tariffs(self) -> str:
        today = clock.today()
        return self._page("tariffs", groups=_by_group(public.tariffs(db.session(), today)), today=today)

    @expose("/services")
    def services(self) -> str:
        return self._page("services", offerings=requests.offerings(db.session()))

    @expose("/safety")
    def safety(self) -> str:
        return self._page("safety")

    @expose("/privacy")
    def privacy(self) -> str:
        return self._page("privacy", consent=consent(settings()["utility.name"]))

    def _page(self, name: str, **values: Any) -> str:
        return str(self.render_template(f"public/{name}.html", **values))


def _by_group(tariffs: Any) -> list[tuple[Any, list[Tariff]]]:
    return [(group, list(rows)) for group, rows in groupby(tariffs, key=lambda tariff: tariff.payer_group)]
