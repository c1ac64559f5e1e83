"""How a company gets its cabinet by the site, with the letters read from a real mail server."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import leave
from tests.companies import OGRN, TRADER_OGRN
from tests.journeys.conftest import Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")

EMAIL, PASSWORD = "accounts@new-company.example", "seven-quiet-boats-41"
CONTRACT = """
    SELECT contract.id, contract.number, legal_entity.inn, legal_entity.name, COUNT(*)
    FROM contract JOIN legal_entity ON legal_entity.id = contract.legal_entity_id
    JOIN account ON account.contract_id = contract.id
    WHERE account.status = 'active' AND account.id NOT IN (SELECT account_id FROM account_access)
    GROUP BY contract.id ORDER BY contract.id LIMIT 1
"""
TIED = """
    SELECT COUNT(*) FROM account_access JOIN ab_user ON ab_user.id = account_access.user_id
    JOIN account ON account.id = account_access.account_id WHERE ab_user.email = ? AND account.contract_id = ?
"""
LINES = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


def test_a_company_applies_by_the_site_is_approved_and_signs_in(page: Page, stack: Stack, tmp_path: Path) -> None:
    contract_id, number, inn, name, accounts = stack.row(CONTRACT)
    _fill(page, number, inn, name)
    _take_the_blank(page, name)
    _send(page, tmp_path)
    link = _follow_by_letter(page, stack)
    assert stack.row(TIED, EMAIL, contract_id)[0] == 0
    assert stack.row("SELECT COUNT(*) FROM ab_user WHERE email = ?", EMAIL)[0] == 0

    _approve(page, number, inn)
    assert stack.row(TIED, EMAIL, contract_id)[0] == accounts
    leave(page)
    page.goto(link)
    expect(page.locator("#outcome")).to_contain_text("Кабинет открыт")
    _sign_in_for_the_first_time(page, stack)


def _fill(page: Page, number: str, inn: str, name: str) -> None:
    page.goto("/")
    page.locator("main a[href='/apply']").click()
    page.check(f"[name=kind][value={'trader' if len(inn) == 12 else 'company'}]")
    typed = {"name": name, "inn": inn, "ogrn": TRADER_OGRN if len(inn) == 12 else OGRN, "contract_number": number}
    person = {"last_name": "Кузнецова", "first_name": "Ольга", "job": "бухгалтер", "phone": "2019537", "email": EMAIL}
    for field, value in {**typed, **person}.items():
        page.fill(f"[name={field}]", value)


def _take_the_blank(page: Page, name: str) -> None:
    with page.expect_download() as waiting:
        page.locator("button[formaction]").click()
    (table,) = Document(BytesIO(Path(waiting.value.path()).read_bytes())).tables
    assert {name, "Кузнецова", EMAIL} <= {row.cells[1].text for row in table.rows}


def _send(page: Page, folder: Path) -> None:
    scan = folder / "заявление.jpg"
    Image.new("RGB", (600, 800), "white").save(scan)
    page.set_input_files("[name=scan]", scan)
    page.check("[name=consent]")
    page.press("[name=inn]", "Enter")
    page.wait_for_url("**/apply/follow/**")


def _follow_by_letter(page: Page, stack: Stack) -> str:
    found = re.search(r"http://\S+/apply/follow/[\w-]{43}", _last_letter(stack))
    assert found
    page.goto(found[0])
    expect(page.locator("#outcome")).to_contain_text("рабочих дней")
    return found[0]


def _last_letter(stack: Stack) -> str:
    part = stack.mailbox.wait_for(EMAIL).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _approve(page: Page, number: str, inn: str) -> None:
    sign_in(page, "operator")
    page.goto("/staff/desk/applications")
    page.locator("tr", has_text=number).locator("th a").last.click()
    page.locator("form[action$='/take'] button").click()
    expect(page.locator("input[name=inn]")).to_have_value(inn)
    page.locator("form[action$='/approve'] button").click()
    expect(page.locator(".flash--success")).to_be_visible()
    page.wait_for_load_state()  # the scan's answer brings the clerk's cookie once more


def _sign_in_for_the_first_time(page: Page, stack: Stack) -> None:
    while (password := LINES.search(_last_letter(stack))) is None:
        page.wait_for_timeout(200)
    sign_in(page, EMAIL, password[0])
    page.wait_for_url("**/recover/password")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cabinet/")
    leave(page)
    sign_in(page, EMAIL, PASSWORD)
    assert page.url.endswith("/cabinet/")
