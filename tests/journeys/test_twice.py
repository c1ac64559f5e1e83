"""A customer who pays twice by mistake, in two tabs and with the back button, and keeps every kopeck."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")

NEXT_TURN = 90_000
"""The worker sends refunds every minute."""
PAYMENTS = (
    "SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM payment WHERE account_id = ? AND id > ? AND state = 'succeeded'"
)
STARTED = "SELECT COUNT(*) FROM payment WHERE account_id = ? AND id > ?"
LEDGER = "SELECT SUM(amount) FROM ledger_entry WHERE account_id = ?"


def test_two_tabs_and_the_back_button_are_one_payment_and_a_second_one_is_an_advance_that_goes_back(
    context: BrowserContext, stack: Stack
) -> None:
    first, second = context.new_page(), context.new_page()
    sign_in(first, "customer")
    amount = _to_the_sum(first)
    assert _to_the_sum(second) == amount
    account_id = int(stack.row("SELECT id FROM account WHERE number = ?", _account(first))[0])
    last = stack.row("SELECT COALESCE(MAX(id), 0) FROM payment")[0]
    before = stack.row(LEDGER, account_id)[0]

    _press(first)
    first.wait_for_selector("[name=number]")
    _press(second)
    second.wait_for_url("**/payments/status/**")
    expect(second.locator("h1")).to_have_text(re.compile(r"Вы уже платите .+ с \d\d:\d\d"))
    assert _roubles(second.locator("h1").inner_text()) == amount
    assert stack.row(STARTED, account_id, last)[0] == 1

    _back_to(first, "/payments/status/")
    _press(first)
    first.wait_for_selector("[name=number]")
    assert stack.row(STARTED, account_id, last)[0] == 1
    _pay(first)
    assert stack.row(PAYMENTS, account_id, last) == (1, _kopecks(amount))
    _back_to(first, "/payments/status/")
    expect(first.locator(".confirm__title")).to_be_visible()
    assert stack.row(STARTED, account_id, last)[0] == 1
    assert stack.row(LEDGER, account_id)[0] == before - _kopecks(amount)

    _back_to(second, "/cabinet/payments/confirm")
    _press(second)
    second.wait_for_selector("[name=number]")
    _pay(second)
    assert stack.row(PAYMENTS, account_id, last) == (2, 2 * _kopecks(amount))
    assert stack.row(LEDGER, account_id)[0] == before - 2 * _kopecks(amount)
    expect(second.locator("main")).to_contain_text("переплата")
    _twice_in_the_list(first, amount)

    status = second.url
    payment_id = stack.row("SELECT MAX(id) FROM payment WHERE account_id = ?", account_id)[0]
    _give_back(context, stack, payment_id, amount)
    second.goto(status)
    expect(second.locator("main a[href*='/refunds/']")).to_be_visible()
    assert stack.row(LEDGER, account_id)[0] == before - _kopecks(amount)
    letter = stack.mailbox.wait_for(stack.row("SELECT email FROM ab_user WHERE username = 'customer'")[0])
    assert "возвращены" in str(letter["Subject"])


def _to_the_sum(page: Page) -> Decimal:
    """To the page that shows the sum once more; the sum."""
    page.goto("/cabinet/payments")
    for tick in page.locator("[name^=tick-]").all():
        tick.check()
    page.locator(".pay button[type=submit]").click()
    page.wait_for_url("**/cabinet/payments/confirm**")
    return _roubles(page.locator("main form button[type=submit]").first.inner_text())


def _account(page: Page) -> str:
    found = re.search(r"\b\d{8,20}\b", page.locator("main .facts").first.inner_text())
    assert found
    return found[0]


def _press(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()


def _back_to(page: Page, place: str) -> None:
    """The sum's page leads to what became of its payment once there is one."""
    for _step in range(6):
        page.go_back()
        if place in page.url:
            return
    raise AssertionError(page.url)


def _pay(page: Page) -> None:
    page.fill("[name=number]", "4111 1111 1111 1111")
    page.fill("[name=expiry]", "12/30")
    page.fill("[name=cvv]", "123")
    page.keyboard.press("Enter")
    code = re.search(r"\b\d{6}\b", page.locator(".sms").inner_text())
    assert code
    page.fill("[name=code]", code[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/payments/status/**")
    expect(page.locator("a[href$='receipt.pdf']").first).to_be_visible()


def _twice_in_the_list(page: Page, amount: Decimal) -> None:
    page.goto("/cabinet/payments")
    sums = page.locator(".ledger__sum").all_inner_texts()[:2]
    assert [_roubles(each) for each in sums] == [amount, amount]


def _give_back(context: BrowserContext, stack: Stack, payment_id: int, amount: Decimal) -> None:
    """Two people of the staff, as the sum may be above what one may return."""
    assert context.browser
    for login in ("cashier", "admin"):
        desk = context.browser.new_context(base_url=stack.url, locale="ru-RU")
        page = desk.new_page()
        sign_in(page, login)
        page.goto(f"/staff/desk/payments/{payment_id}")
        if login == "cashier":
            page.fill("[name=amount]", str(amount).replace(".", ","))
            page.fill("[name=reason]", "Оплачено дважды по ошибке")
            button = page.locator("form[action$='/refund'] button[type=submit]")
        else:
            button = page.locator("[name=act][value=approve]")
        if button.count():
            button.click()
            expect(page.locator(".flash--success")).to_be_visible()
        expect(page.locator("main")).to_contain_text("Оплачено дважды по ошибке")
        desk.close()
    page = context.new_page()
    page.goto(f"/payments/status/{stack.row('SELECT status_token FROM payment WHERE id = ?', payment_id)[0]}")
    for _ in range(NEXT_TURN // 2000):
        if page.locator("main a[href*='/refunds/']").count():
            return
        page.wait_for_timeout(2000)
        page.reload()
    raise AssertionError("The refund was not sent")


def _roubles(text: str) -> Decimal:
    found = re.search(r"\d[\d\s\u00a0\u202f]*,\d\d", text)
    assert found, text
    return Decimal(re.sub(r"[^\d,]", "", found[0]).replace(",", "."))


def _kopecks(amount: Decimal) -> int:
    return int(amount * 100)
