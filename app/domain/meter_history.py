"""What a meter has shown so far, and what a new value would mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..models import Meter, Reading
from . import calendar
from .consumption import Consumption, average, consumption

MONTHS_KNOWN = 14  # readings looked back at: the average's window and room for the gaps that it grows over


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a meter: its readings that count, the newest first. Periods are first days of months."""

    meter: Meter
    rows: Sequence[Reading]

    def at(self, period: date) -> Reading | None:
        """The reading that counts for the period."""
        return next((row for row in self.rows if row.period == period), None)

    def before(self, period: date) -> Reading | None:
        """The last reading of an earlier period."""
        return next((row for row in self.rows if row.period < period), None)

    def volume(self, period: date) -> Decimal | None:
        """The consumption of the period's reading, m³."""
        reading = self.at(period)
        return None if reading is None else reading.volume

    def start(self, period: date) -> Decimal:
        """The value that the consumption of the period is counted from, m³."""
        last = self.before(period)
        return self.meter.opening_value if last is None else last.value

    def months(self, period: date) -> int:
        """How many months the reading of the period spans, at least one."""
        last = self.before(period)
        since = self.meter.installed_on if last is None else last.period
        return max(1, months_between(since, period))

    def average(self, period: date) -> Decimal | None:
        """The usual use a month before the period, m³; None where too little is known (ПП 354, п. 59)."""
        past = [row for row in self.rows if row.period < period]
        if not past:
            return None
        volumes, month = [], self._first_month(past[-1])
        known = {row.period: row.volume for row in past}
        while month <= past[0].period:
            volumes.append(known.get(month))
            month = calendar.next_month(month)
        return average(volumes, is_whole=True)

    def _first_month(self, oldest: Reading) -> date:
        """The first month whose water the readings tell: the one after an opening value, else after the installation.
        Where the readings before the oldest one are not known, its own."""
        if oldest.volume is None:
            return calendar.next_month(oldest.period)
        is_first = oldest.value - oldest.volume == self.meter.opening_value
        return min(calendar.next_month(self.meter.installed_on), oldest.period) if is_first else oldest.period

    def measure(self, value: Decimal, period: date) -> Consumption:
        return consumption(
            digits=self.meter.digits,
            previous=self.start(period),
            current=value,
            average=self.average(period),
            months=self.months(period),
        )


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
