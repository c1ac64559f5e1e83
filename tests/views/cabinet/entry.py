"""Signing in without following to the first page, and the button behind a link of a letter."""

from tests.factories import PASSWORD
from tests.page import Browser, Form, Page


def enter(browser: Browser, login: str, password: str = PASSWORD) -> Page:
    """The answer of the sign-in form: 303 or 302 when the password is right, 422 when it is wrong."""
    form = browser.get("/login/").form("username", "password")
    data = {**form.values, "username": login, "password": password}
    return browser.post(form.action, follow=False, data=data)


def press(browser: Browser, link: str) -> Page:
    """Open the link of a letter and press the one button of its page."""
    page = browser.get(link, expect=None)
    return Form(page, next(page.elements("main")[0].iter("form"))).submit()
