"""Readings of many meters at once: typed in a table, or pasted from a spreadsheet as serial and value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import Meter, ReadingSource
from . import readings
from .errors import DomainError
from .numbers import parse_volume

MOST_METERS = 1000
MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A meter that values may be given for."""

    id: int
    serial: str


@dataclass(frozen=True, slots=True)
class Stray:
    """A pasted line that belongs to no row of the table: where it stood, and what to do."""

    number: int
    text: str
    advice: str


@dataclass(slots=True)
class Sheet:
    """What came, by the meter's id: the text as typed, the value where the text is one (m³), else why not."""

    texts: dict[int, str] = field(default_factory=dict)
    values: dict[int, Decimal] = field(default_factory=dict)
    errors: dict[int, DomainError] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.texts and not self.strays

    def put(self, meter_id: int, text: str) -> None:
        self.texts[meter_id] = text
        try:
            self.values[meter_id] = parse_volume(text)
        except DomainError as error:
            self.errors[meter_id] = error


def read(known: Iterable[Known], typed: Mapping[int, str], pasted: str) -> Sheet:
    """The values typed into the table and those pasted below it; where a meter has both, the pasted one counts."""
    meters, sheet = list(known), Sheet()
    for meter in meters:
        if typed.get(meter.id, "").strip():
            sheet.put(meter.id, typed[meter.id].strip())
    by_serial: dict[str, list[int]] = {}
    for meter in meters:
        by_serial.setdefault(_key(meter.serial), []).append(meter.id)
    pasted_values: dict[int, str] = {}
    for number, text in _lines(pasted):
        meter_id, advice = _place(text, by_serial, pasted_values)
        if meter_id is None:
            sheet.strays.append(Stray(number, text, advice))
    for meter_id, text in pasted_values.items():
        sheet.values.pop(meter_id, None)
        sheet.errors.pop(meter_id, None)
        sheet.put(meter_id, text)
    return sheet


def take(
    session: Session, sheet: Sheet, *, on: date, user_id: int | None, confirmed: Mapping[int, Decimal] | None = None
) -> list[int]:
    """Take the good values, each in a savepoint of its own (`readings.submit`); the meters whose values were taken.
    The others get their errors in the sheet. A value is confirmed where `confirmed` names that very value."""
    taken = []
    for meter_id in sorted(sheet.values):  # in one order: two senders never wait for each other's locks
        value = sheet.values[meter_id]
        try:
            with session.begin_nested():
                readings.submit(
                    session,
                    meter_id,
                    value,
                    on=on,
                    source=ReadingSource.cabinet,
                    user_id=user_id,
                    confirmed=(confirmed or {}).get(meter_id) == value,
                )
            taken.append(meter_id)
        except DomainError as error:
            sheet.errors[meter_id] = error
    return taken


def known(meters: Iterable[Meter]) -> list[Known]:
    return [Known(meter.id, meter.serial) for meter in meters]


def _lines(pasted: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; neither empty ones nor a first one of headings, which has no digit."""
    lines = pasted.splitlines()
    if len(lines) > MOST_LINES:
        raise DomainError(
            _("Paste no more than %(num)d lines at once: send these in parts.", num=MOST_LINES), field="lines"
        )
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and (number > 1 or any(sign.isdigit() for sign in text)):
            yield number, text


def _place(text: str, by_serial: Mapping[str, list[int]], values: dict[int, str]) -> tuple[int | None, str]:
    """Put the line's value to its meter; the meter's id, else what to do with the line."""
    cells = [cell.strip().strip('"').strip() for cell in text.replace(";", "\t").split("\t")]
    if len(cells) < 2 or not cells[0] or not cells[1]:
        return None, _("Write the meter's number, a tab or a semicolon, and the reading.")
    found = by_serial.get(_key(cells[0]), [])
    if not found:
        return None, _("There is no meter %(serial)s on your accounts: compare the number.", serial=cells[0])
    if len(found) > 1:
        return None, _("Several meters have the number %(serial)s: enter this reading in the table.", serial=cells[0])
    if values.get(found[0], cells[1]) != cells[1]:
        return None, _("Meter %(serial)s stands here twice with different readings: leave one.", serial=cells[0])
    values[found[0]] = cells[1]
    return found[0], ""


def _key(serial: str) -> str:
    """Spreadsheets drop leading zeros, people the case of letters."""
    return serial.strip().casefold().lstrip("0")
