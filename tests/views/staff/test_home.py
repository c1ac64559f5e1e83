"""The first page of staff."""

from decimal import Decimal

import pytest
from flask import Flask

from app import clock
from app.models import ReadingState
from app.views.staff.home import ACCOUNT_PAGE, QUEUES, REPORTS, TASKS
from tests import factories
from tests.conftest import Act
from tests.page import Browser, Page, text_of
from tests.statements import recorded


def first_page(act: Act, browser: Browser, role: str) -> Page:
    with act() as session:
        login = factories.user(session, role).username
    return browser.sign_in(login, factories.PASSWORD, follow=True)


def queues(page: Page) -> list[str]:
    return [text_of(row)[:1] for row in page.elements("tr") if row.get("class") == "queue"]


def test_every_place_of_the_first_page_is_there(app: Flask) -> None:
    for place in (*QUEUES.values(), *TASKS, *REPORTS):
        assert place.endpoint in app.view_functions, place.endpoint
    assert ACCOUNT_PAGE in app.view_functions


@pytest.mark.parametrize(("role", "number"), [("Admin", 9), ("Operator", 5), ("Cashier", 2), ("Manager", 3)])
def test_a_role_sees_the_queues_that_it_works_on(act: Act, browser: Browser, role: str, number: int) -> None:
    page = first_page(act, browser, role)
    assert page.path == "/staff/"
    assert queues(page) == [str(n + 1) for n in range(number)]


def test_the_page_keeps_to_its_budget_of_statements(act: Act, browser: Browser) -> None:
    first_page(act, browser, "Admin")
    with recorded() as statements:
        browser.get("/staff/")
    assert len(statements) <= 6


def test_a_customer_has_no_way_in(act: Act, browser: Browser) -> None:
    first_page(act, browser, "Customer")
    for url in ("/staff/", "/staff/find?q=48213507", "/staff/desk/readings"):
        browser.get(url, expect=403)


def test_what_was_asked_stays_in_the_box(act: Act, browser: Browser) -> None:
    first_page(act, browser, "Operator")
    page = browser.get("/staff/find", query_string={"q": "<b>нет</b>"})
    assert page.form("q").values["q"] == "<b>нет</b>"


def test_an_account_leads_to_its_page(act: Act, browser: Browser) -> None:
    first_page(act, browser, "Operator")
    with act() as session:
        factories.account(session, number="0048213507")
    page = browser.get(browser.get("/staff/find", query_string={"q": "48213507"}).link("0048213507"))
    assert "0048213507" in page.heading


@pytest.mark.parametrize(("url", "most"), [("/staff/", 8), ("/staff/find?q=48213507", 6), ("/staff/desk/readings", 6)])
def test_a_page_of_the_desk_costs_few_statements(act: Act, browser: Browser, url: str, most: int) -> None:
    first_page(act, browser, "Operator")
    with act() as session:
        month = clock.today().replace(day=1)
        for _ in range(5):
            meter = factories.meter(session, factories.account(session))
            factories.reading(session, meter, "812", month, state=ReadingState.review, volume=Decimal(300))
        factories.account(session, number="0048213507")
    with recorded() as statements:
        browser.get(url)
    assert len(statements) <= most, statements
