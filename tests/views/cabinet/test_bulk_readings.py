"""The table of all meters: pasted lines, errors in place, the good rows taken, few statements."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.models import Reading
from tests import factories
from tests.household import NOVEMBER, TODAY
from tests.page import Browser
from tests.statements import recorded

PATH = "/cabinet/readings/table"
SITES = 30


@pytest.fixture(autouse=True)
def _in_the_window() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def company(app: Flask, act: Any) -> Browser:
    with act() as session:
        owner = factories.user(session, "Company", login="works")
        for n in range(1, SITES + 1):
            site = factories.premises(session, street="ул. Заводская", house=f"{n:03d}", flat="")
            account = factories.account(session, owner, is_company=True, premises=site)
            meter = factories.meter(session, account, serial=f"W-{n:03d}")
            factories.reading(session, meter, "100", date(2026, 10, 1))
        factories.meter(session, factories.account(session), serial="FOREIGN-1")
        factories.meter(session, account, serial="GONE-1", removed_on=date(2026, 10, 1))
    browser = Browser(app, language="en")
    browser.sign_in("works", factories.PASSWORD)
    return browser


def taken(act: Any) -> list[Decimal]:
    with act() as session:
        rows = session.scalars(select(Reading).where(Reading.period == NOVEMBER).order_by(Reading.meter_id))
        return [row.value for row in rows]


def test_all_meters_stand_in_one_table_drawn_by_few_statements(company: Browser) -> None:
    company.get(PATH)
    with recorded() as statements:
        page = company.get(PATH)
    assert len(statements) <= 7
    assert page.text.count("W-0") == 2 * SITES  # the row's head, the field's label
    assert "FOREIGN-1" not in page.text
    assert "GONE-1" not in page.text


def test_the_page_of_readings_leads_to_the_table(company: Browser) -> None:
    page = company.get("/cabinet/readings")
    assert company.get(page.link("Readings of all meters in one table, also from a spreadsheet")).path == PATH


def test_pasted_lines_are_taken_and_said(company: Browser, act: Any) -> None:
    page = company.get(PATH).form("lines").submit(lines="W-001\t101,5\nW-002;102")
    assert page.path == PATH
    assert "Accepted: 2 readings" in page.text
    assert taken(act) == [Decimal("101.500"), Decimal(102)]


def test_bad_lines_come_back_in_place_and_the_good_are_taken(company: Browser, act: Any) -> None:
    form = company.get(PATH).form("lines")
    page = form.submit(lines="W-001\t101\nW-002\t99\nW-003\tabc\nFOREIGN-1\t5\nW-004\t1010")
    assert page.status == 422
    assert "1 reading is accepted" in page.text
    assert "Cold water, W-002: On 22 October it showed 100 m³" in page.text
    assert "Cold water, W-003: Enter cubic metres" in page.text
    assert "Line 4: “FOREIGN-1 5”. There is no meter FOREIGN-1 on your accounts" in page.text
    assert taken(act) == [Decimal(101)]
    back = page.form("lines").values
    typed = {name: value for name, value in back.items() if name.startswith("value-") and value}
    assert sorted(typed.values()) == ["1010", "99", "abc"]
    assert back["lines"].split() == ["FOREIGN-1", "5"]


def test_an_unusual_value_is_taken_with_its_tick(company: Browser, act: Any) -> None:
    page = company.get(PATH).form("lines").submit(lines="W-004\t1010")
    assert page.status == 422
    form = page.form("lines")
    name = next(str(element.get("name")) for element in page.elements("input") if element.get("type") == "checkbox")
    assert "Accepted: 1 reading" in form.submit(**{name: "1010"}).text
    assert taken(act) == [Decimal(1010)]


def test_another_accounts_meter_cannot_be_named_by_its_id(company: Browser, act: Any) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session))
        foreign_id = foreign.id
    page = company.get(PATH).form("lines").submit(**{f"value-{foreign_id}": "5"})
    assert page.status == 422
    assert taken(act) == []


def test_nothing_sent_is_asked_for(company: Browser) -> None:
    page = company.get(PATH).form("lines").submit()
    assert page.status == 422
    assert "Enter a reading in the table" in page.error("lines")


def test_a_field_named_by_thousands_of_digits_is_no_meter(company: Browser) -> None:
    values = company.get(PATH).form("lines").values
    assert company.post(PATH, data={**values, "value-" + "9" * 5000: "1", "confirm-" + "9" * 30: "1"}).status == 422
