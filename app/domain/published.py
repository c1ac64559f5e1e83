"""Dated rates as CSV files: those that come with the program (`app/data`), each row with its act and where it was
found, and those that a utility brings. A file is called by its table: key_rates.csv, tariffs_2027.csv.

Status `approved` marks figures of a published act that were looked up there, `demo` those that nobody has confirmed.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Date, Enum, Integer, String, inspect, select
from sqlalchemy.orm import Session

from ..i18n import _
from ..model_types import ScaledDecimal
from ..models import ActStatus, Service
from ..queries import rates as queries
from . import dated, rates
from .dated import Table
from .errors import DomainError
from .numbers import parse_decimal
from .penalties import PenaltyRules

DATA = Path(__file__).resolve().parents[1] / "data"
PENALTIES = ("key_rates.csv", "penalty_caps.csv", "penalty_shares.csv", "moratoria.csv")
FEDERAL = ("vat_rates.csv", "coefficients.csv", "due_days.csv", *PENALTIES)
DEMO = ("tariffs_demo.csv", "normatives_demo.csv")
"""Prices and normatives are the region's: a utility brings its own."""
LARGEST = Decimal(1_000_000)
SOURCE = "source"  # a column for the reader of the file; no table keeps it
UNSAID: dict[str, Any] = {"act": "", "status": ActStatus.draft}


class Outcome(StrEnum):
    """What became of a line."""

    added = "added"
    closed = "closed"  # the row was there without a last day
    known = "known"
    kept = "kept"  # the row was there with other values, which stay


class Line(NamedTuple):
    number: int
    text: str


class Named(NamedTuple):
    """The values of a line by their columns."""

    number: int
    values: dict[str, str]


@cache
def penalty_rules() -> PenaltyRules:
    """The rules by the program's own files: the answer where there is no database."""
    tables = ((_table(DATA / name), name) for name in PENALTIES)
    return rates.rules_of(_row(table, line, {}) for table, name in tables for line in _lines(DATA / name, table))


def fill_empty(session: Session) -> None:
    """The federal rates into tables that are empty."""
    for name in FEDERAL:
        if queries.is_empty(session, _table(DATA / name).model):
            load(session, DATA / name)


def load_demo(session: Session) -> None:
    """The demo's prices and normatives, too, into an installation that has none."""
    fill_empty(session)
    for name in DEMO:
        if queries.is_empty(session, _table(DATA / name).model):
            load(session, DATA / name)


def load(session: Session, path: Path) -> Counter[Outcome]:
    """Put the rows of a file into their table. A row that is there stays as it is, but for a last day that it lacks.

    Raises DomainError with the file's name and line: the transaction must then be given up.
    """
    outcomes: Counter[Outcome] = Counter()
    table = _table(path)
    services = {service.code: service for service in session.scalars(select(Service))}
    for line in _lines(path, table):
        try:
            outcomes[_take(session, table, _row(table, line, services))] += 1
        except DomainError as error:
            message = f"{error.field}: {error.message}" if error.field else error.message
            raise _fault(path, message, line.number) from error
    return outcomes


def hold(session: Session, paths: Iterable[Path]) -> None:
    """The tables of the files, before anything is added: a saved rate raises the version too that processes ask for
    (security/manager.py), and who saves one holds its table first."""
    for model in sorted({_table(path).model for path in paths}, key=lambda model: str(model.__tablename__)):
        queries.lock(session, model)


def _take(session: Session, table: Table, row: Any) -> Outcome:
    since = getattr(row, table.since)
    others = queries.others(session, row, table.key)
    known = next((each for each in others if getattr(each, table.since) == since), None)
    if known is None:
        dated.prepare(session, row)
        session.add(row)
        session.flush()
        return Outcome.added
    values = [name for name in _columns(table) if name not in (*table.key, "act", "status")]
    differing = [name for name in values if getattr(known, name) != getattr(row, name)]
    if not differing:
        return Outcome.known
    if differing != [table.until] or getattr(known, differing[0]) is not None:
        return Outcome.kept
    setattr(known, differing[0], getattr(row, differing[0]))
    dated.prepare(session, known)
    session.flush()
    return Outcome.closed


