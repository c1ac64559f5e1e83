"""What the models are made of: the base, column types, row scopes and enums with labels."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Date, DateTime, Dialect, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata() -> MetaData:
    """FAB's metadata, which holds our tables and FAB's `ab_*` together."""
    return Model.metadata  # type: ignore[no-any-return]


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact Decimal with a fixed number of places, kept as a scaled BIGINT (SQLite's NUMERIC is a float).

    Raises ValueError for a value that has more places, so that nothing is rounded silently.
    """

    impl = BigInteger
    cache_ok = True
    places = 0

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Money(ScaledDecimal):
    """Roubles as Decimal in Python, integer kopecks in the database (law 3)."""

    cache_ok = True
    places = 2


class Volume(ScaledDecimal):
    """Cubic metres with three decimals; thousandths in the database."""

    cache_ok = True
    places = 3


class Rate(ScaledDecimal):
    """Prices per m³, coefficients and percents with four decimals."""

    cache_ok = True
    places = 4


class Degrees(ScaledDecimal):
    """Latitude or longitude (WGS 84) with six decimals: a tenth of a metre."""

    cache_ok = True
    places = 6


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite keeps no zone: it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def code(length: int) -> String:
    """A code column (account number, serial): compared byte by byte, so that one index serves
    uniqueness, order and prefix search on PostgreSQL as on SQLite."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


FRAGMENTS = {"fragments": True}
"""Column.info of folded texts that migrations give a trigram index (`ix_…_trgm`, on SQLite the table `…_fts`) and, on
PostgreSQL, statistics of a thousand values."""


NO_MAILBOX = "@no-mail.invalid"
"""The end of the e-mail of a user who has none yet: the column wants one, the domain is nobody's (RFC 2606)."""


def folded(*parts: str | None) -> str:
    """Text as search compares it: case folded, ё as е, one space between words."""
    text = unicodedata.normalize("NFKC", " ".join(part for part in parts if part))
    return " ".join(text.casefold().replace("ё", "е").split())


def number_key(number: str) -> str:
    """An account's number as it is compared: zeros before it may be left out."""
    return number.lstrip("0")


_TWINS = str.maketrans("ABCEHKMOPTXYabcdeghkmoptvxy", "авсенкмортхуабсдегнкмортвху")
"""Cyrillic for the Latin letters that stand in numbers of houses: capitals by their look, small ones by their sound."""
_PART = re.compile(r"(корпус|корп|кор|к|строение|стр|с)(?=[0-9])")
HOUSE_KEY = 80


def house_key(number: str) -> str:
    """A house's number as it is compared and ordered: 8, 8/2, 8а, 9, 10; «21А» is «21 а», «21 корп. 2» is «21к2».

    It begins with the number in six digits; that of a house without one («б/н») begins with hyphens, before all others.
    """
    text = re.sub(r"[\s.,№\"'«»()]", "", folded(number.translate(_TWINS)))
    text = _PART.sub(lambda part: part[0][0], re.sub(r"-(?=[а-я])", "", text))
    key = re.sub(r"[0-9]+", lambda digits: digits[0].zfill(6), text)
    return (key if "0" <= key[:1] <= "9" else f"------{key}")[:HOUSE_KEY]


Model.metadata.naming_convention = {**Model.metadata.naming_convention, **NAMING}
Model.registry.update_type_annotation_map({str: Text, datetime: UtcDateTime, date: Date})


class Base(DeclarativeBase):
    """The typed base of all models; shares FAB's registry, so one metadata holds everything."""

    registry = Model.registry
    metadata = Model.metadata
    __abstract__ = True
    __customer_writes__: ClassVar[bool] = False  # may customers add and change rows within their scope
    __search__: ClassVar[tuple[str, ...]] = ()  # columns that a staff select searches


Key = Annotated[int, mapped_column(Integer, primary_key=True)]
BigKey = Annotated[
    int,
    mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
]


# Who may see a row: every model has exactly one of these marks, or a rule of its own in `security/scope.py`.


class AccountOwned:
    """Those who have access to the row's account: the key of row-level access today, of distribution tomorrow."""

    account_id: Mapped[int] = mapped_column(Integer)


class OwnerOwned(AccountOwned):
    """Of them, what is personal: what stood there before the account got another owner, only who made it sees. The row
    says who and when (`user_id`, `created_at`), or names the row that says it (`__part_of__`)."""

    __part_of__: ClassVar[str] = ""


class UserOwned:
    """The user of the row."""

    user_id: Mapped[int] = mapped_column(Integer)


class Public:
    """Everybody reads; staff and the system write."""


class Inbox:
    """Everybody adds (letters, traces); staff and the system read."""


class StaffOnly:
    """Staff and the system."""


class OwnRule:
    """`security/scope.py` says who, by the accounts of the row."""
