"""The working days of an operator and a manager, and a company that pays."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ROOT, Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")


def test_an_operator_imports_finds_an_account_adds_a_meter_and_answers_a_request(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    sign_in(page, "operator")
    assert page.url.endswith("/staff/")
    _import(page, _new_file(tmp_path))
    _find(page, "0077001122")
    _add_meter(page)
    assert stack.row("SELECT COUNT(*) FROM meter WHERE serial = 'J-2026-1'")[0] == 1
    _answer_a_request(page)


def _new_file(folder: Path) -> Path:
    """The demo's export with one account that it does not have, in the encoding of old billing systems."""
    source = (ROOT / "tests/data/perm_accounts.csv").read_text("cp1251").splitlines()
    row = source[1].split(";")
    row[0], row[9], row[12] = "0077001122", "999", "55500011"
    file = folder / "accounts.csv"
    file.write_text("\r\n".join([source[0], ";".join(row)]) + "\r\n", "cp1251")
    return file


def _import(page: Page, file: Path) -> None:
    page.goto("/staff/imports/accounts")
    page.set_input_files("[name=file]", file)
    page.locator("main form button[type=submit]").first.click()
    page.locator("main form[action$='/start'] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(
        re.compile(r"1 (лицевой счёт|счёт|account)|: ?1\b|\b1\b"), timeout=30_000
    )


def _find(page: Page, number: str) -> None:
    """The key / leads to the search box."""
    page.goto("/staff/")
    page.keyboard.press("/")
    page.keyboard.type(number.lstrip("0"))
    page.keyboard.press("Enter")
    page.locator(f"main a:has-text('{number}')").first.click()
    expect(page.locator("h1")).to_contain_text(number)


def _add_meter(page: Page) -> None:
    page.locator("main a[href*='/staff/meters/add']").first.click()
    page.fill("[name=serial]", "J-2026-1")
    if page.input_value("[name=digits]") == "":
        page.fill("[name=digits]", "5")
    page.fill("[name=installed_on]", "2026-11-01")
    service = page.locator("select[name=service]")
    if service.input_value() in ("", "__None"):
        service.evaluate("element => element.innerHTML = '<option value=1 selected>1</option>'")
    page.press("[name=serial]", "Enter")
    page.wait_for_url(lambda url: "/meters/add" not in url)
    expect(page.locator(".form-errors, [aria-invalid=true]")).to_have_count(0)


def _answer_a_request(page: Page) -> None:
    page.goto("/staff/")
    page.goto("/staff/desk/requests")
    page.locator("main a[href*='/staff/desk/requests/']").first.click()
    page.fill("[name=body]", "Мастер придёт во вторник с 10 до 12.")
    page.locator("main form:has([name=body]) button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("Мастер придёт во вторник")


def test_a_manager_reads_the_figures_and_takes_them_away(page: Page, stack: Stack) -> None:
    sign_in(page, "manager")
    for name in ("collection", "debtors", "coverage", "consumption"):
        answer = page.goto(f"/reports/{name}")
        assert answer is not None and answer.status == 200
        expect(page.locator("main table").first).to_be_visible()
    page.goto("/reports/debtors")
    with page.expect_download() as waiting:
        page.locator("a:has-text('CSV')").first.click()
    assert len(Path(waiting.value.path()).read_text("utf-8-sig").splitlines()) > 1


def test_a_company_pays_an_amount_with_its_basis(page: Page, stack: Stack) -> None:
    sign_in(page, "company")
    page.goto("/cabinet/payments")
    page.fill("[name=amount]", "1 500,50")
    page.fill("[name=basis]", "Аванс по договору")
    page.locator("main form:has([name=basis]) button[type=submit]").first.click()
    page.wait_for_url("**/cabinet/payments/confirm**")
    expect(page.locator("main")).to_contain_text("Аванс по договору")
    page.locator("main form button[type=submit]").first.click()
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
    assert stack.row("SELECT state FROM payment WHERE basis = 'Аванс по договору'")[0] == "succeeded"
