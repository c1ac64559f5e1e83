"""A customer's month: from the public page to a lower balance."""

import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.journeys.conftest import Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")

EMAIL, PASSWORD = "new.customer@example.org", "seven-quiet-boats-41"
UNREGISTERED = """
    SELECT account.id, account.number, meter.id, meter.serial, MAX(reading.value)
    FROM account JOIN meter ON meter.account_id = account.id JOIN service ON service.id = meter.service_id
    JOIN reading ON reading.meter_id = meter.id
    WHERE account.payer_group = 'population' AND service.code = 'cold' AND meter.removed_on IS NULL
      AND account.id NOT IN (SELECT account_id FROM account_access)
      AND meter.id NOT IN (SELECT meter_id FROM reading WHERE period = date('now', 'start of month'))
      AND (SELECT SUM(amount) FROM ledger_entry WHERE account_id = account.id) > 20000
    GROUP BY meter.id HAVING MAX(reading.value) < 9000000 ORDER BY account.id LIMIT 1
"""
BALANCE = "SELECT SUM(amount) FROM ledger_entry WHERE account_id = ?"


def test_a_newcomer_registers_sends_a_reading_pays_and_keeps_the_receipt(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    account_id, number, meter_id, serial, last = stack.row(UNREGISTERED)
    _register(page, number, serial)
    _confirm_by_letter(page, stack, tmp_path)
    sign_in(page, EMAIL, PASSWORD)
    assert page.url.endswith("/cabinet/")

    _send_reading(page, str(last // 1000 + 3))
    assert (
        stack.row("SELECT COUNT(*) FROM reading WHERE meter_id = ? AND value = ?", meter_id, (last // 1000 + 3) * 1000)[
            0
        ]
        == 1
    )

    before = stack.row(BALANCE, account_id)[0]
    amount = _pay(page)
    assert stack.row(BALANCE, account_id)[0] == before - int(amount * 100)

    text = receipt_text(page)
    assert number in text
    assert re.search(rf"{int(amount):,}".replace(",", r"[\s\u00a0\u202f]?"), text)
    letter = stack.mailbox.wait_for(EMAIL)
    assert letter["Subject"]


def _register(page: Page, number: str, serial: str) -> None:
    page.goto("/")
    page.locator("main a[href='/register']").first.click()
    page.fill("[name=account_number]", number)
    page.fill("[name=fact]", serial)
    page.fill("[name=last_name]", "Новикова")
    page.fill("[name=first_name]", "Вера")
    page.fill("[name=patronymic]", "Андреевна")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=phone]", "291-00-11")
    page.fill("[name=password]", PASSWORD)
    assert not page.is_checked("[name=consent]")
    page.check("[name=consent]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/sent")


def _confirm_by_letter(page: Page, stack: Stack, folder: Path) -> None:
    """Before the link one cannot sign in; the letter is opened in the browser and its link followed."""
    page.goto("/login/")
    page.fill("[name=username]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=password][aria-invalid=true]")).to_be_visible()
    html = stack.mailbox.wait_for(EMAIL).get_body(("html",))
    assert html is not None
    (folder / "letter.html").write_text(str(html.get_content()))
    page.goto(f"file://{folder}/letter.html")
    link = page.locator("a[href*='/register/confirm/']").first.get_attribute("href")
    page.locator("a[href*='/register/confirm/']").first.click()
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/register/confirm/" not in url)
    page.goto(str(link))
    assert page.locator("main form button").count() == 0 or "/register/resend" in page.content()


def _send_reading(page: Page, value: str) -> None:
    page.goto("/cabinet/readings")
    page.fill("[name=value] >> nth=0", value)
    page.keyboard.press("Enter")
    expect(page.locator(".receipt__number").first).to_contain_text("П-")


def _pay(page: Page) -> Decimal:
    page.goto("/cabinet/")
    for tick in page.locator("[name^=tick-]").all():
        tick.check()
    page.locator(".pay button[type=submit]").click()
    page.wait_for_url("**/cabinet/payments/confirm**")
    button = page.locator("main form button[type=submit]").first
    found = re.search(r"[\d\s\u00a0\u202f]+,\d\d", button.inner_text())
    assert found
    button.click()
    pay_with_card(page)
    return Decimal(re.sub(r"[^\d,]", "", found[0]).replace(",", "."))


def pay_with_card(page: Page) -> None:
    """On the gateway's page: the card, the code from its "SMS", back to what became of the payment."""
    page.wait_for_selector("[name=number]")
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


def receipt_text(page: Page) -> str:
    with page.expect_download() as waiting:
        page.locator("a[href$='receipt.pdf']").first.click()
    pdf = PdfReader(BytesIO(Path(waiting.value.path()).read_bytes()))
    return " ".join(sheet.extract_text() for sheet in pdf.pages)
