"""Works for everybody: the list with its filters, the archive, a page of each house, RSS."""

import re
from datetime import timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from defusedxml import ElementTree
from flask import Flask

from app import clock
from app.models import House, WorkKind, WorkState
from tests import factories
from tests.page import Browser

DAY = timedelta(days=1)
PLACES = (("56.240000", "58.010000"), ("56.241000", "58.011000"), ("56.250000", "58.020000"))


@pytest.fixture
def visitor(app: Flask, act: Any) -> Browser:
    with act() as session:
        for street, house in (("ул. Ленина", "8а"), ("ул. Ленина", "9"), ("ул. Революции", "21а"), ("ул. Ревеня", "3")):
            factories.premises(session, street=street, house=house)
    return Browser(app)


def test_works_are_filtered_by_kind_and_by_fact(visitor: Browser, act: Any) -> None:
    dry = {"no_water_from": None, "no_water_to": None}
    with act() as session:
        factories.work(session, "Вода завтра")
        factories.work(session, "Канализация завтра", kind=WorkKind.sewerage, roads="ул. Мира", **dry)
        factories.work(session, "Вода вчера", days=-1)
        factories.work(session, "Черновик", state=WorkState.draft)
        factories.work(session, "Отменено", state=WorkState.canceled)

    def shown(query: str) -> set[str]:
        text = visitor.get(f"/works{query}").text
        return {
            title
            for title in ("Вода завтра", "Канализация завтра", "Вода вчера", "Черновик", "Отменено")
            if title in text
        }

    assert shown("") == {"Вода завтра", "Канализация завтра"}
    assert shown("?kind=sewerage") == shown("?fact=roads") == {"Канализация завтра"}
    assert shown("?kind=water") == shown("?fact=no-water") == {"Вода завтра"}
    assert shown("?kind=water&fact=roads") == set()
    assert shown("?kind=abc&fact=abc") == {"Вода завтра", "Канализация завтра"}
    assert shown("/archive") == {"Вода вчера", "Отменено"}


def test_filters_are_called_as_people_know_them(visitor: Browser) -> None:
    water, sewers = "Работы на сетях водопровода", "Работы на сетях водоотведения"
    page = visitor.get("/works")
    assert visitor.get(page.link(water)).heading == water
    assert visitor.get(page.link(sewers)).heading == sewers


def test_what_goes_on_stands_before_what_is_planned(visitor: Browser, act: Any) -> None:
    with act() as session:
        factories.work(session, "Через неделю", days=7)
        factories.work(session, "Завтра", days=1)
        factories.work(session, "Сейчас", starts_at=clock.now() - DAY, ends_at=clock.now() + DAY)
    text = visitor.get("/works").text
    assert text.index("Сейчас") < text.index("Завтра") < text.index("Через неделю")


