"""The customer's main pages in a real browser: nothing against WCAG, nothing wider than the screen, keys are enough."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app import clock
from tests import factories
from tests.browser.checks import axe, fits, look
from tests.browser.conftest import SignIn
from tests.cards import other_payee, saved
from tests.conftest import Act
from tests.household import household
from tests.payments import customer


@pytest.fixture
def home(act: Act, sign_in: SignIn, page: Page) -> Page:
    """Irina's home: a debt, two meters, works on the networks."""
    with act() as session:
        owner, _ = household(session, factories.user(session, login="irina"))
        factories.account(session, owner, number="0051770032")
        factories.account(session, factories.user(session, "Company", login="company"), is_company=True)
        ends_at = clock.at(date(clock.today().year + 1, 1, 1))
        factories.work(session, "Не будет холодной воды", roads="Проезд закрыт", starts_at=clock.now(), ends_at=ends_at)
    sign_in(login="irina")
    return page


@pytest.mark.parametrize(
    "path",
    ["", "/readings", "/readings/1", "/charges", "/accounts", "/meters"],
    ids=["home", "readings", "history", "charges", "accounts", "meters"],
)
def test_every_page_is_accessible_wide_dark_and_narrow(home: Page, path: str) -> None:
    home.goto(f"/cabinet{path or '/'}")
    look(home)


@pytest.fixture
def payer(act: Act, sign_in: SignIn, page: Page) -> tuple[Page, int, int]:
    """The page of somebody with a saved card: its id, and that of a payee who asks for the passport."""
    with act() as session:
        user, account = customer(session)
        card = saved(session, user, account)
        to = other_payee(session, asks_passport=True)
        login, ids = user.username, (card.id, to.payee.id)
    sign_in(login=login)
    return page, *ids


def test_saved_cards_are_accessible_wide_dark_and_narrow(payer: tuple[Page, int, int]) -> None:
    page, card_id, payee_id = payer
    for path in ("", f"/cards/{card_id}"):
        page.goto(f"/cabinet/settings{path}")
        look(page)
    page.goto("/cabinet/payments")
    expect(page.locator(f"main a[href*='/for/services/{payee_id}']")).to_have_count(1)
    look(page)


def test_a_payment_to_another_payee_is_accessible_wide_dark_and_narrow(payer: tuple[Page, int, int]) -> None:
    page, _card_id, payee_id = payer
    page.goto(f"/cabinet/payments/for/services/{payee_id}")
    look(page)
    page.click("main form [type=submit]")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    look(page)
    page.fill("[name=amount]", "120")
    page.fill("[name=basis]", "Врезка в сеть")
    page.click("main form [type=submit]")
    page.wait_for_url("**/confirm*")
    look(page)


def test_no_table_slides_in_its_frame_on_a_phone(home: Page) -> None:
    home.set_viewport_size({"width": 360, "height": 780})
    home.goto("/cabinet/readings")
    frames = home.evaluate("[...document.querySelectorAll('.scroll-region')].map(f => [f.scrollWidth, f.clientWidth])")
    assert frames
    assert all(inner <= outer for inner, outer in frames)


def test_a_company_has_its_home_too(page: Page, home: Page, sign_in: SignIn) -> None:
    page.click(".bar__out button")
    sign_in(login="company")
    axe(page)
    page.set_viewport_size({"width": 320, "height": 780})
    fits(page)


def test_enter_sends_one_meter_and_keeps_what_is_typed_in_the_other(home: Page) -> None:
    home.goto("/cabinet/readings")
    home.fill("#reading-2", "650,5")
    home.fill("#reading-1", "1296")
    home.press("#reading-1", "Enter")
    home.wait_for_url("**/cabinet/readings#meter-1")
    expect(home.locator("#meter-1 .receipt__value")).to_contain_text("1 296")
    expect(home.locator("#reading-2")).to_have_value("650,5")


def test_a_doubtful_value_is_asked_about_and_a_wrong_one_explained(home: Page) -> None:
    home.goto("/cabinet/readings")
    home.fill("#reading-1", "1297")
    home.fill("#reading-2", "abc")
    home.press("#reading-2", "Enter")
    expect(home.locator(".summary")).to_be_focused()
    expect(home.locator("#reading-2")).to_have_attribute("aria-invalid", "true")
    expect(home.locator("#reading-1")).to_have_value("1297")
    axe(home)
    home.fill("#reading-2", "9042")
    home.press("#reading-2", "Enter")
    expect(home.locator("#reading-2-guard")).to_be_visible()
    axe(home)
    home.set_viewport_size({"width": 320, "height": 780})
    fits(home)
    home.click("button[value=confirm]")
    expect(home.locator("#meter-2 .life__step")).to_have_count(3)
    axe(home)
    fits(home)


def test_the_sum_on_the_button_follows_the_wishes(home: Page) -> None:
    home.locator("[data-wish]").first.fill("100")
    expect(home.locator(".pay__act button")).to_contain_text("815,50")


def test_an_account_is_chosen_by_the_keyboard_alone(home: Page) -> None:
    home.focus(".switcher__open")
    home.keyboard.press("Enter")
    home.keyboard.press("Tab")
    home.keyboard.press("Tab")
    home.keyboard.press("Enter")
    expect(home.locator(".switcher__number").first).to_contain_text("0051770032")


def test_the_library_of_charts_comes_when_a_chart_is_near(home: Page) -> None:
    home.set_viewport_size({"width": 360, "height": 640})
    home.goto("/cabinet/readings")
    home.wait_for_load_state("networkidle")
    assert home.evaluate("typeof Chart") == "undefined"
    home.locator("canvas").scroll_into_view_if_needed()
    home.wait_for_function("() => !!window.Chart?.getChart(document.querySelector('canvas'))")
