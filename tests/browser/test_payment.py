"""A payment from the table to the printed receipt, through the embedded gateway over real HTTP."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from werkzeug.serving import make_server

from app.gateways.sandbox import SandboxSettings, create_sandbox
from app.models import PaymentState
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act
from tests.gateways.conftest import serving
from tests.payments import customer, only, owe

PAYS, NO_MONEY, NEVER_TELLS = "4111 1111 1111 1111", "4000 0000 0000 9995", "5200 8282 8282 8210"


@pytest.fixture(autouse=True)
def sandbox(app: Flask, site: str) -> Iterator[None]:
    settings = SandboxSettings(
        merchant_url=site,
        account_id=app.config["MONETA_ID"],
        code=app.config["MONETA_CODES"][0],
        utility_name="Горводоканал",
    )
    with serving(make_server("127.0.0.1", app.config["SANDBOX_PORT"], create_sandbox(settings), threaded=True)):
        yield


@pytest.fixture
def payer(act: Act, sign_in: SignIn, page: Page) -> Page:
    """Signed in, owes 300.00 and 50.25."""
    with act() as session:
        user, account = customer(session)
        owe(session, account, "300.00")
        owe(session, account, "50.25", "sewerage")
        login = user.username
    sign_in(login=login)
    return page


def to_the_gateway(page: Page) -> None:
    page.goto("/cabinet/payments")
    look(page)
    for tick in page.locator(".pay input[type=checkbox]").all():
        tick.check()
    page.locator(".pay button[type=submit]").click()
    page.wait_for_url("**/confirm?**")
    look(page)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/pay/**")


def card(page: Page, number: str) -> None:
    """The card and the code from the message on the phone."""
    page.fill("#number", number)
    page.fill("#expiry", "12/39")
    page.fill("#cvv", "123")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    code = re.search(r"\b[0-9]{6}\b", page.locator(".sms").inner_text())
    assert code
    page.fill("#code", code[0])
    page.keyboard.press("Enter")


def test_a_payment_ends_in_a_receipt_and_a_lower_balance(payer: Page, act: Act) -> None:
    to_the_gateway(payer)
    card(payer, PAYS)
    payer.wait_for_url("**/payments/status/**")
    expect(payer.locator("h1")).to_contain_text("350,25")
    look(payer)
    with payer.expect_download() as saved:
        payer.locator("main a[href$='receipt.pdf']").click()
    text = PdfReader(saved.value.path()).pages[0].extract_text()
    assert "350,25" in text
    assert "TEST" in text
    with act() as session:
        assert only(session).state is PaymentState.succeeded
    payer.goto("/cabinet/payments")
    expect(payer.locator("tbody .pay__due .num")).to_have_count(0)
    look(payer)


def test_the_page_waits_for_the_gateways_word_and_then_shows_it(payer: Page, act: Act, app: Flask) -> None:
    to_the_gateway(payer)
    card(payer, NEVER_TELLS)
    payer.wait_for_url("**/payments/status/**")
    waiting = payer.locator("h1").inner_text()
    look(payer)
    with act() as session:
        only(session).state = PaymentState.review
    expect(payer.locator("h1")).not_to_have_text(waiting)
    look(payer)


def test_a_declined_card_leaves_a_way_on_and_a_way_out(payer: Page, act: Act) -> None:
    to_the_gateway(payer)
    card(payer, NO_MONEY)
    payer.wait_for_url("**/declined")
    payer.locator("main a").last.click()
    payer.wait_for_url("**/payments/status/**")
    look(payer)
    payer.locator("form[action$='resume'] button").click()
    payer.wait_for_url("**/pay/**")
    payer.go_back()
    payer.locator("form[action$='cancel'] button").click()
    expect(payer.locator("form[action$='cancel']")).to_have_count(0)
    look(payer)
    with act() as session:
        assert only(session).state is PaymentState.canceled


def test_a_company_pays_an_amount_with_a_basis(act: Act, sign_in: SignIn, page: Page) -> None:
    with act() as session:
        user, account = customer(session, is_company=True)
        owe(session, account, "1000.00")
        login = user.username
    sign_in(login=login)
    page.goto("/cabinet/payments")
    look(page)
    page.fill("#amount", "1 000")
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.fill("#basis", "Долг за октябрь")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm?**")
    look(page)
