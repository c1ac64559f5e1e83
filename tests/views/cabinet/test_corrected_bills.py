"""A correction by hand as the customer sees it: with its reason, in the month that took it, the balance at once."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import bills, corrections, dues, statements
from app.domain.corrections import Wish
from app.models import Account, Charge, ChargeKind, ChargeMethod, Correction, EntryKind, PeriodState
from tests import billed, factories
from tests.billed import DECEMBER, NOVEMBER
from tests.page import Browser

PAGE, STATEMENT = "/cabinet/charges/2026-11", "/cabinet/charges"
REASON = "По акту 17-05: скидка 50 % за октябрь"


@pytest.fixture
def account_id(act: Any) -> int:
    """Owes for cold water; sewerage is paid 3,000.00 ahead."""
    with act() as session:
        account = billed.troubled(session)
        billed.post(session, account, EntryKind.payment, "-5000.00", NOVEMBER, "sewerage")
        billed.period(session, NOVEMBER, PeriodState.open)
        return account.id


@pytest.fixture
def visitor(app: Flask, account_id: int) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def correct(act: Any, account_id: int, amount: str, to: str | None = None, code: str = "cold") -> None:
    with act() as session:
        known_id = session.scalar(select(func.max(Correction.id))) or 0
        service_id, to_id = (factories.service(session, each).id if each else None for each in (code, to))
        assert service_id
        wish = Wish(service_id, Decimal(amount), REASON, to_id)
        user_id = factories.user(session, "Manager").id
        corrections.ask(session, account_id, wish, user_id=user_id, known_id=known_id)


def approved(act: Any) -> None:
    with act() as session:
        billed.period(session, NOVEMBER, PeriodState.approved)


def owed(session: Session, account_id: int) -> list[Decimal]:
    return [row.balance for row in dues.of_account(session, account_id).rows]


def test_the_statement_tells_it_at_once_and_leads_nowhere_before_the_bill(
    visitor: Browser, act: Any, account_id: int
) -> None:
    with act() as session:
        before = owed(session, account_id)
    correct(act, account_id, "-120.50")
    correct(act, account_id, "300.00", "cold", "sewerage")
    page = visitor.get(STATEMENT)
    assert page.text.count(REASON.replace("\u00a0", " ")) == 3  # a correction and both sides of an offset
    for said in ("Correction: cold water", "−120.50 ₽", "Advance offset: sewerage", "−300.00 ₽"):
        assert said in page.text, said
    assert PAGE not in page.html
    with act() as session:
        assert owed(session, account_id) == [before[0] - Decimal("420.50"), before[1] + 300]
        month = statements.of_account(session, account_id).months[0]
        assert month.closing == sum(owed(session, account_id))
    balance = f"{sum(each for each in owed_now(act, account_id) if each > 0):,.2f}"
    assert balance in visitor.get("/cabinet/").text


def owed_now(act: Any, account_id: int) -> list[Decimal]:
    with act() as session:
        return owed(session, account_id)


def test_why_this_sum_tells_it_beside_the_lines(visitor: Browser, act: Any, account_id: int) -> None:
    correct(act, account_id, "-120.50")
    correct(act, account_id, "300.00", "cold", "sewerage")
    approved(act)
    page = visitor.get(visitor.get(STATEMENT).link("Why this sum"))
    assert page.path == PAGE
    for said in ("Cold water: correction", "−120.50 ₽", "Sewerage: advance offset", "Cold water: advance offset"):
        assert said in page.text, said
    assert page.text.count(REASON) == 3
    assert "Recalculations: −251.75 ₽; the month before 0.00 ₽." in page.text
    with act() as session:
        bill = bills.of_account(session, session.get_one(Account, account_id), NOVEMBER)
        assert bill is not None
        assert bill.total("corrected") == Decimal("-251.75")
        assert sum(entry.amount for entry in bill.offsets) == 0
        assert bill.total("closing") == sum(owed(session, account_id))
        assert [len(bill.lines), len(bill.entries)] == [3, 2]


def test_the_paper_tells_it(visitor: Browser, act: Any, account_id: int) -> None:
    correct(act, account_id, "-120.50")
    correct(act, account_id, "300.00", "cold", "sewerage")
    approved(act)
    reader = PdfReader(BytesIO(visitor.get(f"{PAGE}/bill.pdf").response.data))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert text.count(REASON) == 3
    for said in ("Холодная вода: перерасчёт", "−120,50 ₽", "Холодная вода: зачёт аванса, −300,00 ₽."):
        assert said in text.replace("\u00a0", " "), said


def test_a_month_with_a_correction_alone_has_its_bill(visitor: Browser, act: Any, account_id: int) -> None:
    approved(act)
    with act() as session:
        billed.period(session, DECEMBER, PeriodState.open)
    correct(act, account_id, "-120.50")
    assert not visitor_link(visitor, "2026-12")
    with act() as session:
        billed.period(session, DECEMBER, PeriodState.approved)
    assert visitor_link(visitor, "2026-12")
    page = visitor.get("/cabinet/charges/2026-12")
    assert REASON in page.text
    assert visitor.get("/cabinet/charges/2026-12/bill.pdf").response.data.startswith(b"%PDF")


def visitor_link(visitor: Browser, month: str) -> bool:
    return f"{STATEMENT}/{month}" in visitor.get(STATEMENT).html


def test_a_correction_is_told_by_no_line_of_a_draft_that_comes_to_the_same(
    visitor: Browser, act: Any, account_id: int
) -> None:
    approved(act)
    with act() as session:
        billed.period(session, DECEMBER, PeriodState.open)
    correct(act, account_id, "120.50")
    with act() as session:
        values = {"volume": Decimal(0), "price": Decimal(40), "vat_rate": Decimal(22), "vat": Decimal(0)}
        kind, method = ChargeKind.main, ChargeMethod.meter
        service = factories.service(session)
        draft = Charge(account_id=account_id, period=DECEMBER, kind=kind, method=method, service=service, **values)
        draft.amount = Decimal("120.50")
        session.add(draft)
        billed.period(session, DECEMBER, PeriodState.calculated)
        (month, *_) = statements.of_account(session, account_id).months
        assert ([entry.reason for entry in month.extra], month.lines) == ([REASON], [])


@pytest.mark.parametrize("reason", ["100%", "%(sum)s", "%s of it", "Account"])
def test_peoples_own_words_are_shown_as_they_are(app: Flask, act: Any, account_id: int, reason: str) -> None:
    """They are no format, and no word of the catalogue."""
    with act() as session:
        wish = Wish(factories.service(session).id, Decimal(1), reason)
        corrections.ask(session, account_id, wish, user_id=factories.user(session, "Manager").id, known_id=0)
    approved(act)
    browser = Browser(app)
    browser.sign_in("irina", factories.PASSWORD)
    for path in (STATEMENT, PAGE):
        assert reason in browser.get(path).text
    assert browser.get(f"{PAGE}/bill.pdf").status == 200
