"""Signing in without following to the first page, for tests of the pages before it."""

from tests.factories import PASSWORD
from tests.page import Browser, Page


def enter(browser: Browser, login: str, password: str = PASSWORD) -> Page:
    """The answer of the sign-in form: 303 or 302 when the password is right, 422 when it is wrong."""
    form = browser.get("/login/").form("username", "password")
    data = {**form.values, "username": login, "password": password}
    return browser.post(form.action, follow=False, data=data)
