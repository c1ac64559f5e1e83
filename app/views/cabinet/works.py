"""Works on the networks for everybody: what goes on and is planned, the archive, one's own house, a map, RSS."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import abort, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from ... import clock
from ...documents import feeds, letters
from ...domain import addresses, works_map
from ...extensions import db
from ...i18n import _, _l
from ...models import House, NetworkWork, WorkKind
from ...queries import network_works as rows
from ...queries.network_works import NO_WATER, ROADS, Wanted
from ..base import ID, CabinetView, id_of, settings
from ..fragments import contains

PAGE, HOUSES = 20, 25
ON_THE_MAP = 500
"""Works that other programs get at once."""
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
        wanted, after = _wanted(), _place("after")
        found = list(rows.current(db.session(), clock.now(), wanted, after=after, most=PAGE + 1))
        further = _further(found, ".index", "after", "starts_at", wanted)
        return self._list(found[:PAGE], wanted, heading=TITLES[wanted.kind], further=further, is_further=after)

    @expose("/archive")
    def archive(self) -> str:
        wanted, before = _wanted(), _place("before")
        found = list(rows.over(db.session(), clock.now(), wanted, before=before, most=PAGE + 1))
        further = _further(found, ".archive", "before", "ends_at", wanted)
        return self._list(
            found[:PAGE], wanted, heading=ARCHIVES[wanted.kind], is_archive=True, further=further, is_further=before
        )

    @expose("/map")
    def map(self) -> str:
        """The works of one page of the list, and where they are."""
        session, wanted, after = db.session(), _wanted(), _place("after")
        found = list(rows.current(session, clock.now(), wanted, after=after, most=PAGE + 1))
        return self._drawn(
            "map",
            works=found[:PAGE],
            drawing=works_map.of_works(session, found[:PAGE]),
            wanted=wanted,
            filters=_filters(".map", wanted),
            further=_further(found, ".map", "after", "starts_at", wanted),
            is_further=after,
            now=clock.now(),
        )

    @expose("/map.geojson")
    def geojson(self) -> Response:
        session = db.session()
        found = rows.current(session, clock.now(), _wanted(), most=ON_THE_MAP)
        answer: Response = jsonify(works_map.geojson(session, found, letters.link("/works/")))
        answer.mimetype = "application/geo+json"
        answer.add_etag()
        return answer.make_conditional(request.environ)

    @expose(f"/{ID}")
    def show(self, pk: int) -> str:
        work = rows.published(db.session(), pk) or abort(404)
        drawing = works_map.of_works(db.session(), [work])
        return self._drawn("work", work=work, now=clock.now(), is_preview=False, drawing=drawing)

    @expose("/house")
    def houses(self) -> str | Response:
        asked = " ".join(request.args.get("q", "").replace("\x00", "").split())[: addresses.LONGEST]
        found = addresses.houses(db.session(), asked, contains, most=HOUSES + 1) if asked else []
        if len(found) == 1:
            return redirect(url_for(".house", pk=found[0].id))
        offered = addresses.likely(db.session(), asked, contains, most=HOUSES) if asked and not found else ()
        has_more = len(found) > HOUSES
        return self._drawn("houses", asked=asked, found=found[:HOUSES], offered=offered, has_more=has_more)

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
            filters=_filters(page, wanted),
            now=clock.now(),
            **values,
        )

    def _drawn(self, name: str, **values: Any) -> str:
        return str(self.render_template(f"public/{name}.html", **values))


Link = tuple[Any, str, bool]


def _filters(page: str, wanted: Wanted) -> list[tuple[str, list[Link]]]:
    kinds, facts = list(_kinds(page, wanted)), list(_facts(page, wanted))
    return [(_("Kind of repair"), kinds), (_("What changes for people"), facts)]


def _further(found: Sequence[NetworkWork], page: str, way: str, moment: str, wanted: Wanted) -> str | None:
    """The address of the page that follows, where more was found than one shows."""
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1]
    place: dict[str, Any] = {way: f"{getattr(last, moment).timestamp():.6f}-{last.id}"}
    return url_for(page, kind=wanted.kind, fact=wanted.fact or None, **place)


def _kinds(page: str, wanted: Wanted) -> Iterator[Link]:
    for kind, words in {**TITLES, None: _l("All")}.items():
        yield words, url_for(page, kind=kind, fact=wanted.fact or None), kind is wanted.kind


def _facts(page: str, wanted: Wanted) -> Iterator[Link]:
    for fact, words in FACTS.items():
        yield words, url_for(page, kind=wanted.kind, fact=fact or None), fact == wanted.fact


def _wanted() -> Wanted:
    kind, fact = request.args.get("kind", ""), request.args.get("fact", "")
    return Wanted(WorkKind.__members__.get(kind), fact if fact in FACTS else "")


def _place(way: str) -> tuple[datetime, int] | None:
    """Where a page of the list starts, as the address of the page before gave it."""
    moment, _dash, key = request.args.get(way, "").partition("-")
    pk = id_of(key)
    try:
        return (clock.since_epoch(float(moment)), pk) if pk is not None else None
    except (ValueError, OverflowError, OSError):
        return None
