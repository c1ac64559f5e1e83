"""The days of the month on which readings are taken, as seen on one day.

Where the product was away in the last two days of a window, the window lasts longer: by the hours lost, rounded up to
whole days, within its month. Staff record when it was away in the setting `readings.downtime`: one span after another,
as 2026-11-25T20:00/2026-11-26T03:30 by the utility's clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from . import calendar

LAST_DAYS = 2
DAY = timedelta(days=1)
MOMENT, NEVER = "%Y-%m-%dT%H:%M", "-"


@dataclass(frozen=True, slots=True)
class Window:
    """A reading given `today` counts for `period`, whose window lasts from `first` to `last`, both included."""

    today: date
    period: date
    first: date
    last: date
    month_first: date  # the window of the current calendar month, be it over or not
    month_last: date
    extra_days: int = 0  # of `month_last`, for the hours when the product was away

    @property
    def is_open(self) -> bool:
        return self.first <= self.today <= self.last

    @property
    def is_past(self) -> bool:
        """Whether this month's window is over, so that a reading counts for the next period."""
        return self.today < self.period

    @property
    def days_left(self) -> int:
        """Days after today on which readings are still taken."""
        return (self.last - self.today).days

    @property
    def days_before(self) -> int:
        """Days until the window opens."""
        return (self.first - self.today).days

    @property
    def month(self) -> date:
        """The current calendar month: its readings may be corrected even after the window."""
        return self.today.replace(day=1)

    @property
    def days(self) -> list[tuple[int, str]]:
        """The strip of days: (day of the month, "past" | "today" | "ahead")."""
        return self._strip(self.first, self.last)

    @property
    def month_days(self) -> list[tuple[int, str]]:
        """The strip of the current calendar month."""
        return self._strip(self.month_first, self.month_last)

    def _strip(self, first: date, last: date) -> list[tuple[int, str]]:
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        return [(day.day, "today" if day == self.today else "past" if day < self.today else "ahead") for day in days]


def on(today: date, settings: Mapping[str, str]) -> Window:
    period = period_for(today, settings)
    days, of_month = (of_month_of(day, settings) for day in (period, today))
    usual_last = calendar.window(today, *_days(settings))[1]
    return Window(today, period, *days, *of_month, (of_month[1] - usual_last).days)


def period_for(day: date, settings: Mapping[str, str]) -> date:
    """The period that a reading given on the day counts for: after the window it is the next month's."""
    return day.replace(day=1) if day <= of_month_of(day, settings)[1] else calendar.next_month(day)


def of_month_of(day: date, settings: Mapping[str, str]) -> tuple[date, date]:
    """The first and the last day, both included, on which readings of the day's month are taken."""
    first, last = calendar.window(day, *_days(settings))
    lost = _lost(last, downtime(settings["readings.downtime"]))
    end = calendar.next_month(day) - timedelta(days=1)
    return first, min(last + timedelta(days=-(-lost // DAY)), end)


def downtime(text: str) -> list[tuple[datetime, datetime]]:
    """The spans of the setting, "-" without any, by the utility's clock. Raises ValueError for what is no span."""
    spans = []
    for part in text.split() if text != NEVER else ():
        start, _sign, end = part.partition("/")
        spans.append((datetime.strptime(start, MOMENT), datetime.strptime(end, MOMENT)))  # noqa: DTZ007
        if spans[-1][0] >= spans[-1][1]:
            raise ValueError(part)
    return spans


def _lost(last: date, spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long the product was away in the last two days of a window that ends with `last`; no hour counts twice."""
    midnight = datetime.combine(last + timedelta(days=1), time())
    lost, reached = timedelta(), midnight - LAST_DAYS * DAY
    for began, ended in sorted(spans):
        start, stop = max(began, reached), min(ended, midnight)
        if stop > start:
            lost, reached = lost + (stop - start), stop
    return lost


def _days(settings: Mapping[str, str]) -> tuple[int, int]:
    return int(settings["readings.first_day"]), int(settings["readings.last_day"])
