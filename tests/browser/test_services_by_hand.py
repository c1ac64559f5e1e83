"""The map of works, a request taken back or taken by phone, letters sent again: in a real browser, by its keyboard."""

from decimal import Decimal

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import CampaignLetter, CampaignState, House, MailState, WorkKind
from tests import factories, mailings
from tests.browser.checks import look
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act

MENU = ["Главная", "Передача показаний", "Начисления и оплаты", "Лицевые счета", "Приборы учёта", "Услуги компании"]


def town(act: Act) -> None:
    with act() as session:
        irina = factories.user(session, login="irina")
        account = factories.account(session, irina, premises=factories.premises(session, house="1"))
        for number in range(2, 9):
            place = factories.premises(session, house=str(number), street="ул. Ленина" if number < 5 else "ул. Мира")
            factories.account(session, premises=place)
        for number, house in enumerate(session.scalars(select(House).order_by(House.id))):
            is_second = number >= 4
            house.longitude = Decimal("56.24") + Decimal(number % 4) / 1000
            house.latitude = Decimal("58.01") + (Decimal("0.002") if is_second else 0)
        factories.work(session, "Не будет воды на улице Ленина", streets=["ул. Ленина"])
        factories.work(session, "Ремонт коллектора", streets=["ул. Мира"], kind=WorkKind.sewerage, days=2)
        factories.request(session, account, irina, service=factories.offering(session, code="seal"))
        campaign = mailings.campaign(session)
        mailings.reader(session, "guest@example.org")
        mailings.sent(session, of=campaign)
        session.scalars(select(CampaignLetter)).one().state = MailState.uncertain
        campaign.state = CampaignState.done


def test_new_pages_are_accessible_narrow_and_worked_by_keys(page: Page, act: Act, sign_in: SignIn) -> None:
    town(act)
    page.goto("/works")
    page.get_by_role("link", name="Показать на карте").press("Enter")
    page.wait_for_url("**/works/map")
    look(page)
    page.locator("a.map__work").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Ремонт коллектора")
    look(page)

    sign_in(login="irina")
    page.goto("/cabinet/requests")
    page.locator("main a[href^='/cabinet/requests/']").last.press("Enter")
    look(page)
    page.locator("form[action$='/withdraw'] button").press("Enter")
    expect(page.locator("#state-title")).to_contain_text("Отозвана")
    look(page)
    walk_the_menu(page)

    leave(page)
    sign_in("Operator")
    page.goto("/staff/phone?q=мира+5")
    page.locator("main a[href*='/request/']").first.press("Enter")
    look(page)
    page.locator("[name=description]").focus()
    page.keyboard.type("Сорвало пломбу")
    page.locator("main form[enctype] button").press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.goto("/staff/campaigns/1?letters=uncertain")
    page.locator("a[href$='/again']").press("Enter")
    look(page)


def walk_the_menu(page: Page) -> None:
    """All seven entries of the cabinet, from one page to the next, with Tab and Enter alone."""
    page.goto("/cabinet/")
    for place, name in enumerate([*MENU, "Настройки"]):
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.className") != "menu__link":
            page.keyboard.press("Tab")
        for _entry in range(place):
            page.keyboard.press("Tab")
        focused = page.locator(".menu__link:focus")
        expect(focused).to_have_text(name)
        address = focused.get_attribute("href")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")
        expect(page.locator(".menu__link[aria-current]")).to_have_text(name)
        expect(page.locator("h1")).to_have_count(1)
