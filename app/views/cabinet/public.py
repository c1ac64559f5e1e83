"""Pages for everybody: the start page and reference."""

from itertools import groupby
from typing import Any

from flask import abort, g, redirect, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import clock
from ...extensions import db
from ...forms.registration import consent
from ...models import Tariff
from ...queries import network_works, public, requests
from ...security.views import home_url
from ..base import CabinetView, settings

NEWS_A_PAGE = 20


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
            news=public.news(session, clock.today(), most=3),
        )

    @expose("/offices")
    def offices(self) -> str:
        return self._page("offices", offices=public.offices(db.session()))

    @expose("/tariffs")
    def tariffs(self) -> str:
        today = clock.today()
        return self._page("tariffs", groups=_by_group(public.tariffs(db.session(), today)), today=today)

    @expose("/news")
    def news(self) -> str:
        session, today = db.session(), clock.today()
        after = _number(request.args.get("after"))
        last = public.article(session, after, today) if after else None
        before = (last.published_on, last.id) if last is not None else None
        found = public.news(session, today, before=before, most=NEWS_A_PAGE + 1)
        return self._page("news", news=found[:NEWS_A_PAGE], has_more=len(found) > NEWS_A_PAGE)

    @expose("/news/<int:pk>")
    def article(self, pk: int) -> str:
        found = public.article(db.session(), pk, clock.today())
        if found is None:
            abort(404)
        return self._page("article", article=found)

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


def _number(text: str | None) -> int | None:
    """An id of a query string; None for anything that cannot be one."""
    is_one = text is not None and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_one and text else None


def _by_group(tariffs: Any) -> list[tuple[Any, list[Tariff]]]:
    return [(group, list(rows)) for group, rows in groupby(tariffs, key=lambda tariff: tariff.payer_group)]
