"""Bills for staff: those of a month as files, one of an account at once, its words for whoever is asked."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import queue
from app.models import AuditEvent, BillingRun, PeriodState, RunState
from tests import billed, factories
from tests.billed import NOVEMBER
from tests.page import Browser, Form, Page
from tests.payments import nobody_is_paid

BILLS = "/staff/bills"


@pytest.fixture
def account_id(act: Any, app: Flask) -> int:
    shutil.rmtree(Path(app.config["DATA_DIR"]) / "bills", ignore_errors=True)
    with act() as session:
        return billed.troubled(session).id


def signed_in(app: Flask, act: Any, role: str) -> Browser:
    with act() as session:
        login = factories.user(session, role).username
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def manager(app: Flask, act: Any, account_id: int) -> Browser:
    return signed_in(app, act, "Manager")


def make(page: Page) -> Page:
    """Press the button of the newest month."""
    return next(Form(page, each) for each in page.elements("form") if each.get("action", "").endswith("/make")).submit()


def test_the_bills_of_a_month_are_made_and_taken_away(manager: Browser, act: Any) -> None:
    page = make(manager.get(BILLS))
    assert page.heading == "Bills for November 2026: population"
    assert "1 of 1 accounts" in page.text
    file = manager.get(page.link("bills-2026-11-population-0001.pdf"))
    assert file.response.data.startswith(b"%PDF")
    assert "Done" in manager.get(BILLS).text
    with act() as session:
        assert session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "billing_run")).all() == [
            "exported"
        ]


def test_progress_is_told_while_the_worker_is_away(manager: Browser, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(queue.tasks, "make_bills", lambda *_: None)
    page = make(manager.get(BILLS))
    assert "Waiting for its turn" in page.text
    with act() as session:
        run = session.scalars(select(BillingRun)).one()
        run.state, run.done, run.total = RunState.running, 1, 3
    answer = manager.get(f"{page.path}/progress").response.json
    assert answer == {"percent": 33, "words": "1 of 3 accounts", "is_over": False}
    again = make(manager.get(BILLS))
    assert again.path == page.path


def test_a_draft_is_refused_with_words(manager: Browser, act: Any) -> None:
    page = manager.get(BILLS)
    with act() as session:
        billed.period(session, NOVEMBER, PeriodState.calculated)
        assert session.scalars(select(BillingRun)).all() == []
    assert "Approve the month first" in make(page).text


def test_without_an_approved_month_there_is_nothing_to_make(app: Flask, act: Any) -> None:
    assert "No month has been approved yet" in signed_in(app, act, "Manager").get(BILLS).text


def test_an_operator_reads_a_bill_to_its_customer_and_leaves_a_trace(app: Flask, act: Any, account_id: int) -> None:
    operator = signed_in(app, act, "Operator")
    account = operator.get(f"/staff/accounts/show/{account_id}")
    months = operator.get(account.link("Bills"))
    page = operator.get(months.link("November 2026"))
    assert "The average of the past months counts: 10.44 m³" in page.text
    assert "Left to pay now 2,221.89 ₽" in page.text
    paper = operator.get(page.link("Bill with the QR code"))
    assert paper.response.data.startswith(b"%PDF")
    with act() as session:
        seen = session.scalars(select(AuditEvent.object_id).where(AuditEvent.object_type == "account")).all()
        assert seen.count(str(account_id)) == 3


def test_a_bill_that_cannot_be_drawn_says_why_on_its_page(manager: Browser, act: Any, account_id: int) -> None:
    with act() as session:
        nobody_is_paid(session)
    page = manager.get(f"{BILLS}/account/{account_id}/2026-11/bill.pdf")
    assert page.path == f"{BILLS}/account/{account_id}/2026-11"
    assert "bank details" in page.text


def test_what_is_not_there_is_not_found(manager: Browser, account_id: int) -> None:
    for address in (
        f"{BILLS}/run/99",
        f"{BILLS}/run/99/progress",
        f"{BILLS}/run/99/1.pdf",
        f"{BILLS}/run/1/x.pdf",
        f"{BILLS}/account/{account_id}/2031-01",
        f"{BILLS}/account/{account_id}/x",
        f"{BILLS}/account/99999/2026-11",
        f"{BILLS}/account/99999",
    ):
        manager.get(address, expect=404)
    manager.get(make(manager.get(BILLS)).path + "/7.pdf", expect=404)


@pytest.mark.parametrize(("role", "may"), [("Operator", 403), ("Cashier", 403), ("Manager", 200), ("Admin", 200)])
def test_a_months_bills_are_for_managers(app: Flask, act: Any, account_id: int, role: str, may: int) -> None:
    browser = signed_in(app, act, role)
    browser.get(BILLS, expect=may)
    browser.get(f"{BILLS}/account/{account_id}/2026-11")


def test_a_customer_sees_no_page_of_staff(app: Flask, act: Any, account_id: int) -> None:
    browser = Browser(app)
    browser.sign_in("irina", factories.PASSWORD)
    for address in (BILLS, f"{BILLS}/account/{account_id}/2026-11", f"{BILLS}/account/{account_id}/2026-11/bill.pdf"):
        browser.get(address, expect=403)
