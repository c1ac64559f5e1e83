"""A newcomer for tests: an account with a bill, the answers of the form, the link of the letter."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.models import (
    Account,
    Charge,
    ChargeKind,
    ChargeMethod,
)
from tests import factories, mail
from tests.page import Browser, Page

PASSWORD = "тихая лодка под мостом"
ANSWERS = {
    "account_number": "0012345678",
    "fact": "77-001122",
    "last_name": "Петрова",
    "first_name": "Ирина",
    "patronymic": "Сергеевна",
    "email": "Irina@Example.org",
    "phone": "8 (912) 345-67-89",
    "password": PASSWORD,
    "consent": "y",
}
CONFIRM = "/register/confirm/"


@pytest.fixture
def account(act: Any) -> int:
    """An account with one meter and a closing bill of 1 234,56 ₽."""
    with act() as session:
        made = factories.account(session, number="0012345678")
        factories.meter(session, made, serial="77-001122")
        charge(session, made, date(2026, 9, 1), "999.99")
        charge(session, made, date(2026, 10, 1), "1000.00")
        charge(session, made, date(2026, 10, 1), "234.56", code="sewerage")
        return made.id


def charge(session: Session, of: Account, period: date, amount: str, code: str = "cold") -> None:
    session.add(
        Charge(
            account_id=of.id,
            service_id=factories.service(session, code).id,
            period=period,
            kind=ChargeKind.main,
            method=ChargeMethod.meter,
            volume=Decimal(1),
            price=Decimal(1),
            vat_rate=Decimal(20),
            vat=Decimal(0),
            amount=Decimal(amount),
        )
    )


def register(browser: Browser, **changed: Any) -> Page:
    return browser.get("/register").form("account_number").submit(**{**ANSWERS, **changed})


def letter_link(app: Flask, number: int = -1) -> str:
    return mail.link_in(mail.delivered(app, to="irina@example.org")[number], CONFIRM)
