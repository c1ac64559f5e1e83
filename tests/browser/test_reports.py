"""Managers' reports in a real browser: charts are drawn, axe is content, nothing scrolls sideways."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app.domain import facts
from app.models import EntryKind
from tests import factories
from tests.browser.checks import axe, look
from tests.browser.conftest import SignIn
from tests.conftest import Act
from tests.domain.test_facts import charge, post

THIS_MONTH = date.today().replace(day=1)  # noqa: DTZ011 - any recent month will do
SUMMER = date(2026, 6, 1)


@pytest.fixture
def manager(act: Act, sign_in: SignIn) -> None:
    with act() as session:
        for is_company in (False, True):
            account = factories.account(session, is_company=is_company)
            meter = factories.meter(session, account)
            for period in (SUMMER, THIS_MONTH):
                post(session, account, period, EntryKind.charge, "1234.56")
                charge(session, account, period, "12.345")
                factories.reading(session, meter, "12", period)
        facts.refresh(session)
    sign_in("Manager")


@pytest.mark.usefixtures("manager")
@pytest.mark.parametrize("name", ["collection", "debtors", "coverage", "consumption"])
def test_a_report_is_drawn_on_every_screen(page: Page, name: str) -> None:
    page.goto(f"/reports/{name}")
    page.locator("canvas").first.scroll_into_view_if_needed()
    painted = "() => { const c = document.querySelector('canvas'); return c.width > 0 && !!window.Chart?.getChart(c); }"
    page.wait_for_function(painted)
    look(page)


@pytest.mark.usefixtures("manager")
def test_a_wrong_filter_is_said_first(page: Page) -> None:
    page.goto("/reports/debtors?at_least=NaN")
    expect(page.locator(".summary")).to_be_visible()
    axe(page)
