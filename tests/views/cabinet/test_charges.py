"""Charges and payments: months whose parts add up."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain import ledger, statements
from app.models import Account, Charge, EntryKind, PayerGroup
from tests import factories
from tests.household import MONTHS, bill, household
from tests.page import Browser
from tests.statements import recorded


@pytest.fixture
def account_id(act: Any) -> int:
    with act() as session:
        return household(session, factories.user(session, login="irina"))[1].id


@pytest.fixture
def visitor(app: Flask, account_id: int) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def post(session: Any, account_id: int, kind: EntryKind, amount: str, month: date = MONTHS[-1], **options: Any) -> None:
    ledger.post(
        session,
        account_id=account_id,
        service_id=factories.service(session).id,
        period=month,
        kind=kind,
        amount=Decimal(amount),
        source=f"test:{kind}:{amount}",
        **options,
    )


class TestStatement:
    def test_the_parts_of_each_month_add_up_to_the_balance(self, act: Any, account_id: int) -> None:
        with act() as session:
            post(session, account_id, EntryKind.correction, "-10.55", reason="Перебой 12 октября")
            post(session, account_id, EntryKind.penalty, "1.20")
            post(session, account_id, EntryKind.refund, "7.00", MONTHS[-2])
        with act() as session:
            months = statements.of_account(session, account_id).months
            for newer, older in pairwise(months):
                assert newer.opening == older.closing
            assert months[-1].opening == 0
            assert months[0].closing == Decimal("1240.50") - Decimal("10.55") + Decimal("1.20") + Decimal("7.00")
            assert [(len(m.lines), len(m.extra), len(m.money)) for m in months] == [
                (2, 2, 0),
                (2, 0, 3),
                (2, 0, 2),
                (2, 0, 2),
            ]

    def test_the_opening_balance_of_an_import_opens_its_month(self, act: Any) -> None:
        with act() as session:
            account = factories.account(session)
            post(session, account.id, EntryKind.opening, "500.00", date(2026, 9, 1))
            bill(session, account, date(2026, 9, 1))
            session.flush()
            month = statements.of_account(session, account.id).months[0]
            assert (month.opening, month.charged, month.closing) == (500, Decimal("1240.50"), Decimal("1740.50"))

    def test_lines_that_do_not_add_up_to_the_ledger_give_way_to_it(self, act: Any, account_id: int) -> None:
        with act() as session:
            line = session.scalars(select(Charge).order_by(Charge.id.desc())).first()
            assert line is not None
            line.amount += 1
            session.flush()
            month = statements.of_account(session, account_id).months[0]
            assert month.charged == Decimal("1240.50")
            assert [entry.amount for entry in month.extra] == [Decimal("715.50")]

    def test_a_correction_line_stands_for_its_entry(self, act: Any, account_id: int) -> None:
        with act() as session:
            line = session.scalars(select(Charge).order_by(Charge.id)).first()
            assert line is not None
            values = {
                column.key: getattr(line, column.key) for column in Charge.__mapper__.columns if column.key != "id"
            }
            session.add(Charge(**{**values, "period": MONTHS[-1], "amount": Decimal("-10.55"), "kind": "correction"}))
            post(session, account_id, EntryKind.correction, "-10.55", reason="Перерасчёт")
            session.flush()
            month = statements.of_account(session, account_id).months[0]
            assert (len(month.lines), month.extra) == (3, [])


def test_a_month_shows_quantity_price_and_amount(visitor: Browser) -> None:
    page = visitor.get("/cabinet/charges")
    assert "Now: debt 1,240.50 ₽" in page.text
    assert "Cold water 12 m³ at 43.75 ₽, by meter 525.00 ₽" in page.text
    assert "At the end of the month: debt 1,240.50 ₽" in page.text
    assert "VAT included" not in page.text
    assert page.link("Go to payment of").endswith("/cabinet/payments")


def test_a_company_sees_the_vat_of_each_line(visitor: Browser, act: Any, account_id: int) -> None:
    with act() as session:
        session.get_one(Account, account_id).payer_group = PayerGroup.other
    assert "VAT included" in visitor.get("/cabinet/charges").text


def test_older_months_are_a_page_away(visitor: Browser, act: Any, account_id: int) -> None:
    with act() as session:
        account = session.get_one(Account, account_id)
        for month in range(7, 13):
            bill(session, account, date(2025, month, 1))
    page = visitor.get("/cabinet/charges")
    assert "July 2026" in page.text
    assert "October 2025" not in page.text
    older = visitor.get(page.link("Show earlier ones"))
    assert "July 2025" in older.text
    assert "Now:" not in older.text
    assert visitor.get(older.link("Back")).text.count("October 2026") == page.text.count("October 2026")
    for nonsense in ("abc", "2026-13", "2026-10-01", ""):
        visitor.get(f"/cabinet/charges?before={nonsense}", expect=404)


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    with recorded() as statements_sent:
        visitor.get("/cabinet/charges")
    assert len(statements_sent) <= 6


def test_an_account_without_charges_says_so(app: Flask, act: Any) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="fresh"))
        factories.user(session, login="nobody")
    for login in ("fresh", "nobody"):
        browser = Browser(app)
        browser.sign_in(login, factories.PASSWORD)
        browser.get("/cabinet/charges")
