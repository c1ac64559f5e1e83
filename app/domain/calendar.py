"""Periods, reading windows and due dates: local calendar dates, without a clock.

A period is named by the first day of its month.
"""

import sys
from calendar import monthrange
from datetime import date, timedelta
from importlib.util import find_spec, module_from_spec
from typing import Protocol


class WorkingDays(Protocol):
    def is_working_day(self, day: date, /) -> bool: ...


def _russia() -> WorkingDays:
    """Russia's working days, with the government's transfers of days off. The library's package of countries reads all
    three hundred when one is asked for, which took a tenth of a process's start: an empty package stands in for it."""
    package = find_spec("holidays.countries")
    assert package is not None
    sys.modules.setdefault(package.name, module_from_spec(package))
    from holidays.countries.russia import Russia

    known: WorkingDays = Russia()
    return known


RUSSIA = _russia()


def month_range(day: date) -> tuple[date, date]:
    """The half-open month of the day: its first day and the first day of the next month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def days(period: date) -> list[date]:
    """The days of a month."""
    first, end = month_range(period)
    return [first + timedelta(days=number) for number in range((end - first).days)]


def next_month(day: date) -> date:
    return month_range(day)[1]


def previous_month(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def due_date(period: date, due_day: int, working: WorkingDays = RUSSIA) -> date:
    """The last day to pay for the period: `due_day` of the next month or the working day after it (ГК 193)."""
    return next_working_day(_day_of(next_month(period), due_day), working)


def next_working_day(day: date, working: WorkingDays = RUSSIA) -> date:
    """The day itself, or the first working day after it (ГК 193)."""
    while not working.is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int, working: WorkingDays = RUSSIA) -> date:
    """The `count`-th working day after the day, or before it where the count is negative."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not working.is_working_day(day):
            day += step
    return day


def window(period: date, first_day: int, last_day: int) -> tuple[date, date]:
    """The first and the last day, both included, on which readings of the period are taken."""
    return _day_of(period, first_day), _day_of(period, last_day)


def _day_of(month: date, day: int) -> date:
    """The day of the month, or its last day where the month is shorter."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
