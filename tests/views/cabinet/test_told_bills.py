"""A bill in words and on paper, in the cabinet."""

from typing import Any

import pytest
from flask import Flask

from app.models import Account, EntryKind, PeriodState
from tests import billed, factories
from tests.billed import DECEMBER, NOVEMBER
from tests.household import household
from tests.page import Browser
from tests.statements import recorded

PAGE = "/cabinet/charges/2026-11"


@pytest.fixture
def account_id(act: Any) -> int:
    with act() as session:
        return billed.troubled(session).id


@pytest.fixture
def visitor(app: Flask, account_id: int) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def test_the_page_tells_the_average_the_correction_and_the_penalty(visitor: Browser) -> None:
    page = visitor.get(PAGE)
    assert "To pay by 15 December 2026: 2,221.89 ₽." in page.text
    for said in (
        "Debt at the start of the month 1,240.50 ₽",
        "no reading came. The average of the past months counts: 10.44 m³",
        "Cold water: recalculation",
        billed.REASON,
        "Penalty: cold water",
        "46 days of delay",
        "259.11 ₽ less than for October 2026.",
        "Counted by average, 10.44 m³; the month before by meter, 12 m³.",
        "−131.25 ₽",
        "+2.40 ₽",
    ):
        assert said in page.text, said
    assert page.link("Go to payment").endswith("/cabinet/payments")


def test_the_list_of_months_leads_there_and_to_the_paper(visitor: Browser) -> None:
    index = visitor.get("/cabinet/charges")
    assert visitor.get(index.link("Why this sum")).path == PAGE
    paper = visitor.get(index.link("Bill (PDF)"))
    assert paper.response.mimetype == "application/pdf"
    assert paper.response.data.startswith(b"%PDF")
    assert "bill-0048213507-2026-11.pdf" in paper.response.headers["Content-Disposition"]
    assert paper.response.headers["Cache-Control"] == "no-store"


def test_a_paid_bill_says_so(visitor: Browser, act: Any, account_id: int) -> None:
    with act() as session:
        account = session.get_one(Account, account_id)
        for code, amount in (("cold", "-852.90"), ("sewerage", "-1368.99")):
            billed.post(session, account, EntryKind.payment, amount, DECEMBER, code)
    page = visitor.get(PAGE)
    assert "The bill of 2,221.89 ₽ is paid." in page.text
    assert "2,221.89 ₽ came after the end of the month" in page.text
    assert "Go to payment" not in page.text


def test_a_draft_is_not_seen(visitor: Browser, act: Any) -> None:
    with act() as session:
        billed.period(session, NOVEMBER, PeriodState.calculated)
    visitor.get(PAGE, expect=404)
    visitor.get(f"{PAGE}/bill.pdf", expect=404)


@pytest.mark.parametrize("month", ["2031-01", "abc", "2026-13", "0001-01", "9999-12", "2026-11-01"])
def test_a_month_without_a_bill_is_not_found(visitor: Browser, month: str) -> None:
    visitor.get(f"/cabinet/charges/{month}", expect=404)
    visitor.get(f"/cabinet/charges/{month}/bill.pdf", expect=404)


def test_another_customers_bill_is_not_there(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="other"))
    browser = Browser(app)
    browser.sign_in("other", factories.PASSWORD)
    browser.get(PAGE, expect=404)
    browser.get(f"{PAGE}/bill.pdf", expect=404)


def test_older_months_without_rows_of_meters_are_told_by_their_readings(visitor: Browser) -> None:
    page = visitor.get("/cabinet/charges/2026-10")
    assert "1,272 before, 1,284 m³ now; 12 m³ used." in page.text
    assert "12 m³ × 43.75 ₽ = 525.00 ₽" in page.text


def test_the_first_month_has_nothing_to_be_compared_with(app: Flask, act: Any) -> None:
    with act() as session:
        household(session, factories.user(session, login="first"))
    browser = Browser(app, language="en")
    browser.sign_in("first", factories.PASSWORD)
    assert "the month before nothing was charged" in browser.get("/cabinet/charges/2026-07").text


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    with recorded() as sent:
        visitor.get(PAGE)
    assert len(sent) <= 22
