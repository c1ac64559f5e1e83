"""The table of all meters in a real browser: accessible, and no wider than a phone."""

from datetime import date

from playwright.sync_api import Page

from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act


def test_the_table_of_all_meters_is_accessible_and_narrow(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        owner = factories.user(session, "Company", login="works")
        for n in range(1, 4):
            site = factories.premises(session, street="ул. Заводская", house=str(n), flat="")
            account = factories.account(session, owner, is_company=True, premises=site)
            meter = factories.meter(session, account, serial=f"W-{n}")
            factories.reading(session, meter, "100", date(2026, 8, 1))
    sign_in(login="works")
    page.goto("/cabinet/readings/table")
    page.locator("[name=lines]").fill("W-1\t110,5\nW-2\t99\nW-3\t1010\nX-7\t5")
    page.locator("button[type=submit]").last.click()
    page.locator(".summary").wait_for()
    look(page)
