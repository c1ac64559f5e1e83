"""Attaching an account of somebody else, in a real browser: each page wide, dark and on a phone."""

from flask import Flask
from playwright.sync_api import Page, expect

from app.domain import account_access
from app.domain.account_access import Limits
from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act


def test_a_relative_attaches_an_account(page: Page, act: Act, app: Flask, sign_in: SignIn) -> None:
    with act() as session:
        oleg = factories.user(session, login="oleg", first_name="Олег")
        account = factories.account(session, oleg, number="0012345678").id
        factories.user(session, login="anna", first_name="Анна")
        limits = Limits(may_send=False, may_pay=False, may_request=False)
        secret = account_access.invite(session, oleg.id, account, limits).secret
    sign_in(login="anna")
    for path in ("attach", "attach/bill", "attach/password"):
        page.goto(f"/cabinet/accounts/{path}")
        look(page)
    page.press("[name=login]", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.goto(f"/cabinet/invitation/{secret}")
    look(page)
    page.locator("main form button").click()
    expect(page.locator(".flash--success")).to_be_visible()
    look(page)
    leave(page)
    sign_in(login="oleg")
    page.goto(f"/cabinet/accounts/{account}/people")
    look(page)
    page.goto(f"/cabinet/accounts/{account}/invite")
    look(page)
    page.goto("/cabinet/settings/traces")
    look(page)
