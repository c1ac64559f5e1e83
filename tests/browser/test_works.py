"""Works on the networks in a real browser: a notice from the keyboard alone, and the pages of both sides."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.models import WorkState
from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act


@pytest.fixture
def town(act: Act) -> None:
    with act() as session:
        for house in ("2", "4", "8а", "9"):
            factories.account(session, premises=factories.premises(session, house=house))


@pytest.mark.parametrize("path", ["", "/1", "/2", "/3", "/new", "/2/edit", "/1/preview"])
def test_page_of_the_desk_is_accessible_wide_dark_and_narrow(
    path: str, page: Page, town: None, act: Act, sign_in: SignIn
) -> None:
    with act() as session:
        now = clock.now()
        factories.work(session, "Не будет холодной воды", streets=["ул. Ленина"], starts_at=now)
        factories.work(session, "Черновик", streets=["ул. Ленина"], state=WorkState.draft, days=2)
        factories.work(session, "Через неделю", days=7, prolonged_for="Нашли вторую течь", roads="Ул. Попова")
    sign_in("Operator")
    page.goto(f"/staff/works{path}")
    look(page)


def test_a_notice_is_written_and_published_by_the_keyboard_alone(page: Page, town: None, sign_in: SignIn) -> None:
    sign_in("Operator")
    page.goto("/staff/works/new")
    page.locator("[name=kind]").first.focus()
    for key in ("Space", "Tab", "ArrowDown", "Tab"):  # the water's networks; an accident
        page.keyboard.press(key)
    page.keyboard.type("Нет воды на улице Ленина")
    page.keyboard.press("Tab")
    page.keyboard.type("лен 2-8а чет")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    day = clock.local(clock.now())
    starts, ends = f"{day:%Y-%m-%d}T08:00", f"{day.year + 1}-01-01T08:00"
    for name, moment in (("starts_at", starts), ("ends_at", ends)):
        page.fill(f"[name={name}]", moment)
    page.locator("[name=water]").first.focus()
    page.keyboard.press("Space")
    page.locator("[name=title]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.rpartition("/")[2].isdigit())
    expect(page.locator("main")).to_contain_text("ул. Ленина, 2–8а чётные")
    page.locator("form[action$='/publish'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("form[action$='/prolong']")).to_be_visible()
    page.goto("/works")
    page.fill("[name=q]", "ленина 8А")
    page.press("[name=q]", "Enter")
    expect(page.locator("main")).to_contain_text("Нет воды на улице Ленина")
    look(page)


def test_a_refused_notice_keeps_what_was_typed_and_leads_to_the_fault(page: Page, town: None, sign_in: SignIn) -> None:
    sign_in("Operator")
    page.goto("/staff/works/new")
    page.fill("[name=addresses]", "нигде 5")
    page.press("[name=title]", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator("[name=addresses]")).to_have_value("нигде 5")
    look(page)


def test_a_rule_of_notice_that_is_not_kept_is_told_above_the_form(page: Page, town: None, sign_in: SignIn) -> None:
    sign_in("Operator")
    page.goto("/staff/works/new")
    day = clock.today() + timedelta(days=1)
    for name, value in (("kind", "water"), ("plan", "planned"), ("water", "always")):
        page.check(f"[name={name}][value={value}]")
    typed = {"title": "Замена задвижки", "addresses": "ленина 2-8 чет"}
    for name, value in {**typed, "starts_at": f"{day}T10:00", "ends_at": f"{day}T16:00"}.items():
        page.fill(f"[name={name}]", value)
    page.press("[name=title]", "Enter")
    expect(page.locator("#breaches")).to_be_visible()
    look(page)


def test_a_link_for_a_calendar_is_made_and_shown(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="irina"))
    sign_in(login="irina")
    page.goto("/cabinet/settings/calendar")
    page.locator("form[action$='/make'] button").press("Enter")
    expect(page.locator("#address")).to_have_value(re.compile(r"/calendar/[\w-]{43}\.ics$"))
    look(page)
