"""Coverage: how the readings of a month came in, by day and by channel."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from ...domain import reading_window
from ...formats import day_month, integer
from ...forms.reports import MonthFilter
from ...i18n import _, _l
from ...models import ReadingSource
from ...queries import reports
from ..base import settings
from .base import Chart, Column, Figures, Kind, ReportView, cell, percent, reports_session


class CoverageView(ReportView):
    route_base = "/reports/coverage"
    name = "coverage"
    menu_label = _l("Coverage of readings")
    about = _l(
        "How many meters have a reading of the month, by the day it was taken and by the channel it came through."
    )

    def asked(self) -> MonthFilter | None:
        periods = reports.counted_periods(reports_session())
        return MonthFilter.of(periods) if periods else None

    def figures(self, asked: MonthFilter) -> Figures:
        session = reports_session()
        found, meters = reports.coverage(session, asked.month), reports.meters_of(session, asked.month)
        counts = Counter({(day, source): readings for day, source, readings, _at in found})
        sources = [source for source in ReadingSource if any(key[1] is source for key in counts)]
        days = _days(asked.month, {day for day, _source in counts})
        total = counts.total()
        return Figures(
            columns=[
                Column(_l("Day"), Kind.day),
                *(Column(source.label, Kind.integer) for source in sources),
                Column(_l("In the day"), Kind.integer),
                Column(_l("Since the start"), Kind.integer),
                Column(_l("Of the meters"), Kind.percent),
            ],
            rows=_rows(days, sources, counts, meters),
            total=_total(sources, counts, meters),
            chart=_chart(days, sources, counts),
            counted_at=min((at for *_key, at in found), default=None),
            highlights=[
                (_("Meters"), integer(meters)),
                (_("Have a reading"), integer(total)),
                (_("Have none"), integer(max(meters - total, 0))),
                (_("Coverage"), cell(percent(total, meters), Kind.percent)),
            ],
        )


Counts = Counter[tuple[date, ReadingSource]]


def _days(month: date, found: set[date]) -> list[date]:
    """The days of the reading window and those on which something came besides."""
    first, last = reading_window.of_month_of(month, settings())
    return sorted({first + timedelta(days=n) for n in range((last - first).days + 1)} | found)


def _rows(days: list[date], sources: list[ReadingSource], counts: Counts, meters: int) -> list[list[Any]]:
    rows, so_far = [], 0
    for day in days:
        by_source = [counts[day, source] for source in sources]
        so_far += sum(by_source)
        rows.append([day, *by_source, sum(by_source), so_far, percent(so_far, meters)])
    return rows


def _total(sources: list[ReadingSource], counts: Counts, meters: int) -> list[Any]:
    by_source = [sum(count for (_day, source), count in counts.items() if source is each) for each in sources]
    return [_("Total"), *by_source, sum(by_source), None, percent(sum(by_source), meters)]


def _chart(days: list[date], sources: list[ReadingSource], counts: Counts) -> Chart:
    series = [{"label": str(source.label), "values": [counts[day, source] for day in days]} for source in sources]
    data = {"labels": [day_month(day) for day in days], "series": series}
    return Chart("stacked", _("Readings by day and channel"), data)
