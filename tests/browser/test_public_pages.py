"""Public pages, registration, recovery and settings in a real browser, and the way in from the start page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

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
    WorkKind,
)
from tests import factories, mail
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act

PASSWORD = "тихая лодка под мостом"
WORKS = ("/works", "/works/archive", "/works/1", "/works/house?q=ленина", "/works/house?q=x", "/works/house/1")
PUBLIC = ("/", "/offices", "/tariffs", *WORKS, "/news", "/news/1", "/services", "/safety", "/privacy")
VISITORS = ("/login/", "/register", "/recover", "/recover/sent", "/register/confirm/x", "/dev/mail")
SETTINGS = ("", "/password", "/email", "/phone", "/calendar")


@pytest.fixture
def town(act: Act) -> None:
    """Something published of every kind."""
    now, today = clock.now(), clock.today()
    with act() as session:
        factories.premises(session)
        for kind, days in ((WorkKind.water, 0), (WorkKind.sewerage, 2), (WorkKind.water, -3)):
            factories.work(
                session,
                "Не будет холодной воды на улице Ленина",
                kind=kind,
                description="Меняем задвижку у дома 12. Подвоз воды — во дворе дома 10.",
                streets=["ул. Ленина"],
                roads="ул. Ленина между Пушкина и Куйбышева",
                prolonged_for="Нашли вторую течь",
                starts_at=now + timedelta(days=days, hours=-1),
                ends_at=now + timedelta(days=days, hours=6),
            )
        for title in ("Показания принимаем с 20-го по 26-е", "Офис на Плановой переехал на второй этаж"):
            body = "Первый абзац.\nВторой абзац."
            session.add(Article(kind=ArticleKind.news, title=title, body=body, published_on=today))
        for group, prices in ((PayerGroup.population, ("41.45", "36.45")), (PayerGroup.other, ("34.54", "30.38"))):
            for code, price in zip(("cold", "sewerage"), prices, strict=True):
                for start, end in ((-300, 30), (31, None)):
                    session.add(
                        Tariff(
                            service=factories.service(session, code),
                            payer_group=group,
                            territory="Пермь",
                            price=Decimal(price) + (end is None),
                            vat_mode=VatMode.inside,
                            valid_from=today + timedelta(days=start),
                            valid_to=today + timedelta(days=end) if end else None,
                            act="Постановление от 20.12.2023 № 112-в",
                            status=ActStatus.approved if end else ActStatus.draft,
                        )
                    )
        for name, address in (("Офис на Революции", "ул. Революции, 21а"), ("Офис на Плановой", "ул. Плановая, 3/4")):
            session.add(
                Office(
                    name=name,
                    name_en=name,
                    payer_group=PayerGroup.population,
                    address=f"Пермь, {address}",
                    hours="пн–чт 8:00–20:00, пт 8:00–19:00",
                    hours_en="Mon–Thu 8–20, Fri 8–19",
                    phone="73422019537",
                )
            )
        for code, price in (("a", Decimal("1500.00")), ("b", None)):
            session.add(
                ServiceOffering(
                    code=code,
                    name="Установка счётчика",
                    name_en="Installing a meter",
                    description="Поставим прибор учёта, опломбируем и введём в эксплуатацию.",
                    description_en="We put in a meter and seal it.",
                    price=price,
                    term_days=3,
                )
            )


@pytest.fixture
def account(act: Act) -> None:
    with act() as session:
        made = factories.account(session, number="0012345678")
        factories.meter(session, made, serial="77-001122")


@pytest.mark.parametrize("path", PUBLIC + VISITORS)
def test_page_of_visitors_is_accessible_wide_dark_and_narrow(
    path: str, page: Page, town: None, console: list[str]
) -> None:
    page.goto(path)
    look(page)
    console.clear()  # the link that does not exist is a 404 on purpose


@pytest.mark.parametrize("path", SETTINGS)
def test_page_of_settings_is_accessible_wide_dark_and_narrow(path: str, page: Page, sign_in: SignIn) -> None:
    sign_in("Customer")
    page.goto(f"/cabinet/settings{path}")
    look(page)


def test_refused_registration_leads_by_the_keyboard_from_the_error_to_its_field(page: Page, account: None) -> None:
    page.goto("/register")
    page.press("[name=account_number]", "Enter")
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    look(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=account_number]")).to_be_focused()


def test_visitor_becomes_a_customer(page: Page, app: Flask, account: None) -> None:
    page.goto("/")
    page.click("main a[href='/register']")
    answers = {"account_number": "12345678", "fact": "77-001122", "last_name": "Петрова", "first_name": "Ирина"}
    for name, value in {**answers, "email": "Irina@Example.org", "phone": "8 912 345-67-89"}.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=password]", PASSWORD)
    assert not page.is_checked("[name=consent]")
    page.check("[name=consent]")
    page.click("main [type=submit]")
    expect(page.locator("main")).to_contain_text("irina@example.org")
    look(page)

    page.goto(mail.link_in(mail.delivered(app, to="irina@example.org")[0], "/register/confirm/"))
    look(page)
    page.click("main [type=submit]")
    page.fill("[name=username]", "irina@example.org")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/cabinet/")


def test_letter_of_the_development_mailbox_is_opened_and_followed(page: Page, act: Act, site: str) -> None:
    with act() as session:
        factories.user(session, login="irina", email="irina@example.org")
    page.goto("/recover")
    page.fill("[name=login]", "irina")
    page.press("[name=login]", "Enter")
    page.wait_for_url("**/recover/sent")
    page.goto("/dev/mail")
    page.click("main .list-plain a")
    look(page)
    page.click("main .text a[href$='/login/']")
    page.wait_for_url("**/login/")


def test_password_that_must_be_changed_is_asked_for_on_a_page_of_its_own(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        factories.user(session, login="irina", must_change_password=True)
    sign_in(login="irina")
    page.wait_for_url("**/recover/password")
    look(page)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/cabinet/")
