"""The days of the month on which readings are taken, as seen on one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from . import calendar


@dataclass(frozen=True, slots=True)
class Window:
    """A reading given `today` counts for `period`, whose window lasts from `first` to `last`, both included."""

    today: date
    period: date
    first: date
    last: date
    month_first: date  # the window of the current calendar month, be it over or not
    month_last: date

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
    first_day, last_day = int(settings["readings.first_day"]), int(settings["readings.last_day"])
    period = calendar.period_for(today, last_day)
    days, of_month = (calendar.window(month, first_day, last_day) for month in (period, today))
    return Window(today, period, *days, *of_month)
