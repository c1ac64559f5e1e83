"""A paid service, from the catalogue to the receipt and the rating."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import leave
from tests.journeys.conftest import Stack, sign_in
from tests.journeys.test_customer import pay_with_card, receipt_text

pytestmark = pytest.mark.xdist_group("run")

WAY = ("accepted", "in_progress", "done")


def test_a_service_is_ordered_paid_done_and_rated(page: Page, stack: Stack) -> None:
    sign_in(page, "customer")
    number = _order(page)
    url = page.url.removesuffix("/accepted")
    page.goto(url)
    page.locator("form[action$='/pay'] button").click()
    page.wait_for_url("**/cabinet/payments/confirm**")
    page.locator("main form button[type=submit]").first.click()
    pay_with_card(page)
    page.locator(f"main a[href='{url[len(stack.url) :]}']").click()
    expect(page).to_have_url(url)
    expect(page.locator("form[action$='/pay']")).to_have_count(0)
    text = receipt_text(page)
    assert number in text
    assert re.search(r"2.?450,00", text)

    leave(page)
    sign_in(page, "operator")
    page.goto(url.replace("/cabinet/requests", "/staff/desk/requests"))
    for state in WAY:
        page.locator(f"button[value={state}]").click()
        expect(page.locator(f"button[value={state}]")).to_have_count(0)

    leave(page)
    sign_in(page, "customer")
    page.goto(url)
    page.locator("[name=rate-rating][value='5']").check()
    page.fill("[name=rate-words]", "Пришли вовремя")
    page.locator("form[action$='/rate'] button").click()
    expect(page.locator("#rating")).to_contain_text("Пришли вовремя")
    key = int(number.rpartition("-")[2])
    assert stack.row("SELECT rating, state FROM service_request WHERE id = ?", key) == (5, "done")
    paid = "SELECT COUNT(*) FROM request_payment JOIN payment ON payment.id = payment_id WHERE request_id = ?"
    assert stack.row(f"{paid} AND state = 'succeeded'", key)[0] == 1


def test_every_service_is_asked_for_and_told_of_by_letter(page: Page, stack: Stack) -> None:
    sign_in(page, "company")
    (email,) = stack.row("SELECT email FROM ab_user WHERE username = 'company'")
    page.goto("/cabinet/services")
    links = [link.get_attribute("href") or "" for link in page.locator("main a[href*='service=']").all()]
    numbers = []
    for link in links:
        page.goto(link)
        _fill_what_is_asked(page)
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/accepted")
        numbers.append(page.locator(".confirm__number strong").inner_text())
    assert len(set(numbers)) == len(links) >= 5

    leave(page)
    sign_in(page, "operator")
    for number in numbers:
        page.goto(f"/staff/desk/requests/{int(number.rpartition('-')[2])}")
        page.locator(f"button[value={WAY[0]}]").click()
        expect(page.locator(f"button[value={WAY[0]}]")).to_have_count(0)
    for number in numbers:
        stack.mailbox.with_text(email, number)


def _fill_what_is_asked(page: Page) -> None:
    form = page.locator("main form")
    for choice in form.locator("select:not([name=service])").all():
        choice.select_option(index=1)
    for answer in form.locator("[type=radio][value=no]").all():
        answer.check()
    for number in form.locator("[inputmode=decimal]").all():
        number.fill("5")
    page.fill("[name=description]", "Прошу сделать на этой неделе")


def _order(page: Page) -> str:
    """Order the installation of a meter; gives the number of the request."""
    page.goto("/cabinet/services")
    page.locator("a[href$='service=meter']").click()
    page.locator("main select").nth(1).select_option(index=1)
    page.locator("main [type=radio][value=no]").first.check()
    page.fill("[name=description]", "Поставить счётчик на кухне")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/accepted")
    return page.locator(".confirm__number strong").inner_text()
