"""Payments that a person decides on, refunds by two persons, money without an account."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.domain import payments
from app.domain.payment_states import Event
from app.models import BankOperation, Payment, PaymentState, Refund
from tests import factories
from tests.conftest import Act
from tests.domain.test_unidentified import waiting
from tests.page import Browser, Form, Page
from tests.payments import customer, started, word

DESK, UNIDENTIFIED = "/staff/desk/payments", "/staff/desk/unidentified"


def signed_in(app: Any, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def staff(act: Act) -> None:
    with act() as session:
        for login in ("cashier", "second"):
            factories.user(session, "Cashier", login=login)


def form_to(page: Page, end: str) -> Form:
    forms = (Form(page, element) for element in page.elements("form"))
    return next(form for form in forms if form.action.endswith(end))


def paid(act: Act, cold: str, event: Event = Event.paid, **values: Any) -> int:
    with act() as session:
        user, account = customer(session)
        payment = started(session, user, account, cold=cold)
        session.flush()
        payments.apply_event(session, word(payment, event, **values))
        return payment.id


def test_a_payment_in_review_is_decided_on_with_a_reason(app: Any, staff: None, act: Act) -> None:
    payment_id = paid(act, "100.00", amount=Decimal("99.00"))
    browser = signed_in(app, "cashier")
    assert f"{DESK}/{payment_id}" in browser.get(DESK).html
    page = browser.get(f"{DESK}/{payment_id}")
    assert "The gateway names another amount." in page.text

    refused = form_to(page, "/decide").submit(act="paid", operation="1000777", reason="")
    assert refused.status == 422
    done = form_to(refused, "/decide").submit(act="paid", operation="1000777", reason="Seen in the cabinet")
    assert "Seen in the cabinet" in done.text
    with act() as session:
        assert session.get_one(Payment, payment_id).state is PaymentState.succeeded


def test_a_refund_above_the_limit_is_approved_by_another_person(app: Any, staff: None, act: Act) -> None:
    payment_id = paid(act, "9000.00")
    first, second = signed_in(app, "cashier"), signed_in(app, "second")
    page = form_to(first.get(f"{DESK}/{payment_id}"), "/refund").submit(amount="8000", reason="Paid by mistake")
    with act() as session:
        refund_id = session.scalars(select(Refund.id)).one()
    own = form_to(page, f"/refunds/{refund_id}").submit(act="approve")
    assert own.status == 422
    form_to(second.get(f"{DESK}/{payment_id}"), f"/refunds/{refund_id}").submit(act="approve")
    with act() as session:
        refund = session.get_one(Refund, refund_id)
        assert refund.approved_by_id not in (None, refund.asked_by_id)


def test_money_without_an_account_is_assigned_and_taken_back(app: Any, staff: None, act: Act) -> None:
    with act() as session:
        factories.account(session, number="0048213507")
        operation_id = waiting(session).id
    browser = signed_in(app, "cashier")
    assert f"{UNIDENTIFIED}/{operation_id}" in browser.get(UNIDENTIFIED).html
    page = browser.get(f"{UNIDENTIFIED}/{operation_id}")
    wrong = form_to(page, f"/{operation_id}").submit(account="77", reason="The payer phoned")
    assert (wrong.status, bool(wrong.error("account"))) == (422, True)
    done = form_to(wrong, f"/{operation_id}").submit(account="0048213507", reason="The payer phoned")
    assert done.status == 200
    with act() as session:
        assert session.get_one(BankOperation, operation_id).payment_id is not None
    form_to(done, f"/{operation_id}").submit(reason="Another person's")
    with act() as session:
        assert session.get_one(BankOperation, operation_id).payment_id is None
