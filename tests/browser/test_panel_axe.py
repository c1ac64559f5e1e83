"""Every kind of page of the panel in a real browser: nothing against WCAG 2.2 A and AA, nothing scrolls sideways."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app import clock
from app.domain import published
from app.models import OutboxMessage, OutboxState
from tests import factories, samples
from tests.browser.checks import axe, fits, look
from tests.browser.conftest import SignIn
from tests.conftest import Act


@pytest.fixture
def records(act: Act) -> int:
    """One row of everything; the id of an account with meters, readings, payments and requests."""
    with act() as session:
        published.load_demo(session)
        account = factories.account(session, number="0048213507")
        samples.one_of_each(session, account, factories.user(session))
        factories.account(session, is_company=True)
        session.add(
            OutboxMessage(
                recipient="ivan@example.org",
                subject="Квитанция",
                body="",
                state=OutboxState.dead,
                due_at=clock.now(),
                created_at=clock.now(),
                error="550 No such user",
            )
        )
        return account.id


def lists(app: Flask) -> list[str]:
    return sorted(str(rule) for rule in app.url_map.iter_rules() if re.fullmatch(r"/staff/[a-z-]+/list/", str(rule)))


def test_sign_in(page: Page) -> None:
    page.goto("/login/")
    look(page)
    page.click("main [type=submit]")
    expect(page.locator("[aria-invalid=true]")).to_have_count(2)
    look(page)


def test_every_generated_list(app: Flask, page: Page, sign_in: SignIn, records: int) -> None:
    sign_in("Admin")
    assert len(lists(app)) > 25
    for url in lists(app):
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.goto(url).status == 200, url
        axe(page)
        page.set_viewport_size({"width": 320, "height": 780})
        fits(page)
        axe(page)


def test_every_generated_form(app: Flask, page: Page, sign_in: SignIn, records: int) -> None:
    sign_in("Admin")
    forms = []
    for url in lists(app):
        page.goto(url)
        ways = [url.replace("/list/", f"/{way}") for way in ("show", "edit", "add")]
        links = [page.locator(f"main a[href*='{way}']").first for way in ways]
        forms += [link.get_attribute("href") for link in links if link.count()]
    assert len(forms) > 60
    for form in forms:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(form)
        axe(page)
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 780})
            fits(page)


def test_search_closed_open_and_at_work(page: Page, sign_in: SignIn, records: int) -> None:
    sign_in("Operator")
    page.goto("/staff/accounts/list/")
    look(page)
    page.click("details.search > summary")
    look(page)
    page.fill("[data-search]", "48213507")
    page.press("[data-search]", "Enter")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(1)
    look(page)


def test_a_row_with_what_belongs_to_it(page: Page, sign_in: SignIn, records: int) -> None:
    sign_in("Operator")
    page.goto(f"/staff/accounts/show/{records}")
    assert page.locator("section.related").count() >= 2
    look(page)


def test_a_form_refused(page: Page, sign_in: SignIn) -> None:
    sign_in("Operator")
    page.goto("/staff/accounts/add")
    look(page)
    page.click(".submit-row [type=submit]")
    expect(page.locator(".summary")).to_be_focused()
    look(page)


def test_a_related_field_closed_open_and_chosen(page: Page, sign_in: SignIn, records: int) -> None:
    sign_in("Operator")
    page.goto("/staff/accounts/add")
    page.click("label[for=premises]")
    page.keyboard.press("Enter")
    page.keyboard.type("ленина")
    page.wait_for_selector(".select2-results__option--highlighted")
    axe(page)
    fits(page)
    page.keyboard.press("Enter")
    assert "Ленина" in page.inner_text("#select2-premises-container")
    axe(page)


def test_the_question_before_a_deletion(page: Page, sign_in: SignIn) -> None:
    sign_in("Admin")
    page.goto("/staff/roles/list/")
    page.locator("a[href*=delete]").first.click()
    look(page)


def test_menus(page: Page, sign_in: SignIn) -> None:
    sign_in("Admin")
    page.click(".bar__menu summary >> nth=0")
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("details[open]")).to_have_count(0)
    page.click(".bar__who summary")
    axe(page)
    page.set_viewport_size({"width": 360, "height": 780})
    page.click(".bar__drawer summary")
    fits(page)
    axe(page)


def test_the_panel_works_without_a_script(chromium: Browser, site: str, act: Act, records: int) -> None:
    with act() as session:
        login = factories.user(session, "Operator").username
    page = chromium.new_context(base_url=site, java_script_enabled=False).new_page()
    page.goto("/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.click(".bar__menu summary >> nth=1")
    page.click(".bar__menu a[href='/staff/accounts/list/']")
    page.goto("/staff/accounts/add")
    page.fill("[name=number]", "77")
    page.fill("[name=premises__lookup]", "ленина")
    page.click("[name=_lookup][value=premises]")
    assert page.input_value("[name=number]") == "77"
    page.select_option("[name=premises]", index=1)
    page.press("[name=number]", "Enter")  # saves, though the look-up button comes first
    expect(page.locator(".summary a[href='#opened_on']")).to_have_count(1)
    expect(page.locator(".summary a[href='#premises']")).to_have_count(0)
    page.context.close()
