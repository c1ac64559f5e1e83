"""What a setting's value may be."""

import re
from collections.abc import Callable
from decimal import Decimal

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import Setting
from ..queries import system
from . import identifiers, reading_window
from .errors import DomainError
from .numbers import parse_decimal


def prepare(session: Session, row: Setting) -> None:
    """Clean the value by its key. Raises DomainError (field `value`)."""
    rule = _RULES.get(row.key)
    row.value = row.value.strip()
    if rule is None:
        return
    try:
        row.value = rule(row.value)
        _keep_window(session, row)
    except DomainError as error:
        raise DomainError(error.message, field="value") from error


def _keep_window(session: Session, row: Setting) -> None:
    """The days of readings: the first one is not after the last one, or they would never come."""
    days = {**system.settings(session), row.key: row.value}
    first, last = days["readings.first_day"], days["readings.last_day"]
    if row.key == "readings.first_day" and int(first) > int(last):
        raise DomainError(_("Enter a day not after the last one, %(day)s, or change that one first.", day=last))
    if row.key == "readings.last_day" and int(last) < int(first):
        raise DomainError(_("Enter a day not before the first one, %(day)s, or change that one first.", day=first))


def _day(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 28:
        raise DomainError(_("Enter a day of the month from 1 to 28: every month has it."))
    return str(int(text))


def _last_day(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 31:
        raise DomainError(_("Enter a day of the month from 1 to 31."))
    return str(int(text))


def _downtime(text: str) -> str:
    try:
        reading_window.downtime(text)
    except ValueError as error:
        raise DomainError(
            _("Enter beginnings and ends as 2026-11-25T20:00/2026-11-26T03:30, a space between the spans, or a hyphen.")
        ) from error
    return " ".join(text.split())


def _area_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{3}", text):
        raise DomainError(_("Enter the area code: three digits."))
    return text


def _whole_roubles(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise DomainError(_("Enter whole roubles from 0 to 9 999 999."))
    return str(int(text))


def _many(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise DomainError(_("Enter a whole number from 0 to 9 999 999."))
    return str(int(text))


def _days(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:5]) <= 3650 or len(text) > 4:
        raise DomainError(_("Enter days from 1 to 3650."))
    return str(int(text))


def _hour(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 2 or int(text) > 23:
        raise DomainError(_("Enter an hour from 0 to 23. Equal hours mean that no hours are quiet."))
    return str(int(text))


def _count(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > 100:
        raise DomainError(_("Enter a whole number from 0 to 100."))
    return str(int(text))


def _number(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= 1000:
        raise DomainError(_("Enter a whole number from 1 to 1000."))
    return str(int(text))


def _percent(text: str) -> str:
    return str(parse_decimal(text, places=2, minimum=Decimal(0), maximum=Decimal(100)))


def _mask(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise DomainError(_("Enter a regular expression, for example \\d{8,10}.")) from error
    return text


_RULES: dict[str, Callable[[str], str]] = {
    "utility.phone": identifiers.phone,
    "utility.emergency_phone": identifiers.phone,
    "utility.local_prefix": _area_code,
    "readings.first_day": _day,
    "readings.last_day": _last_day,
    "readings.downtime": _downtime,
    "bills.issue_day": _day,
    "billing.guessed_periods": _count,
    "billing.tampered_times": _count,
    "billing.tampered_back": _count,
    "billing.free_hours": _count,
    "billing.hour_percent": _percent,
    "billing.impact_percent": _percent,
    "refunds.limit": _whole_roubles,
    "payments.starts": _number,
    "payments.ahead": _number,
    "works.notice_days": _count,
    "works.longest_hours": _count,
    "works.month_hours": _count,
    "mailings.limit": _many,
    "applications.rejected_days": _days,
    "mailings.quiet_from": _hour,
    "mailings.quiet_to": _hour,
    "reminders.debt": _whole_roubles,
    "accounts.mask": _mask,
}
