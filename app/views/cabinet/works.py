"""Works on the networks for everybody: what goes on and is planned, the archive, one's own house, RSS."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import clock
from ...documents import feeds
from ...domain import addresses
from ...extensions import db
from ...i18n import _, _l
from ...models import House, WorkKind
from ...queries import network_works as rows
from ...queries.network_works import NO_WATER, ROADS, Wanted
from ..base import ID, CabinetView, id_of, settings
from ..fragments import contains

PAGE, HOUSES = 20, 25
TOLD = timedelta(days=30)  # the feed goes on telling of what is over
TITLES = {
    None: _l("Repairs and outages"),
    WorkKind.water: _l("Works on the water networks"),
    WorkKind.sewerage: _l("Works on the sewer networks"),
}
FACTS = {"": _l("All facts"), NO_WATER: _l("Where there is no water"), ROADS: _l("Where roads are closed")}
ARCHIVES = {
    None: _l("Works that are over"),
    WorkKind.water: _l("Works on the water networks that are over"),
    WorkKind.sewerage: _l("Works on the sewer networks that are over"),
}


class WorksView(CabinetView):
    route_base = "/works"

    @expose("")
    def index(self) -> str:
        wanted = _wanted()
        works = rows.current(db.session(), clock.now(), wanted)
        return self._list(works, wanted, heading=TITLES[wanted.kind])

    @expose("/archive")
    def archive(self) -> str:
        wanted, before = _wanted(), _place()
        found = list(rows.over(db.session(), clock.now(), wanted, before=before, most=PAGE + 1))
        older = None
        if len(found) > PAGE:
            last = found[PAGE - 1]
            place = f"{last.ends_at.timestamp():.6f}-{last.id}"
            older = url_for(".archive", kind=wanted.kind, fact=wanted.fact or None, before=place)
        return self._list(
            found[:PAGE], wanted, heading=ARCHIVES[wanted.kind], is_archive=True, older=older, is_further=before
        )

    @expose(f"/{ID}")
    def show(self, pk: int) -> str:
        work = rows.published(db.session(), pk) or abort(404)
        return self._drawn("work", work=work, now=clock.now(), is_preview=False)

    @expose("/house")
    def houses(self) -> str | Response:
        asked = " ".join(request.args.get("q", "").replace("\x00", "").split())[: addresses.LONGEST]
        found = addresses.houses(db.session(), asked, contains, most=HOUSES + 1) if asked else []
        if len(found) == 1:
            return redirect(url_for(".house", pk=found[0].id))
        return self._drawn("houses", asked=asked, found=found[:HOUSES], has_more=len(found) > HOUSES)

    @expose(f"/house/{ID}")
    def house(self, pk: int) -> str:
        session, now = db.session(), clock.now()
        house: House = session.get(House, pk) or abort(404)
        return self._drawn("house", house=house, works=rows.current(session, now, house_id=pk), now=now)

    @expose("/feed.xml")
    def feed(self) -> Response:
        works = rows.newest(db.session(), clock.now() - TOLD, PAGE)
        drawn = feeds.of_works(works, settings()["utility.name"])
        answer = Response(drawn, mimetype="application/rss+xml")
        answer.add_etag()
        return answer.make_conditional(request.environ)

    def _list(self, works: Any, wanted: Wanted, *, heading: Any, is_archive: bool = False, **values: Any) -> str:
        page = ".archive" if is_archive else ".index"
        return self._drawn(
            "works",
            works=works,
            wanted=wanted,
            heading=heading,
            is_archive=is_archive,
            filters=[
                (_("Kind of repair"), list(_kinds(page, wanted))),
                (_("What changes for people"), list(_facts(page, wanted))),
            ],
            now=clock.now(),
            **values,
        )

    def _drawn(self, name: str, **values: Any) -> str:
        return str(self.render_template(f"public/{name}.html", **values))


Link = tuple[Any, str, bool]


def _kinds(page: str, wanted: Wanted) -> Iterator[Link]:
    for kind, words in {**TITLES, None: _l("All")}.items():
        yield words, url_for(page, kind=kind, fact=wanted.fact or None), kind is wanted.kind


def _facts(page: str, wanted: Wanted) -> Iterator[Link]:
    for fact, words in FACTS.items():
        yield words, url_for(page, kind=wanted.kind, fact=fact or None), fact == wanted.fact


def _wanted() -> Wanted:
    kind, fact = request.args.get("kind", ""), request.args.get("fact", "")
    return Wanted(WorkKind.__members__.get(kind), fact if fact in FACTS else "")


def _place() -> tuple[datetime, int] | None:
    """Where a page of the archive starts, as the address of the page before gave it."""
    moment, _dash, key = request.args.get("before", "").partition("-")
    pk = id_of(key)
    try:
        return (clock.since_epoch(float(moment)), pk) if pk is not None else None
    except (ValueError, OverflowError, OSError):
        return None
