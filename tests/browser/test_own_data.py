"""One's own data, an invitation and the view as customer in a real browser: each page wide, dark and on a phone."""

from flask import Flask
from playwright.sync_api import Page, expect

from app.domain import account_access
from app.domain.account_access import Limits
from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act


def test_a_cabinet_is_looked_at_copied_shared_and_closed(page: Page, act: Act, app: Flask, sign_in: SignIn) -> None:
    with act() as session:
        oleg = factories.user(session, login="oleg", first_name="Олег", last_name="Белов", email="oleg@example.org")
        account = factories.account(session, oleg, number="0012345678").id
        factories.account(session, oleg, number="0012345699")
        asked = {"limits": Limits(may_pay=False), "email": "vera@example.org"}
        secret = account_access.invite(session, oleg.id, account, **asked).secret
    sign_in("Operator")
    page.goto(f"/staff/view-as/account/{account}")
    look(page)
    page.locator("main form [type=submit]").click()
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.fill("[name=reason]", "Вы спросили по телефону, почему не принято показание")
    page.press("[name=reason]", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".viewing")).to_be_visible()
    page.focus(".switcher summary")
    page.keyboard.press("Enter")
    look(page)
    page.locator(".switcher__item", has_text="0012345699").press("Enter")
    expect(page.locator(".switcher summary")).to_contain_text("0012345699")
    page.goto("/cabinet/settings")
    look(page)
    page.locator(".viewing button").click()
    expect(page.locator("main h1")).to_contain_text("0012345678")
    page.wait_for_load_state("networkidle")
    leave(page)
    page.goto(f"/cabinet/invitation/{secret}")
    look(page)
    page.locator("main .btn-primary").click()
    page.locator("main form [type=submit]").click()
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    sign_in(login="oleg")
    page.goto(f"/cabinet/accounts/{account}/people")
    look(page)
    page.goto("/cabinet/settings/traces")
    look(page)
    page.goto("/cabinet/settings/archive")
    look(page)
    page.locator("main form [type=submit]").click()
    expect(page.locator("#ready")).to_be_visible()
    look(page)
    page.goto("/cabinet/settings/close")
    page.press("[name=current]", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.fill("[name=current]", factories.PASSWORD)
    page.check("[name=agreed]")
    page.locator("main form [type=submit]").click()
    expect(page.locator(".flash--success")).to_be_visible()
