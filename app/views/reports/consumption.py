"""Consumption: cubic metres by month and service."""

from decimal import Decimal
from typing import Any

from ...formats import localized, short_month
from ...forms.reports import MonthsFilter
from ...i18n import _, _l
from ...queries import reports
from ...queries.reports import MonthTotal
from .base import Chart, Column, Figures, Kind, reports_session
from .collection import MonthsReportView

COLUMNS = (
    Column(_l("Month"), Kind.month),
    Column(_l("Service"), Kind.text),
    Column(_l("Accounts"), Kind.integer),
    Column(_l("Meters"), Kind.integer),
    Column(_l("Volume, m³"), Kind.volume),
    Column(_l("For an account, m³"), Kind.volume),
)
THOUSANDTH = Decimal("0.001")


class ConsumptionView(MonthsReportView):
    route_base = "/reports/consumption"
    name = "consumption"
    menu_label = _l("Consumption")
    about = _l("Cubic metres that were charged, by month and service: by meters, by the average and by the normative.")

    def figures(self, asked: MonthsFilter) -> Figures:
        found = reports.months(reports_session(), asked.scope)
        return Figures(
            columns=COLUMNS,
            rows=[_row(row) for row in found],
            total=None,
            chart=_chart(found),
            counted_at=min((row.counted_at for row in found), default=None),
        )


def _row(row: MonthTotal) -> list[Any]:
    each = (row.volume / row.accounts).quantize(THOUSANDTH) if row.accounts else None
    return [row.period, localized(row.service, "name"), row.accounts, row.meters, row.volume, each]


def _chart(found: list[MonthTotal]) -> Chart:
    periods = sorted({row.period for row in found})
    volumes = {(row.service.id, row.period): str(row.volume) for row in found}
    services = {row.service.id: row.service for row in found}
    series = [
        {"label": localized(service, "name"), "values": [volumes.get((pk, each)) for each in periods]}
        for pk, service in services.items()
    ]
    labels = [f"{short_month(each)} {each:%y}" for each in periods]
    return Chart("line", _("Consumption by month"), {"labels": labels, "series": series, "unit": _("m³")})
