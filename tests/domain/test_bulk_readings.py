"""Many readings at once: what a spreadsheet's lines mean, and that a bad line never spoils a good one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.domain import bulk_readings
from app.domain.bulk_readings import Known, read
from app.domain.errors import DomainError
from app.domain.reading_words import UnusualUse
from app.models import Reading, ReadingState
from tests import factories

METERS = [Known(1, "00712"), Known(2, "AB-45"), Known(3, "900"), Known(4, "0900")]
IN_WINDOW = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("pasted", "values"),
    [
        ("00712\t12,5", {1: "12.5"}),
        ("00712;12,5\nab-45;7", {1: "12.5", 2: "7"}),
        ("712\t12.500", {1: "12.5"}),
        ('"AB-45"\t"1 296"', {2: "1296"}),
        ("Номер\tПоказание\n00712\t3", {1: "3"}),
        ("00712\t3\r\n\r\n00712\t3\r\n", {1: "3"}),
        ("00712\t3\tХолодная вода", {1: "3"}),
    ],
    ids=["tab", "semicolon", "lost zeros", "quotes", "headings", "same twice", "more columns"],
)
def test_lines_of_a_spreadsheet_are_understood(pasted: str, values: dict[int, str]) -> None:
    sheet = read(METERS, {}, pasted)
    assert sheet.values == {meter_id: Decimal(value) for meter_id, value in values.items()}
    assert not sheet.strays


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("5555\t1", "There is no meter 5555"),
        ("900\t1", "Several meters have the number 900"),
        ("00712 15", "a tab or a semicolon"),
        ("00712\t", "a tab or a semicolon"),
        ("AB-45\t1\nAB-45\t2", "stands here twice"),
    ],
)
def test_a_line_that_has_no_place_comes_back_with_its_number_and_advice(line: str, advice: str) -> None:
    with force_locale("en"):
        (stray,) = read(METERS, {}, f"\n{line}").strays
    assert advice in stray.advice
    assert stray.number == 1 + len(line.splitlines())


def test_what_is_no_number_is_an_error_of_its_meter() -> None:
    sheet = read(METERS, {}, "00712\tтри\nAB-45\t4")
    assert list(sheet.errors) == [1]
    assert sheet.texts[1] == "три"
    assert sheet.values == {2: Decimal(4)}


def test_a_pasted_value_counts_before_the_typed_one() -> None:
    sheet = read(METERS, {1: "oops", 2: " 4 ", 3: " "}, "00712\t5")
    assert sheet.values == {1: Decimal(5), 2: Decimal(4)}
    assert not sheet.errors


def test_too_many_lines_are_refused_whole() -> None:
    with pytest.raises(DomainError):
        read(METERS, {}, "00712\t1\n" * (bulk_readings.MOST_LINES + 1))


def test_the_good_values_are_taken_and_the_bad_ones_told(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        good, lower, much = (factories.meter(session, account, opening_value=Decimal(100)) for _ in range(3))
        factories.reading(session, lower, "200", date(2026, 10, 1))
        factories.reading(session, much, "200", date(2026, 10, 1))
        known = bulk_readings.known([good, lower, much])
        sheet = read(known, {good.id: "101,5", lower.id: "150", much.id: "2000"}, "")
        assert bulk_readings.take(session, sheet, on=IN_WINDOW, user_id=None) == [good.id]
        assert sorted(sheet.errors) == [lower.id, much.id]
        assert isinstance(sheet.errors[much.id], UnusualUse)
        taken = session.scalars(select(Reading).where(Reading.period == date(2026, 11, 1))).all()
        assert [(row.meter_id, row.value) for row in taken] == [(good.id, Decimal("101.500"))]


@pytest.mark.parametrize(("confirmed", "is_taken"), [("2000", True), ("2001", False)])
def test_only_the_very_value_that_was_confirmed_is_taken(act: Any, confirmed: str, is_taken: bool) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        factories.reading(session, meter, "200", date(2026, 10, 1))
        sheet = read(bulk_readings.known([meter]), {meter.id: "2000"}, "")
        ticked = {meter.id: Decimal(confirmed)}
        taken = bulk_readings.take(session, sheet, on=IN_WINDOW, user_id=None, confirmed=ticked)
        assert taken == ([meter.id] if is_taken else [])
        if is_taken:
            row = session.scalars(select(Reading).where(Reading.value == 2000)).one()
            assert row.state is ReadingState.review
