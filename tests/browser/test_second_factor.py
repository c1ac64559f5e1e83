"""A member of staff sets a second factor and signs in with it, by the keyboard, on a screen and on a phone."""

from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Page, expect
from zxingcpp import read_barcodes

from app import clock
from tests import factories
from tests.browser.checks import axe, fits
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act


def both_widths(page: Page) -> None:
    axe(page)
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 780})
        fits(page)
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_it_is_set_by_the_picture_and_asked_for(page: Page, sign_in: SignIn, act: Act, tmp_path: Path) -> None:
    with act() as session:
        login = factories.user(session, "Operator").username
    sign_in(login=login)
    page.goto("/staff/second-factor/")
    both_widths(page)
    secret = page.inner_text("#secret").replace(" ", "")
    picture = read_picture(page, tmp_path)
    assert f"secret={secret}" in picture
    assert picture.startswith("otpauth://totp/")
    page.fill("#code", code_of(secret))
    page.press("#code", "Enter")
    expect(page.locator("ol strong")).to_have_count(10)
    on_paper = page.locator("ol strong").first.inner_text()
    both_widths(page)
    page.goto("/staff/second-factor/")
    both_widths(page)
    leave(page)
    page.goto("/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/login/code")
    both_widths(page)
    page.focus("#code")
    page.keyboard.type(on_paper)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")


def read_picture(page: Page, folder: Path) -> str:
    page.locator("img[src^='data:image/svg']").screenshot(path=folder / "picture.png")
    (found,) = read_barcodes(Image.open(folder / "picture.png"))
    return str(found.text)


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()))
