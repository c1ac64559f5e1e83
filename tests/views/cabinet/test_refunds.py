"""Money that went back, as its payer sees it: on the payment's page, in the list, as a receipt to print."""

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.models import Payment, Receipt, Refund, RefundState
from tests import factories
from tests.conftest import Act
from tests.domain.test_refunds import ask, paid, send
from tests.page import Browser
from tests.payments import customer


@pytest.fixture
def payment(act: Act) -> Payment:
    """150.00 of which 30.00 went back."""
    with act() as session:
        made = paid(session)
        ask(session, made, "30.00")
        send(session)
        assert made.user
        _load = made.user.username
        session.expunge_all()
        return made


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(login, factories.PASSWORD)
    return browser


def title(act: Act) -> str:
    with act() as session:
        return session.scalars(select(Receipt).where(Receipt.refund_id.is_not(None))).one().title


def test_its_owner_sees_it_and_takes_the_receipt(app: Flask, act: Act, payment: Payment) -> None:
    assert payment.user
    browser = signed_in(app, payment.user.username)
    for url in (f"/payments/status/{payment.status_token}", "/cabinet/payments"):
        page = browser.get(url)
        assert "30,00 ₽" in page.text
        assert title(act) in page.text
        (link,) = [each.get("href") or "" for each in page.elements("a") if "/refunds/" in (each.get("href") or "")]
        answer = browser.client.get(link)
        assert answer.mimetype == "application/pdf"
        assert f"receipt-{title(act)}.pdf" in answer.headers["Content-Disposition"]
        assert title(act) in PdfReader(BytesIO(answer.data)).pages[0].extract_text()


def test_whoever_has_the_link_alone_sees_the_sum_and_no_document(app: Flask, act: Act, payment: Payment) -> None:
    page = Browser(app).get(f"/payments/status/{payment.status_token}")
    assert title(act) in page.text
    assert "/refunds/" not in page.html


def test_to_others_there_is_no_such_receipt(app: Flask, act: Act, payment: Payment) -> None:
    with act() as session:
        stranger, _account = customer(session)
        login, refund_id = stranger.username, session.scalars(select(Refund.id)).one()
    browser = signed_in(app, login)
    for number in (refund_id, refund_id + 1, 0, "x", "9" * 18):
        assert browser.client.get(f"/cabinet/payments/refunds/{number}/receipt.pdf").status_code == 404


@pytest.mark.parametrize(
    ("state", "is_told"),
    [
        (RefundState.asked, False),
        (RefundState.refused, False),
        (RefundState.sending, True),
        (RefundState.unknown, True),
    ],
)
def test_before_it_is_sent_nobody_is_told_and_then_that_it_is_on_its_way(
    app: Flask, act: Act, state: RefundState, is_told: bool
) -> None:
    with act() as session:
        made = paid(session)
        ask(session, made, "30.00").state = state
        assert made.user
        login, token = made.user.username, made.status_token
    browser = signed_in(app, login)
    for url in (f"/payments/status/{token}", "/cabinet/payments"):
        page = browser.get(url)
        assert ("30,00 ₽" in page.text) is is_told
        assert "/refunds/" not in page.html
