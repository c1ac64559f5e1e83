"""The days of readings, and how much longer they last where the product was away in the last of them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.domain import reading_window, settings
from app.domain.errors import DomainError
from app.domain.readings import submit
from app.models import ReadingSource, Setting
from tests import factories

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def known(downtime: str = "-", last: str = "26") -> dict[str, str]:
    return {"readings.first_day": "20", "readings.last_day": last, "readings.downtime": downtime}


@pytest.mark.parametrize(
    ("downtime", "last"),
    [
        ("-", 26),
        ("", 26),
        ("2026-11-25T20:00/2026-11-25T20:01", 27),
        ("2026-11-25T00:00/2026-11-26T00:00", 27),
        ("2026-11-25T00:00/2026-11-26T00:01", 28),
        ("2026-11-01T00:00/2026-12-01T00:00", 28),
        ("2026-11-25T10:00/2026-11-25T22:00 2026-11-26T10:00/2026-11-26T22:00", 27),
        ("2026-11-25T00:00/2026-11-25T20:00 2026-11-25T00:00/2026-11-25T20:00", 27),
        ("2026-11-24T00:00/2026-11-25T00:00", 26),
        ("2026-11-27T00:00/2026-11-27T09:00", 26),
        ("2026-10-26T00:00/2026-10-26T09:00", 26),
    ],
    ids=[
        *("none", "empty", "a minute", "a day", "a minute more", "all the month", "together a day", "told twice"),
        *("before the last two days", "after the window", "another month"),
    ],
)
def test_the_window_lasts_longer_by_the_hours_lost_in_its_last_two_days(downtime: str, last: int) -> None:
    window = reading_window.on(date(2026, 11, 23), known(downtime))
    assert (window.first, window.last) == (date(2026, 11, 20), date(2026, 11, last))
    assert window.extra_days == last - 26


def test_a_window_never_leaves_its_month() -> None:
    assert reading_window.on(NOVEMBER, known("2026-11-30T09:00/2026-11-30T11:00", "30")).last == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "downtime", "period"),
    [
        (26, "-", NOVEMBER),
        (27, "-", DECEMBER),
        (27, "2026-11-26T20:00/2026-11-26T23:00", NOVEMBER),
        (28, "2026-11-26T20:00/2026-11-26T23:00", DECEMBER),
    ],
)
def test_a_reading_of_an_added_day_counts_for_the_month_itself(day: int, downtime: str, period: date) -> None:
    assert reading_window.period_for(date(2026, 11, day), known(downtime)) == period


@pytest.mark.parametrize("text", ["yesterday", "2026-11-25", "2026-11-25T10:00/2026-11-25T09:00", "2026-11-25T25:00/x"])
def test_what_is_no_span_of_time_is_refused(act: Any, text: str) -> None:
    with act() as session, pytest.raises(DomainError):
        settings.prepare(session, Setting(key="readings.downtime", value=text))


def test_a_reading_of_an_added_day_is_taken_for_the_month(act: Any) -> None:
    with act() as session:
        row = session.scalars(select(Setting).where(Setting.key == "readings.downtime")).one()
        row.value = "2026-11-26T20:00/2026-11-26T23:00"
        settings.prepare(session, row)
        session.flush()
        meter = factories.meter(session, factories.account(session))
        for day, period in ((27, NOVEMBER), (28, DECEMBER)):
            on = date(2026, 11, day)
            taken = submit(session, meter.id, Decimal(day), on=on, source=ReadingSource.cabinet, user_id=None)
            assert taken.period == period
