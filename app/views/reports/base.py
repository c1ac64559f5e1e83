"""What managers' reports share: a table of typed figures is drawn as a page and written as a file."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Response, after_this_request, current_app, g, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from ... import clock, formats
from ...extensions import db
from ...forms.reports import Filter
from ...panel.exports import csv_file, xlsx_file
from ..base import CabinetView

PERCENT = Decimal("0.1")
FILE = "/export.<any(csv, xlsx):suffix>"


class Kind(StrEnum):
    """How the values of a column look."""

    month = "month"
    day = "day"
    text = "text"
    integer = "integer"
    money = "money"
    volume = "volume"
    percent = "percent"

    @property
    def is_number(self) -> bool:
        return self not in (Kind.month, Kind.day, Kind.text)


@dataclass(frozen=True, slots=True)
class Column:
    label: Any
    kind: Kind


@dataclass(frozen=True, slots=True)
class Chart:
    """What components/charts.html draws."""

    kind: str
    title: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """A report: its columns, rows and total, the chart over them, the moment when they were counted."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None
    chart: Chart | None
    counted_at: datetime | None
    highlights: Sequence[tuple[Any, str]] = ()


def reports_session() -> Session:
    """A session over the replica for reports, where there is one, until the end of the request."""
    session: Session | None = db.session() if reports_engine() is db.engine else g.get("reports_session")
    if session is None:
        session = g.reports_session = Session(reports_engine())
        after_this_request(_close)
    return session


def _close(response: Response) -> Response:
    g.reports_session.close()
    return response


def reports_engine() -> Engine:
    url = current_app.config["REPORTS_DATABASE_URL"]
    return db.engine if url == current_app.config["SQLALCHEMY_DATABASE_URI"] else _engine(url)


@lru_cache(maxsize=4)
def _engine(url: str) -> Engine:
    return create_engine(url, hide_parameters=True)


def as_asked(url: str, **changes: str | None) -> str:
    """The address with the filters of this page, some of them changed (None: left out)."""
    query = {**request.args.to_dict(), **changes}
    words = urlencode({name: value for name, value in query.items() if value})
    return f"{url}?{words}" if words else url


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A share in percent with one decimal; None of nothing."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(PERCENT) if whole else None


def cell(value: Any, kind: Kind) -> str:
    """A value as the page shows it."""
    if value is None:
        return "—"
    if kind is Kind.percent:
        return f"{formats.rate(value).removesuffix('0')} %"
    shown: dict[Kind, Callable[[Any], str]] = {
        Kind.month: formats.period,
        Kind.day: formats.short_date,
        Kind.integer: formats.integer,
        Kind.money: formats.money,
        Kind.volume: formats.volume,
    }
    return shown.get(kind, str)(value)


class ReportPage(CabinetView):
    """What every report has: a page with its filters in the address, files."""

    name = ""  # of the report's files
    menu_label: Any = ""
    about: Any = ""
    template = ""

    def page(self, **values: Any) -> str:
        files = {suffix: as_asked(url_for(".export", suffix=suffix)) for suffix in ("csv", "xlsx")}
        return str(
            self.render_template(
                self.template, title=self.menu_label, about=self.about, cell=cell, files=files, **values
            )
        )

    def file(self, suffix: str, labels: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
        write = csv_file if suffix == "csv" else xlsx_file
        return write(f"{self.name}-{clock.today()}", [str(label) for label in labels], rows)


class ReportView(ReportPage):
    """A report whose figures fit on one page."""

    template = "reports/figures.html"

    @abstractmethod
    def asked(self) -> Filter | None:
        """The filters as the address has them; None while nothing was counted."""

    @abstractmethod
    def figures(self, asked: Any) -> Figures:
        """What the filters, which are valid, ask for."""

    @expose("")
    @has_access
    def index(self) -> str | tuple[str, int]:
        asked = self.asked()
        if asked is None:
            return self.page(form=None, figures=None)
        if not asked.validate():
            return self.page(form=asked, figures=None), 422
        return self.page(form=asked, figures=self.figures(asked))

    @expose(FILE)
    @has_access
    @permission_name("export")
    def export(self, suffix: str) -> Response | tuple[str, int]:
        asked = self.asked()
        if asked is None or not asked.validate():
            return self.page(form=asked, figures=None), 422
        figures = self.figures(asked)
        kinds = [column.kind for column in figures.columns]
        rows = [[_plain(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in figures.rows]
        return self.file(suffix, [column.label for column in figures.columns], rows)


def _plain(value: Any, kind: Kind) -> Any:
    """A value as a file has it: a month in words, a number as a number."""
    return formats.period(value) if kind is Kind.month else value
