"""Values of columns: from the text of a request to the type of the column, from the type to words on a page."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, SmallInteger, String
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from .. import clock, formats
from ..domain.errors import DomainError
from ..domain.numbers import parse_decimal
from ..i18n import _
from ..model_types import Degrees, Money, Rate, ScaledDecimal, UtcDateTime, Volume

LONGEST_TEXT = 400
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
_INTEGER = re.compile(r"-?[0-9]{1,19}")


class Unfit(ValueError):  # noqa: N818 - it is the text that is unfit
    """The text is no value of the column: the search finds nothing, the key belongs to no row."""


def printable(text: str) -> str:
    """The text without what no database and no page can hold: control signs and halves of signs."""
    return "".join(sign for sign in text if sign in "\n\r\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def coerce(column: Column[Any], text: object) -> Any:
    """The value that a text of the request names. Raises Unfit for what the column cannot hold."""
    typed = str(text)
    if len(typed) > LONGEST_TEXT or printable(typed) != typed:
        raise Unfit
    try:
        return typed if is_text(column.type) else _coerced(column.type, typed.strip())
    except (ValueError, KeyError, OverflowError, DomainError) as error:
        raise Unfit from error


def _coerced(kind: TypeEngine[Any], text: str) -> Any:
    if isinstance(kind, ScaledDecimal):
        limit = limit_of(kind)
        return parse_decimal(text, places=kind.places, minimum=-limit, maximum=limit)
    if isinstance(kind, EnumType):
        return kind.enum_class.__members__[text] if kind.enum_class else text
    if isinstance(kind, Boolean):
        return {"true": True, "false": False}[text]
    if isinstance(kind, Integer):
        return _integer(kind, text)
    if isinstance(kind, Date):
        return date.fromisoformat(text)
    if isinstance(kind, UtcDateTime):
        return moment_of(datetime.fromisoformat(text))
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(text).replace(tzinfo=None)
    raise ValueError(text)


def moment_of(typed: datetime) -> datetime:
    """In UTC; no day so near the ends of the calendar that another zone would have none."""
    if not date.min.year < typed.year < date.max.year:
        raise ValueError(typed)
    return typed.astimezone(UTC) if typed.tzinfo else clock.at(typed.date(), typed.hour, typed.minute)


def _integer(kind: Integer, text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -span_of(kind) <= int(text) < span_of(kind):
        raise ValueError(text)
    return int(text)


def span_of(kind: TypeEngine[Any]) -> int:
    """One above the largest integer of the type, on PostgreSQL (SQLite holds more)."""
    bits = 63 if isinstance(kind, BigInteger) else 15 if isinstance(kind, SmallInteger) else 31
    return int(2**bits)


def limit_of(kind: ScaledDecimal) -> Decimal:
    """The largest decimal that fits into the scaled BIGINT with room for sums."""
    return Decimal(10) ** (15 - kind.places) - Decimal(1).scaleb(-kind.places)


def is_number(kind: TypeEngine[Any] | None) -> bool:
    return isinstance(kind, ScaledDecimal | Integer) and not isinstance(kind, Boolean)


def shown(value: Any, kind: TypeEngine[Any] | None = None) -> str:
    """The value in words of the reader's language; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Enum):
        return str(getattr(value, "label", value.value))
    if isinstance(value, Decimal):
        return _decimal(value, kind)
    if isinstance(value, datetime):
        return formats.moment(value) if value.tzinfo else f"{formats.short_date(value.date())}, {value:%H:%M}"
    if isinstance(value, date):
        return formats.short_date(value)
    return str(value)


_DECIMALS: Mapping[type[TypeDecorator[Any]], Any] = {
    Money: formats.money,
    Volume: formats.volume,
    Rate: formats.rate,
    Degrees: lambda value: typed(value),
}


def _decimal(value: Decimal, kind: TypeEngine[Any] | None) -> str:
    return str(_DECIMALS.get(type(kind), formats.rate)(value))  # type: ignore[arg-type]


def typed(value: Decimal) -> str:
    """A decimal as people type it: without a thousands space and without empty places."""
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace(".", ",")


def is_code(kind: TypeEngine[Any]) -> bool:
    """Whether the texts are compared byte by byte, so that an index serves their beginnings."""
    return is_text(kind) and getattr(kind.dialect_impl(_POSTGRESQL), "collation", None) == "C"


def is_text(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, String) and not isinstance(kind, EnumType)
