"""Meters: what stands where, and how long its verification holds."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.domain.verification import Verification, state
from app.models import Account, Meter
from tests import factories
from tests.household import TODAY, household
from tests.page import Browser
from tests.statements import recorded


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def visitor(app: Flask, act: Any) -> Browser:
    with act() as session:
        household(session, factories.user(session, login="irina"))
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, Verification.unknown),
        (date(2026, 11, 22), Verification.over),
        (date(2026, 11, 23), Verification.very_soon),
        (date(2026, 12, 23), Verification.very_soon),
        (date(2026, 12, 24), Verification.soon),
        (date(2027, 1, 22), Verification.soon),
        (date(2027, 1, 23), Verification.valid),
    ],
)
def test_a_verification_is_announced_and_its_last_day_still_counts(until: date | None, expected: Verification) -> None:
    assert state(Meter(verified_until=until), date(2026, 11, 23)) is expected


def test_meters_stand_with_serial_place_and_verification(visitor: Browser) -> None:
    page = visitor.get("/cabinet/meters")
    assert "19-048213" in page.text
    assert "санузел" in page.text
    assert "14 March 2029" in page.text
    assert "Order verification" not in page.text


def test_an_ending_verification_says_what_to_do(visitor: Browser, act: Any) -> None:
    with act() as session:
        cold, hot = session.scalars(select(Meter).order_by(Meter.id)).all()
        cold.verified_until, hot.verified_until = date(2026, 12, 3), date(2026, 11, 1)
    page = visitor.get("/cabinet/meters")
    assert "Verification ends in 10 days" in page.text
    assert "It ended on 1 November 2026" in page.text
    assert page.link("Order verification").endswith("/cabinet/services")


def test_removed_meters_stand_apart(visitor: Browser, act: Any) -> None:
    with act() as session:
        account = session.scalars(select(Account)).one()
        factories.meter(session, account, serial="gone-1", removed_on=date(2025, 3, 1))
    page = visitor.get("/cabinet/meters")
    assert "Removed meters" in page.text
    assert "gone-1, removed on 1 March 2025" in page.text
    assert "gone-1" not in visitor.get("/cabinet/readings").text


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    with recorded() as statements:
        visitor.get("/cabinet/meters")
    assert len(statements) <= 5


def test_an_account_without_meters_is_told_how_to_get_one(app: Flask, act: Any) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="bare"))
    browser = Browser(app, language="en")
    browser.sign_in("bare", factories.PASSWORD)
    assert browser.get("/cabinet/meters").link("How to install a meter")
