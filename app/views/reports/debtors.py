"""Debtors: who owes, how much and for how long."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response as Redirect

from ...forms.reports import AGE_LABELS, DebtFilter
from ...i18n import _, _l
from ...models import AccountDebt, DebtTotal
from ...panel.exports import LONGEST_XLSX, streamed
from ...queries import reports
from ...queries.facts import AGES
from ...queries.reports import Place
from ...security import audit
from ..staff.home import may_open
from .base import FILE, Chart, ReportPage, as_asked, reports_engine, reports_session

PAGE = 25
PLACE = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")
"""Kopecks and an account's id."""


class DebtorsView(ReportPage):
    route_base = "/reports/debtors"
    name = "debtors"
    template = "reports/debtors.html"
    menu_label = _l("Debtors")
    about = _l("Debts past the due date. A payment covers the oldest charges of its service first.")

    @expose("")
    @has_access
    def index(self) -> str | tuple[str, int]:
        asked = DebtFilter()
        if not asked.validate():
            return self.page(form=asked, totals=[]), 422
        session, scope = reports_session(), asked.scope
        totals = reports.debt_totals(session, scope.payer_group)
        found = reports.debtors(session, scope, after=_place(), size=PAGE + 1)
        count, is_more = reports.debtor_count(session, scope)
        return self.page(
            form=asked,
            totals=totals,
            chart=_chart(totals),
            found=found[:PAGE],
            count=count,
            is_more=is_more,
            ages=AGE_LABELS,
            opens_accounts=may_open("StaffAccountsView.show"),
            start=_here(None) if "after" in request.args else None,
            further=_here(found[PAGE - 1]) if len(found) > PAGE else None,
        )

    @expose(FILE)
    @has_access
    @permission_name("export")
    def export(self, suffix: str) -> Response | Redirect | tuple[str, int]:
        asked = DebtFilter()
        if not asked.validate():
            return self.page(form=asked, totals=[]), 422
        if suffix == "xlsx" and reports.debtor_count(reports_session(), asked.scope, LONGEST_XLSX)[1]:
            flash(_("There are too many rows for an Excel file. Take the CSV file, or narrow the list."), "warning")
            return redirect(as_asked(url_for(".index")), 303)
        audit.took_list(AccountDebt.__tablename__)
        rows = streamed(reports.debtor_rows(asked.scope), reports_engine())
        return self.file(suffix, [_("Account"), _("Payer"), _("Address"), _("Debt"), *AGE_LABELS.values()], rows)


def _place() -> Place | None:
    """Where the page starts, as the address of the page before gave it."""
    found = PLACE.fullmatch(request.args.get("after", ""))
    return (Decimal(found[1]).scaleb(-2), int(found[2])) if found else None


def _here(last: AccountDebt | None) -> str:
    """The address of the page after this row, or of the first page."""
    after = f"{int(last.total * 100)}.{last.account_id}" if last else None
    return as_asked(url_for(".index"), after=after)


def _chart(totals: Sequence[DebtTotal]) -> Chart:
    series: list[dict[str, Any]] = [
        {"label": str(total.payer_group.label), "values": [str(getattr(total, age)) for age in AGES]}
        for total in totals
    ]
    data = {"labels": [str(label) for label in AGE_LABELS.values()], "series": series, "unit": "₽"}
    return Chart("stacked", _("Debts by age"), data)
