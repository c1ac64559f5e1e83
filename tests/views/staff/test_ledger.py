"""The proof of the ledger is an administrator's button."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update

from app import clock
from app.models import AccountPeriod, BillingRun, RunKind, RunState
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import MONTHS, generate
from tests.page import Browser
from tests.periods import close
from tests.views.staff.test_billing import press

URL = "/staff/ledger"


@pytest.fixture
def books(act: Act) -> Act:
    with act() as session:
        generate(session, 3)
        close(session, *MONTHS[:3])
        factories.user(session, "Admin", login="admin")
        factories.user(session, "Manager", login="manager")
    return act


def sign_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def test_an_administrator_has_the_ledger_verified(app: Flask, books: Act) -> None:
    admin = sign_in(app, "admin")
    assert "holds" not in admin.get(URL).text
    page = press(admin.get(URL), "verify")
    assert page.path == URL
    assert "The ledger holds" in page.text
    assert "3 closed months" in page.text


def test_the_accounts_that_differ_are_named(app: Flask, books: Act) -> None:
    with books() as session:
        row = update(AccountPeriod).where(AccountPeriod.period == MONTHS[2])
        count = session.execute(row.values(paid=AccountPeriod.paid + Decimal("1.50"))).rowcount
    page = press(sign_in(app, "admin").get(URL), "verify")
    assert "The ledger does not hold" in page.text
    assert page.text.count("The facts differ from the entries") == count
    assert "₽3.00" in page.text or "3.00" in page.text


def test_a_proof_at_work_shows_how_far_it_is(app: Flask, books: Act) -> None:
    with books() as session:
        session.add(BillingRun(kind=RunKind.verification, state=RunState.running, started_at=clock.now()))
    admin = sign_in(app, "admin")
    assert "At work" in admin.get(URL).text
    assert admin.client.get(f"{URL}/progress").json["is_over"] is False
    press(admin.get(URL), "verify")
    assert admin.client.get(f"{URL}/progress").json == {"is_over": True}


def test_a_manager_has_no_way_there(app: Flask, books: Act) -> None:
    manager = sign_in(app, "manager")
    assert URL not in manager.get("/staff/").html
    assert manager.client.get(URL).status_code in (302, 403, 404)
