"""Periods, windows, due dates and working days."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendar import (
    RUSSIA,
    add_working_days,
    due_date,
    month_range,
    next_month,
    previous_month,
    window,
)

dates = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("period", "due_day", "due"),
    [
        (date(2025, 3, 1), 10, date(2025, 4, 10)),
        (date(2025, 4, 1), 10, date(2025, 5, 12)),
        (date(2026, 3, 1), 15, date(2026, 4, 15)),
        (date(2025, 12, 1), 10, date(2026, 1, 12)),
        (date(2024, 3, 1), 27, date(2024, 4, 27)),
        (date(2024, 4, 1), 10, date(2024, 5, 13)),
        (date(2026, 1, 1), 31, date(2026, 3, 2)),
    ],
    ids=[
        "a working day",
        "Saturday",
        "the 15th",
        "new year",
        "a working Saturday",
        "a day off moved here",
        "a short month",
    ],
)
def test_a_due_date_on_a_day_off_moves_to_the_next_working_day(period: date, due_day: int, due: date) -> None:
    assert due_date(period, due_day) == due


@settings(deadline=None)
@given(dates, st.integers(1, 28))
def test_a_due_date_is_a_working_day_of_the_next_month_or_soon_after(day: date, due_day: int) -> None:
    due = due_date(day, due_day)

    assert RUSSIA.is_working_day(due)
    assert 0 <= (due - next_month(day).replace(day=due_day)).days <= 12


def test_the_calendar_of_days_off_may_be_the_utilitys_own() -> None:
    class NeverOnMonday:
        def is_working_day(self, day: date, /) -> bool:
            return day.weekday() != 0

    assert due_date(date(2026, 5, 1), 15, NeverOnMonday()) == date(2026, 6, 16)


def test_ten_working_days_pass_over_days_off_both_ways() -> None:
    assert add_working_days(date(2026, 4, 30), 10) == date(2026, 5, 18)
    assert add_working_days(date(2026, 5, 18), -10) == date(2026, 4, 30)
    assert add_working_days(date(2026, 5, 3), 0) == date(2026, 5, 3)


@settings(deadline=None)
@given(dates, st.integers(1, 30))
def test_as_many_working_days_lie_between_as_were_added(day: date, count: int) -> None:
    end = add_working_days(day, count)
    days = [date.fromordinal(n) for n in range(day.toordinal() + 1, end.toordinal() + 1)]

    assert sum(RUSSIA.is_working_day(between) for between in days) == count
    assert RUSSIA.is_working_day(end)


def test_the_window_has_its_first_and_last_day() -> None:
    assert window(date(2026, 7, 1), 20, 26) == (date(2026, 7, 20), date(2026, 7, 26))
    assert window(date(2026, 2, 1), 25, 31) == (date(2026, 2, 25), date(2026, 2, 28))


@settings(deadline=None)
@given(dates)
def test_months_follow_one_another(day: date) -> None:
    first, end = month_range(day)

    assert first <= day < end
    assert first.day == end.day == 1
    assert previous_month(end) == previous_month(next_month(day)) == first
    assert next_month(previous_month(day)) == first