# from text to rows ----------------------------------------------------------------------------------------


def _table(path: Path) -> Table:
    named = [table for name, table in dated.TABLES.items() if path.name.startswith(name)]
    if not named:
        raise _fault(path, _("Call the file by its table: %(names)s.", names=", ".join(dated.TABLES)))
    return named[0]


def _columns(table: Table) -> dict[str, Column[Any]]:
    """The columns of a table by their names in a file: a service is named by its code."""
    columns = inspect(table.model).columns
    return {name.removesuffix("_id"): column for name, column in columns.items() if name != "id"}


def _lines(path: Path, table: Table) -> Iterator[Named]:
    """Raises DomainError for a file that is no such table."""
    try:
        head, *rest = path.read_text("utf-8-sig").splitlines() or [""]
    except UnicodeDecodeError as error:
        raise _fault(path, _("The text cannot be read: save the file as CSV in UTF-8.")) from error
    delimiter = ";" if ";" in head else ","
    names = _cells(path, Line(1, head), delimiter)
    known = _columns(table)
    needed = {name for name, column in known.items() if not column.nullable} - UNSAID.keys()
    if not needed <= {*names} <= {*known, SOURCE} or len(names) != len({*names}):
        raise _fault(path, _("The first line names the columns: %(names)s.", names=", ".join(known)))
    for number, text in enumerate(rest, 2):
        values = _cells(path, Line(number, text), delimiter)
        if len(values) not in (0, len(names)):
            message = _("There are %(found)s values for %(names)s columns.", found=len(values), names=len(names))
            raise _fault(path, message, number)
        if any(values):
            yield Named(number, dict(zip(names, values, strict=True)))


def _cells(path: Path, line: Line, delimiter: str) -> list[str]:
    try:
        return [value.strip() for value in next(csv.reader([line.text], delimiter=delimiter), [])]
    except csv.Error as error:
        raise _fault(path, _("The line cannot be read as CSV."), line.number) from error


def _row(table: Table, named: Named, services: Mapping[str, Service]) -> Any:
    columns = _columns(table)
    said = {name: text for name, text in named.values.items() if name != SOURCE and (text or name not in UNSAID)}
    values = dict(UNSAID)
    for name, text in said.items():
        try:
            values[name] = _one_of(services, text) if name == "service" else _value(columns[name], text)
        except DomainError as error:
            raise DomainError(error.message, field=name) from error
    return table.model(**values)


def _value(column: Column[Any], text: str) -> Any:
    kind = column.type
    if not text:
        if not column.nullable:
            raise DomainError(_("Enter a value."))
        return None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return _one_of(kind.enum_class.__members__, text)
    if isinstance(kind, ScaledDecimal):
        return parse_decimal(text, places=kind.places, minimum=Decimal(0), maximum=LARGEST)
    if isinstance(kind, Integer):
        return int(parse_decimal(text, places=0, minimum=Decimal(0), maximum=Decimal(2**15 - 1)))
    if isinstance(kind, Date):
        return _day(text)
    if isinstance(kind, String) and len(text) > (kind.length or 0):
        raise DomainError(_("Shorten the text to %(n)s characters.", n=kind.length))
    if not text.isprintable():
        raise DomainError(_("Remove the sign that cannot be printed."))
    return text


def _one_of(known: Mapping[str, Any], text: str) -> Any:
    if text not in known:
        raise DomainError(_("“%(text)s” is none of: %(names)s.", text=text[:40], names=", ".join(known)))
    return known[text]


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date without a time
    raise DomainError(_("Enter the date as day, month and year, for example 22.11.2026."))


def _fault(path: Path, message: str, line: int | None = None) -> DomainError:
    place = path.name if line is None else _("%(file)s, line %(line)s", file=path.name, line=line)
    return DomainError(f"{place}: {message}")
