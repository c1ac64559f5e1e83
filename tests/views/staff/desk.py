"""The money desk for tests: who works there, payments to work on, a form by where it leads."""

from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.domain import payments
from app.domain.payment_states import Event
from app.models import Payment
from tests import factories
from tests.conftest import Act
from tests.page import Browser, Form, Page
from tests.payments import customer, started, word

DESK, UNIDENTIFIED = "/staff/desk/payments", "/staff/desk/unidentified"
STAFF = (("cashier", "Cashier"), ("second", "Cashier"), ("operator", "Operator"), ("manager", "Manager"))


def employ(act: Act) -> None:
    with act() as session:
        for login, role in STAFF:
            factories.user(session, role, login=login, first_name=login.title())


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def form_to(page: Page, end: str) -> Form:
    forms = (Form(page, element) for element in page.elements("form"))
    return next(form for form in forms if form.action.endswith(end))


def has_form(page: Page, end: str) -> bool:
    return any((element.get("action") or "").endswith(end) for element in page.elements("form"))


def paid(act: Act, cold: str = "100.00", event: Event = Event.paid, **values: Any) -> int:
    """A payment and the gateway's word about it."""
    with act() as session:
        payment = new(session, cold)
        payments.apply_event(session, word(payment, event, **values))
        return payment.id


def new(session: Session, cold: str = "100.00") -> Payment:
    payment = started(session, *customer(session), cold=cold)
    session.flush()
    return payment


def in_review(act: Act) -> int:
    """The gateway named 99.00 for 100.00."""
    return paid(act, amount=Decimal("99.00"))
