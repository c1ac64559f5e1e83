"""A service request in a real browser: a customer sends it with a photo, an operator answers, both follow it."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Page

from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act


def photo() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(drawn, "JPEG")
    return drawn.getvalue()


def test_a_request_goes_from_the_customer_to_the_desk_and_back(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="irina"))
        factories.offering(session, code="sealing")
    sign_in(login="irina")
    page.goto("/cabinet/services")
    look(page)
    page.click(".card-title a")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".summary")
    look(page)
    page.fill("[name=description]", "Сорвана пломба")
    page.set_input_files("[name=files]", {"name": "кухня.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.click("main form button[type=submit]")
    page.wait_for_url("**/accepted")
    look(page)
    request = page.url.removesuffix("/accepted")

    leave(page)
    sign_in("Operator")
    page.goto("/staff/desk/requests")
    look(page)
    page.click("tbody th a")
    page.fill("[name=body]", "Придём завтра")
    page.click("button[value=accepted]")
    page.wait_for_selector(".message")
    look(page)

    leave(page)
    sign_in(login="irina")
    page.goto("/cabinet/requests")
    look(page)
    page.goto(request)
    assert "Придём завтра" in page.inner_text(".message")
    assert "кухня.jpg" in page.inner_text("main")
    look(page)
