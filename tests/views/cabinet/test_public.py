"""Pages for everybody: what stands on them, and that each can be opened empty and full."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.models import (
    ActStatus,
    Article,
    ArticleKind,
    Office,
    PayerGroup,
    ServiceOffering,
    Tariff,
    VatMode,
)
from tests import factories
from tests.page import Browser
from tests.views.cabinet.entry import enter

PAGES = ("/", "/offices", "/tariffs", "/works", "/news", "/services", "/safety", "/privacy")


def article(session: Session, title: str, published_on: date, kind: ArticleKind = ArticleKind.news) -> Article:
    made = Article(kind=kind, title=title, body="Первая строка.\n\n<b>Вторая</b> строка.", published_on=published_on)
    session.add(made)
    session.flush()
    return made


def tariff(session: Session, price: str, valid_from: date, valid_to: date | None, **values: Any) -> None:
    session.add(
        Tariff(
            **{
                "service": factories.service(session),
                "payer_group": PayerGroup.population,
                "territory": "Пермь",
                "price": Decimal(price),
                "vat_mode": VatMode.inside,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "act": "Постановление № 5",
                "status": ActStatus.approved,
                **values,
            }
        )
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_page_opens_for_a_visitor_when_nothing_is_published(path: str, language: str, app: Any, database: None) -> None:
    Browser(app, language).get(path)


def test_start_page_leads_to_what_people_come_for(browser: Browser) -> None:
    page = browser.get("/")
    targets = {link.get("href") for link in page.elements("a")}
    assert {"/login/", "/register", "/offices", "/works", "/tariffs", "/services", "tel:+73422019537"} <= targets
    assert "+7 (342) 201-95-37" in page.text


@pytest.mark.parametrize(("role", "home"), [("Customer", "/cabinet/"), ("Operator", "/staff/")])
def test_signed_in_people_are_led_to_their_own_first_page(role: str, home: str, act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, role, login="irina")
    enter(browser, "irina")
    assert browser.get("/", follow=False, expect=302).response.location == home


def test_start_page_shows_the_nearest_works_and_news(act: Any, browser: Browser) -> None:
    with act() as session:
        for day in (4, 3, 2, 1):
            factories.work(session, f"Работы {day}", days=day)
        article(session, "Новость дня", clock.today())
    text = browser.get("/").text
    assert [title in text for title in ("Работы 1", "Работы 3", "Работы 4", "Новость дня")] == [True, True, False, True]


def test_tariffs_show_current_and_coming_prices_with_act_and_mark_of_draft(act: Any, browser: Browser) -> None:
    today = clock.today()
    with act() as session:
        tariff(session, "30.00", today - timedelta(days=800), today - timedelta(days=400))
        tariff(session, "36.50", today - timedelta(days=399), today + timedelta(days=9))
        tariff(session, "41.4567", today + timedelta(days=10), None, status=ActStatus.draft, act="Проект № 7")
        tariff(session, "34.54", today, None, payer_group=PayerGroup.other, vat_mode=VatMode.top)
    page = browser.get("/tariffs")
    assert [price in page.text for price in ("30,00", "36,50", "41,4567", "34,54")] == [False, True, True, True]
    draft = next(row for row in page.elements("tr") if "41,4567" in _words(row))
    assert "Проект № 7" in _words(draft)
    assert page.text.index("36,50") < page.text.index("34,54")


def _words(element: Any) -> str:
    return " ".join(element.itertext())


def test_offices_show_hours_and_phone(act: Any, browser: Browser) -> None:
    with act() as session:
        session.add(
            Office(
                name="Офис на Революции",
                name_en="Office",
                payer_group=PayerGroup.population,
                address="ул. Революции, 21а",
                hours="пн–пт 8:00–20:00",
                hours_en="Mon–Fri",
                phone="73422019537",
            )
        )
    page = browser.get("/offices")
    assert "ул. Революции, 21а" in page.text
    assert page.link("+7 (342) 201-95-37") == "tel:+73422019537"


def test_services_show_price_and_term(act: Any, browser: Browser) -> None:
    with act() as session:
        for code, price, is_offered in (("a", Decimal("1500.00"), True), ("b", None, True), ("c", None, False)):
            session.add(
                ServiceOffering(
                    code=code,
                    name=f"Услуга {code}",
                    name_en=code,
                    description="Описание",
                    description_en="",
                    price=price,
                    term_days=3,
                    is_offered=is_offered,
                )
            )
    text = browser.get("/services").text
    assert "1 500,00 ₽" in text
    assert "Услуга b" in text
    assert "Услуга c" not in text


def test_news_are_paged_and_only_published_news_is_shown(act: Any, browser: Browser) -> None:
    today = clock.today()
    with act() as session:
        for n in range(21):
            article(session, f"Новость {n:02d}", today - timedelta(days=n))
        article(session, "Завтрашняя", today + timedelta(days=1))
        article(session, "Вакансия", today, kind=ArticleKind.vacancy)
    first = browser.get("/news")
    assert [word in first.text for word in ("Новость 00", "Новость 20", "Завтрашняя", "Вакансия")] == [
        True,
        *[False] * 3,
    ]
    older = next(link.get("href") for link in first.elements("a") if link.get("rel") == "next")
    assert "Новость 20" in browser.get(older or "").text


def test_article_is_text_and_not_markup(act: Any, browser: Browser) -> None:
    with act() as session:
        number = article(session, "Новость", clock.today()).id
    page = browser.get(f"/news/{number}")
    assert page.heading == "Новость"
    assert "<b>Вторая</b> строка." in page.text


@pytest.mark.parametrize("path", ["/news/999", "/news/99999999999999999999", "/news/abc"])
def test_article_that_is_not_there_is_404(path: str, browser: Browser) -> None:
    browser.get(path, expect=404)


@pytest.mark.parametrize("after", ["abc", "-1", "99999999999999999999", "１２"])
def test_bad_place_in_the_list_of_news_shows_its_start(after: str, act: Any, browser: Browser) -> None:
    with act() as session:
        article(session, "Новость", clock.today())
    assert "Новость" in browser.get("/news", query_string={"after": after}).text


def test_article_that_comes_tomorrow_is_not_there_today(act: Any, browser: Browser) -> None:
    with act() as session:
        number = article(session, "Завтрашняя", clock.today() + timedelta(days=1)).id
    browser.get(f"/news/{number}", expect=404)


def test_words_of_the_consent_stand_in_the_privacy_page(browser: Browser) -> None:
    page = browser.get("/privacy")
    label = next(each for each in browser.get("/register").elements("label") if each.get("for") == "consent")
    assert " ".join(_words(label).split()) in page.text
