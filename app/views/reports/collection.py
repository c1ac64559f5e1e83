"""Collection: what was charged and what was paid, by month and service."""

from decimal import Decimal
from typing import Any

from ...formats import localized, short_month
from ...forms.reports import MonthsFilter
from ...i18n import _, _l
from ...queries import reports
from ...queries.records import billed_services
from ...queries.reports import MonthTotal
from .base import Chart, Column, Figures, Kind, ReportView, percent, reports_session

COLUMNS = (
    Column(_l("Month"), Kind.month),
    Column(_l("Service"), Kind.text),
    Column(_l("Accounts"), Kind.integer),
    Column(_l("Balance at the start"), Kind.money),
    Column(_l("Charged"), Kind.money),
    Column(_l("Paid"), Kind.money),
    Column(_l("Paid of charged"), Kind.percent),
    Column(_l("Balance at the end"), Kind.money),
)


class MonthsReportView(ReportView):
    """A report by month and service."""

    def asked(self) -> MonthsFilter | None:
        session = reports_session()
        periods = reports.counted_periods(session)
        return MonthsFilter.of(periods, billed_services(session)) if periods else None


class CollectionView(MonthsReportView):
    route_base = "/reports/collection"
    name = "collection"
    menu_label = _l("Collection")
    about = _l(
        "What was charged and what was paid, by month and service. Corrections and penalties are in what was charged."
    )

    def figures(self, asked: MonthsFilter) -> Figures:
        found = reports.months(reports_session(), asked.scope)
        charged, paid = sum((row.charged for row in found), Decimal(0)), sum((row.paid for row in found), Decimal(0))
        return Figures(
            columns=COLUMNS,
            rows=[_row(row) for row in found],
            total=[_("Total"), None, None, None, charged, paid, percent(paid, charged), None],
            chart=_chart(found),
            counted_at=min((row.counted_at for row in found), default=None),
        )


def _row(row: MonthTotal) -> list[Any]:
    share = percent(row.paid, row.charged)
    name = localized(row.service, "name")
    return [row.period, name, row.accounts, row.opening, row.charged, row.paid, share, row.closing]


def _chart(found: list[MonthTotal]) -> Chart:
    periods = sorted({row.period for row in found})
    series = [
        {
            "label": label,
            "values": [str(sum(getattr(row, name) for row in found if row.period == each)) for each in periods],
        }
        for label, name in ((_("Charged"), "charged"), (_("Paid"), "paid"))
    ]
    labels = [f"{short_month(each)} {each:%y}" for each in periods]
    return Chart("bar", _("Charged and paid by month"), {"labels": labels, "series": series, "unit": "₽"})