def test_the_archive_is_paged_by_its_last_row(visitor: Browser, act: Any) -> None:
    ended = clock.now() - DAY
    with act() as session:
        for n in range(45):  # three of them end at one moment
            end = ended - timedelta(hours=n // 3)
            factories.work(session, f"Работа {n:02d}", starts_at=end - DAY, ends_at=end)
    url, seen = "/works/archive", []
    while url:
        page = visitor.get(url)
        seen += [words for words in (f"Работа {n:02d}" for n in range(45)) if words in page.text]
        url = next((link.get("href") for link in page.elements("a") if link.get("rel") == "next"), None)
    assert sorted(seen) == [f"Работа {n:02d}" for n in range(45)]


@pytest.mark.parametrize(
    "before", ["abc", "-1", "nan-1", "inf-1", "1e999-1", "1-abc", "99999999999999-1", "1-99999999999999999999"]
)
def test_a_bad_place_in_the_archive_shows_its_start(visitor: Browser, act: Any, before: str) -> None:
    with act() as session:
        factories.work(session, "Вода вчера", days=-1)
    assert visitor.get("/works/archive", query_string={"before": before}).status == 200


def test_a_house_is_found_and_its_works_are_told(visitor: Browser, act: Any) -> None:
    with act() as session:
        factories.work(
            session, "У дома", ranges=[factories.work_range(session, "ул. Ленина", "8а")], is_everywhere=False
        )
        factories.work(
            session, "У соседей", ranges=[factories.work_range(session, "ул. Ленина", "9")], is_everywhere=False
        )
        factories.work(session, "Вчера", streets=["ул. Ленина"], days=-1)
    page = visitor.get("/works", query_string={}).form("q").submit(q="УЛ ЛЕНИНА Д.8А")
    assert page.path.startswith("/works/house/")
    assert "ул. Ленина, 8а" in page.heading
    assert [title in page.text for title in ("У дома", "У соседей", "Вчера")] == [True, False, False]
    assert "+7 (342) 201-95-00" in page.text


def test_a_house_without_works_says_so(visitor: Browser) -> None:
    page = visitor.get("/works/house?q=рев+21а")
    assert "card-plain" not in page.html
    assert "ул. Революции, 21а" in page.heading


def test_several_houses_are_a_list_to_choose_from(visitor: Browser) -> None:
    page = visitor.get("/works/house?q=ленина")
    assert "ул. Ленина, 8а" in visitor.get(page.link("ул. Ленина, 8а")).heading


def test_a_house_that_is_not_there_and_a_street_misspelt_offer_what_is_alike(visitor: Browser) -> None:
    for asked in ("ленина 999", "линина 8а"):
        page = visitor.get("/works/house", query_string={"q": asked})
        assert "ул. Ленина, 8а" in visitor.get(page.link("ул. Ленина, 8а")).heading


@pytest.mark.parametrize("asked", ["нигде 5", "%", "'--", "<b>", "\x00", "рев" * 200])
def test_an_address_that_is_not_there_leaves_what_was_typed(visitor: Browser, asked: str) -> None:
    page = visitor.get("/works/house", query_string={"q": asked})
    assert page.form("q").values["q"] == asked.replace("\x00", "")[:100]


@pytest.mark.parametrize("path", ["/999", "/house/999", "/house/abc", "/99999999999999999999", "/abc"])
def test_what_is_not_there_is_404(visitor: Browser, path: str) -> None:
    visitor.get(f"/works{path}", expect=404)


def test_the_page_of_a_work_is_text_and_not_markup(visitor: Browser, act: Any) -> None:
    with act() as session:
        work = factories.work(session, "<i>Работы</i>", description="<b>жирно</b>", roads="<u>улица</u>")
        path = f"/works/{work.id}"
    text = visitor.get(path).text
    for words in ("<i>Работы</i>", "<b>жирно</b>", "<u>улица</u>"):
        assert words in text


class TestFeed:
    def test_it_is_well_formed_and_says_what_the_pages_say(self, visitor: Browser, act: Any) -> None:
        with act() as session:
            work = factories.work(session, "Вода & <канализация>", description="знак \x0b]]>", roads="ул. Мира")
            factories.work(session, "Черновик", state=WorkState.draft)
            told, path = clock.local(work.published_at), f"http://localhost/works/{work.id}"
        answer = visitor.client.get("/works/feed.xml")
        assert answer.mimetype == "application/rss+xml"
        channel = ElementTree.fromstring(answer.data).find("channel")
        assert channel.findtext("title")
        assert channel.findtext("link") == "http://localhost/works"
        (item,) = channel.findall("item")
        assert item.findtext("title") == "Вода & <канализация>"
        assert item.findtext("link") == item.findtext("guid") == path
        assert parsedate_to_datetime(item.findtext("pubDate")) == told.replace(microsecond=0)
        assert "ул. Мира" in item.findtext("description")

    def test_who_has_it_already_is_told_so(self, visitor: Browser, act: Any) -> None:
        tag = visitor.client.get("/works/feed.xml").headers["ETag"]
        assert visitor.client.get("/works/feed.xml", headers={"If-None-Match": tag}).status_code == 304
        with act() as session:
            factories.work(session)
        assert visitor.client.get("/works/feed.xml", headers={"If-None-Match": tag}).status_code == 200

    def test_pages_name_it(self, visitor: Browser) -> None:
        assert any(link.get("type") == "application/rss+xml" for link in visitor.get("/works").elements("link"))


def test_staff_see_the_public_pages_too(visitor: Browser, act: Any) -> None:
    with act() as session:
        factories.user(session, "Operator", login="operator")
        number = factories.work(session, "Вода завтра").id
    visitor.sign_in("operator", factories.PASSWORD)
    for path in ("/works", f"/works/{number}", "/works/house?q=ленина"):
        assert visitor.get(path).status == 200


def test_current_works_go_by_pages_none_left_out(visitor: Browser, act: Any) -> None:
    with act() as session:
        start = clock.now() + DAY
        for n in range(45):
            factories.work(session, f"Работа-{n:02d}.", starts_at=start)  # at one moment: the key tells them apart
    address, shown = "/works?kind=water", []
    for _page in range(3):
        page = visitor.get(address)
        shown += [f"Работа-{n:02d}." for n in range(45) if f"Работа-{n:02d}." in page.text]
        address = page.link("Дальше") if len(shown) < 45 else ""
    assert shown == [f"Работа-{n:02d}." for n in range(45)]
    assert visitor.get("/works?after=abc-1").status == 200


class TestMap:
    @pytest.fixture
    def work(self, visitor: Browser, act: Any) -> int:
        with act() as session:
            for house, (x, y) in zip(session.query(House).order_by(House.id), PLACES, strict=False):
                house.longitude, house.latitude = Decimal(x), Decimal(y)
            factories.work(session, "Везде")
            return factories.work(session, "На Ленина", streets=["ул. Ленина"], days=2).id

    def test_shows_each_work_at_its_houses_with_the_list_beside(self, visitor: Browser, work: int) -> None:
        page = visitor.get(visitor.get("/works").link("Показать на карте"))
        assert re.findall(r'class="map__work" href="([^"]+)" aria-label="([^"]+)"', page.html) == [
            (f"/works/{work}", "2. На Ленина")
        ]
        items = [
            re.sub(r"<[^>]+>", "", item).replace("&nbsp;", " ")
            for item in re.findall(r'<li><a href="/works/[0-9].+?</li>', page.html)
        ]
        assert [item.split()[:2] for item in items] == [["1.", "Везде"], ["2.", "На"]]
        assert page.html.count("map__house is-touched") == 2

    def test_stands_on_the_page_of_the_work_too(self, visitor: Browser, work: int) -> None:
        assert visitor.get(f"/works/{work}").html.count("map__house is-touched") == 2

    def test_without_known_places_says_so_and_keeps_the_list(self, visitor: Browser, act: Any) -> None:
        with act() as session:
            factories.work(session, "На Ленина", streets=["ул. Ленина"])
        page = visitor.get("/works/map")
        assert "map-frame" not in page.html
        assert "На Ленина" in page.text

    def test_is_geojson_for_other_programs(self, visitor: Browser, work: int) -> None:
        answer = visitor.client.get("/works/map.geojson?kind=water")
        assert answer.mimetype == "application/geo+json"
        everywhere, lenina = answer.get_json()["features"]
        assert everywhere["geometry"] is None
        assert everywhere["properties"]["is_everywhere"] is True
        assert lenina["geometry"] == {"type": "MultiPoint", "coordinates": [[56.24, 58.01], [56.241, 58.011]]}
        assert lenina["properties"]["url"].endswith(f"/works/{work}")
        assert visitor.client.get("/works/map.geojson?kind=sewerage").get_json()["features"] == []
