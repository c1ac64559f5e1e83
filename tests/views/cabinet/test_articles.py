"""News, vacancies and procurements: lists by pages and years, Markdown, RSS; and staff who write them."""

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Article, ArticleKind
from tests import factories
from tests.page import Browser

KINDS = {
    "/news": ArticleKind.news,
    "/vacancies": ArticleKind.vacancy,
    "/procurements": ArticleKind.procurement,
}


def article(session: Session, kind: ArticleKind, title: str, published_on: date, body: str = "Текст") -> Article:
    made = Article(kind=kind, title=title, body=body, published_on=published_on)
    session.add(made)
    session.flush()
    return made


@pytest.mark.parametrize("path", KINDS)
def test_a_list_has_its_kind_alone_by_pages(path: str, browser: Browser, act: Any) -> None:
    today = clock.today()
    with act() as session:
        for n in range(22):
            article(session, KINDS[path], f"Номер {n:02d}", today - timedelta(days=n))
        article(session, KINDS[path], "Завтрашняя", today + timedelta(days=1))
        for other in set(ArticleKind) - {KINDS[path]}:
            article(session, other, "Чужая", today)
    page = browser.get(path)
    assert [words in page.text for words in ("Номер 00", "Номер 19", "Номер 20", "Чужая", "Завтрашняя")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    further = next(link.get("href") for link in page.elements("a") if link.get("rel") == "next")
    assert "Номер 21" in browser.get(further or "").text


def test_the_archive_goes_by_years(browser: Browser, act: Any) -> None:
    with act() as session:
        for year in (2023, 2025):
            article(session, ArticleKind.vacancy, f"Слесарь {year}", date(year, 12, 31))
    page = browser.get("/vacancies")
    assert [link.get("href") for link in page.elements("a") if "year=" in (link.get("href") or "")] == [
        "/vacancies?year=2025",
        "/vacancies?year=2023",
    ]
    page = browser.get("/vacancies?year=2023")
    assert "Слесарь 2023" in page.text
    assert "Слесарь 2025" not in page.text


@pytest.mark.parametrize("query", ["year=abc", "year=9999", "year=99999999999999999999", "after=-1", "after=abc"])
def test_a_wrong_address_shows_the_start(query: str, browser: Browser, act: Any) -> None:
    with act() as session:
        article(session, ArticleKind.news, "Новость", clock.today())
    assert "Новость" in browser.get(f"/news?{query}").text


def test_markdown_is_drawn_and_html_is_text(browser: Browser, act: Any) -> None:
    with act() as session:
        body = "# Важно\n\n**Вода** <script>alert(1)</script>\n\n- раз"
        key = article(session, ArticleKind.news, "<b>Новость</b>", clock.today(), body).id
    page = browser.get(f"/news/{key}")
    assert page.heading == "<b>Новость</b>"
    assert "<strong>Вода</strong> &lt;script&gt;" in page.html
    browser.get(f"/vacancies/{key}", expect=404)


@pytest.mark.parametrize("path", KINDS)
def test_the_feed_is_rss_of_the_same_articles(path: str, browser: Browser, act: Any) -> None:
    with act() as session:
        key = article(session, KINDS[path], "Вода & трубы", date(2026, 11, 1), "**Текст** <b>").id
    answer = browser.client.get(f"{path}/feed.xml")
    assert answer.mimetype == "application/rss+xml"
    (item,) = ET.fromstring(answer.data).iter("item")
    assert item.findtext("title") == "Вода & трубы"
    assert item.findtext("link") == f"http://localhost{path}/{key}"
    assert item.findtext("description") == "Текст <b>"
    assert item.findtext("pubDate") == "Sun, 01 Nov 2026 00:00:00 +0500"
    tag = answer.headers["ETag"]
    assert browser.client.get(f"{path}/feed.xml", headers={"If-None-Match": tag}).status_code == 304


def test_staff_write_what_everybody_reads(app: Any, act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, "Operator", login="operator")
    operator = Browser(app)
    operator.sign_in("operator", factories.PASSWORD)
    form = operator.get("/staff/articles/add").form("title")
    values = {
        "kind": "procurement",
        "title": "Закупка труб",
        "body": "До *конца* месяца.",
        "published_on": "2026-01-02",
    }
    assert form.submit(**values).status == 200
    with act() as session:
        key = session.scalars(select(Article.id)).one()
    assert "Закупка труб" in browser.get("/procurements").text
    assert "<em>конца</em>" in browser.get(f"/procurements/{key}").html
