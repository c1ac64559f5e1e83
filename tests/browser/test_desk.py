"""The first page of staff: found at once, worked by keys, the keys turned off and staying off."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.models import CoverageTotal, PayerGroup, PeriodTotal, ReadingSource, ReadingState, ServiceRequest
from tests import factories
from tests.browser.checks import axe, fits, look
from tests.browser.conftest import SignIn
from tests.conftest import Act


@pytest.fixture
def desk(act: Act) -> None:
    """A month half read, a reading to check and a request past its term."""
    month, now = clock.today().replace(day=1), clock.now()
    with act() as session:
        account = factories.account(session, number="0048213507")
        meter = factories.meter(session, account, serial="17-304561")
        factories.reading(session, meter, "812", month, state=ReadingState.review, volume=312, received_at=now)
        session.add(
            ServiceRequest(
                account_id=account.id,
                offering_id=factories.offering(session).id,
                description="Поставьте пломбу",
                promised_on=clock.today() - timedelta(days=1),
                created_at=now - timedelta(days=4, hours=2),
                changed_at=now,
            )
        )
        totals = {"volume": 0, "opening": 0, "charged": 0, "paid": 0, "closing": 0, "counted_at": now}
        session.add(
            PeriodTotal(
                period=month,
                service_id=factories.service(session).id,
                payer_group=PayerGroup.population,
                accounts=400,
                meters=600,
                **totals,
            )
        )
        for source, count in ((ReadingSource.cabinet, 210), (ReadingSource.phone, 30)):
            session.add(CoverageTotal(period=month, day=clock.today(), source=source, readings=count, counted_at=now))


@pytest.mark.parametrize("role", ["Admin", "Operator", "Cashier", "Manager"])
def test_the_first_page_of_every_role(page: Page, sign_in: SignIn, desk: None, role: str) -> None:
    sign_in(role)
    look(page)


def test_a_house_is_found_by_pieces_of_its_address(page: Page, sign_in: SignIn, desk: None) -> None:
    sign_in("Operator")
    page.keyboard.press("/")
    page.keyboard.type("лен 8а")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find*")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "17-304561" in page.inner_text("tbody")
    axe(page)
    page.set_viewport_size({"width": 320, "height": 780})
    fits(page)
    axe(page)


def test_keys_go_to_the_search_and_to_the_queues(page: Page, sign_in: SignIn, desk: None) -> None:
    sign_in("Operator")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("1")
    assert page.input_value("#q") == "1"  # a digit that is typed into the field stays there
    page.goto("/staff/")
    page.keyboard.press("1")  # the box does not take the focus by itself
    page.wait_for_url("**/staff/desk/readings")
    axe(page)


def test_keys_that_are_turned_off_stay_off(page: Page, sign_in: SignIn, desk: None) -> None:
    sign_in("Operator")
    page.click("label[for=keys-on]")
    page.reload()
    page.keyboard.press("1")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    assert page.url.endswith("/staff/")
    page.click("label[for=keys-on]")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_an_unusual_reading_is_accepted(page: Page, sign_in: SignIn, desk: None) -> None:
    sign_in("Operator")
    page.goto("/staff/desk/readings")
    axe(page)
    page.set_viewport_size({"width": 320, "height": 780})
    fits(page)
    page.click("tbody .row-acts a")
    axe(page)
    fits(page)
    page.go_back()
    page.click("tbody button")
    page.wait_for_selector(".flash--success")
    expect(page.locator("tbody tr")).to_have_count(0)
