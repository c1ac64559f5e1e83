"""What the statements that calculate a month share: temporary tables, figures of the month, exact arithmetic.

Everything in these tables is a whole number, which PostgreSQL and SQLite count alike: volumes are litres, money
kopecks, prices, coefficients and percents ten-thousandths, months `year × 12 + month`, days since 1970.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    MetaData,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    Table,
    and_,
    case,
    cast,
    extract,
    func,
    insert,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.exc import DataError
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..model_types import UtcDateTime
from ..models import ChargeMethod, PayerGroup
from .dialects import is_postgresql

Number = SQLColumnExpression[Any]

WINDOW = 6  # months of an average
KNOWN = 18  # months before a period whose readings are looked at for an average
LEAST_KNOWN = 3  # readings that make an average
ROLLOVER_TENTHS = 9  # of a meter's range: after them it may begin anew
RECENT = 3  # months before a period in which the value billed last is looked for first
METHODS = (
    ChargeMethod.tampered,
    ChargeMethod.normative,
    ChargeMethod.average,
    ChargeMethod.control,
    ChargeMethod.meter,
)
"""From what is measured least on: their places are their ranks. A sum of several is told by the first."""
TAMPERED, NORMATIVE, AVERAGE, CONTROL, METER = range(len(METHODS))
GUESSES = (ChargeMethod.average, ChargeMethod.normative)
BACK_PART = 1
"""`Charge.part` of what is charged for interference in the months before."""
ONE = 10_000
LITRE_PRICE = 100_000
"""Litres × ten-thousandths of a rouble in a kopeck."""
SHIFT = 10**13
"""A month and a value in one number, so that the largest is the latest: month × SHIFT + value."""
EPOCH = date(1970, 1, 1)
FIRST = date(1990, 1, 1)
SETTINGS = {"work_mem": "256MB", "jit": "off", "random_page_cost": "6"}
"""Until the commit. The rows of an account lie a month apart: whoever needs those of many reads on from end to end."""
TEMP_BUFFERS = "384MB"


@dataclass(frozen=True, slots=True)
class Law:
    """Figures of the law that are settings (`queries/system.py`)."""

    guessed_periods: int = 3  # ПП 354, п. 59
    tampered_times: int = 10  # п. 62
    tampered_back: int = 3  # months
    free_hours: int = 8  # without a service, a month
    hour_share: Decimal = Decimal("0.0015")  # of the charge, for each hour beyond
    impact_share: Decimal = Decimal("0.5")  # of the price of sewerage, for the negative impact (ПП 644)


@dataclass(frozen=True, slots=True)
class Part:
    """The accounts whose ids are at least `first` and below `end`; a part without them has no bound there."""

    first: int | None = None
    end: int | None = None

    def has(self, account_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        above = true() if self.first is None else account_id >= self.first
        return above if self.end is None else and_(above, account_id < self.end)


ALL = Part()


@dataclass(frozen=True, slots=True)
class Month:
    """The month that is calculated, of a part of the accounts of one payer group."""

    first: date
    end: date
    group: PayerGroup
    law: Law
    part: Part = ALL

    @property
    def number(self) -> int:
        return month_number(self.first)

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    def before(self, count: int) -> date:
        return month_of(self.number - count)


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def day_number(day: date) -> int:
    return (day - EPOCH).days


def month_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


# Tables ---------------------------------------------------------------------------------------------------

_temporary = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(f"bill_{name}", _temporary, *columns, prefixes=["TEMPORARY"])


def _whole(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _yes(*names: str) -> list[Column[Any]]:
    return [Column(name, Boolean) for name in names]


def _ids(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer) for name in names]


MONTH = _table(
    "month",
    Column("period", Date, primary_key=True),
    Column("n", BigInteger, unique=True),
    Column("last_day", BigInteger),
)
ZONE = _table("zone", Column("name", String), *_ids("zone"), *_yes("cold", "sewerage", "hot"))
"""A territory; which services have a price there."""
CATEGORY = _table("category", Column("name", String), *_ids("cold_id", "hot_id"), *_whole("cold", "hot"))
"""A kind of housing and its normatives, litres a person."""
PRICE = _table(
    "price",
    *_ids("zone", "service_id", "tariff_id", "coefficient_id"),
    *_yes("is_on_top"),
    *_whole("price", "vat", "excess"),
)
"""`excess` is the raising coefficient less one."""
HOURS = _table("hours", *_ids("house_id", "service_id"), *_whole("share"))
"""Houses that were without a service for too long, and by which share of one the charge falls."""
TAMPER = _table("tamper", *_ids("meter_id"), *_yes("is_now"), *_whole("now", "back", "back_months"))
HOUSE = _table(
    "house", *_ids("house_id", "zone", "cold_id", "hot_id"), *_yes("has_cold", "has_sewerage", "has_hot"),
    *_whole("cold", "hot"),
)  # fmt: skip
PEOPLE = _table("people", *_ids("account_id"), *_whole("counted", "first_day"))
"""Accounts whose number of people has rows of its own: days of people since the first of them in the month."""
ACCOUNT = _table(
    "account", *_ids("account_id", "house_id", "zone", "cold_id", "hot_id"),
    *_yes("pays_cold", "pays_sewerage", "pays_hot", "has_hot", "can_have_meter", "bears_impact", "has_prices",
          "is_closed"),
    *_whole("counted", "served", "cold", "hot"),
)  # fmt: skip
"""`counted` days of people, `served` days of the account; `cold` and `hot` what they need by the normative."""
DIAL = _table(
    "dial", *_ids("meter_id", "account_id"), *_yes("is_hot", "is_doubted", "is_late"), Column("verified_until", Date),
    *_whole("place", "places", "capacity", "installed", "opening", "closing", "need", "served"),
)  # fmt: skip
READING = _table(
    "reading", *_ids("meter_id"), *_whole("base", "value", "volume"), *_yes("is_control", "is_review"),
    Column("taken_on", Date), *_whole("pending"),
)  # fmt: skip
OLD = _table("old", *_ids("meter_id"), *_whole("base"))
STATE = _table(
    "state", *_ids("meter_id", "account_id"), *_yes("is_hot", "is_doubted", "is_read", "is_usable", "is_tampered"),
    *_yes("is_control", "is_review", "has_pending", "is_late"),
    *_whole("place", "places", "capacity", "installed", "closing", "need", "served", "base_n", "base_value"),
    *_whole("value", "volume", "tampered", "back", "back_months"),
)  # fmt: skip
MEAN = _table("mean", *_ids("meter_id"), *_whole("volume"))
VOLUME = _table(
    "volume", *_ids("meter_id", "account_id"), *_yes("is_hot", "is_raised", "is_waiting", "is_late"),
    *_whole("rank", "missing", "from_value", "to_value", "shown", "volume", "back", "back_months"),
)  # fmt: skip
USE = _table(
    "use", *_ids("account_id", "house_id", "zone", "cold_id", "hot_id"), *_whole("cold_rank", "hot_rank"),
    *_yes("pays_cold", "pays_sewerage", "pays_hot", "bears_impact"), Column("reason", String),
    *_whole("cold", "cold_raised", "cold_back", "cold_people", "hot", "hot_raised", "hot_back", "hot_people"),
)  # fmt: skip
LINE = _table(
    "line", *_ids("account_id", "house_id", "zone", "service_id", "part", "normative_id"),
    Column("kind", String), *_whole("rank", "volume", "coefficient", "people", "net", "vat", "amount"),
)  # fmt: skip
DEBTOR = _table("debtor", *_ids("account_id", "service_id"), Column("payer_class", String))
MOVE = _table(
    "move", *_ids("account_id", "service_id"), Column("payer_class", String), *_whole("n", "amount"),
    *_yes("is_money"), Column("source", String), Column("posted_at", UtcDateTime),
)  # fmt: skip
NET = _table("net", *_ids("account_id", "service_id"), Column("payer_class", String), *_whole("n", "amount"))
DEBT = _table("debt", *_ids("account_id", "service_id"), Column("payer_class", String), *_whole("n", "lo", "hi"))
CAME = _table("came", *_ids("account_id", "service_id"), *_whole("day", "amount", "known"))
SETTLED = _table("settled", *_ids("account_id", "service_id"), *_whole("known", "received"), *_yes("is_returned"))
"""`is_returned` of those that money was ever returned to."""
PAID = _table("paid", *_ids("account_id", "service_id"), *_whole("day", "lo", "hi"))
PART = _table(
    "part", *_ids("account_id", "service_id"), Column("payer_class", String), *_whole("n", "day", "again", "amount")
)
"""`again` is NEVER where no money that had paid the part was returned."""
WEIGHT = _table("weight", Column("payer_class", String), *_whole("n", "day", "again", "days", "weight"))
NEVER = -1


def create(session: Session) -> None:
    """Empty tables; on PostgreSQL memory for them and for sorting."""
    connection = session.connection()
    if is_postgresql(session):
        for name, value in SETTINGS.items():
            connection.execute(text(f"SET LOCAL {name} = '{value}'"))
        with suppress(DataError), connection.begin_nested():  # refused where this connection has had such tables
            connection.execute(text(f"SET LOCAL temp_buffers = '{TEMP_BUFFERS}'"))
    _temporary.drop_all(connection)
    _temporary.create_all(connection)


def drop(session: Session) -> None:
    _temporary.drop_all(session.connection())


def put(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that are made in Python: a small set."""
    if rows:
        session.execute(insert(table), list(rows))
    analyze(session, table)


def fill(session: Session, table: Table, columns: Mapping[str, Number], source: FromClause, *where: Number) -> None:
    """INSERT … SELECT of these columns out of `source`."""
    rows = select_from(columns, source).where(*where)
    session.execute(insert(table).from_select(list(columns), rows))


def select_from(columns: Mapping[str, Number], source: FromClause) -> Select[Any]:
    named: Any = [value.label(name) for name, value in columns.items()]
    rows: Select[Any] = select(*named).select_from(source)
    return rows


def add_months(session: Session, month: Month) -> None:
    """Every month that anything can be known of."""
    numbers = range(month_number(FIRST), month.number + 1)
    rows = [{"period": month_of(n), "n": n, "last_day": day_number(month_of(n + 1)) - 1} for n in numbers]
    put(session, MONTH, rows)


def analyze(session: Session, *tables: Table) -> None:
    """Tell the planner what is there."""
    for table in tables:
        session.execute(text(f"ANALYZE {table.name}"))


def fenced(rows: Select[Any]) -> Subquery:
    """Computed once: PostgreSQL would copy an expression into each place that mentions it."""
    return rows.offset(0).subquery()


# Arithmetic -----------------------------------------------------------------------------------------------


def whole(column: InstrumentedAttribute[Any]) -> Number:
    """A column of decimals as the whole number that it is kept as."""
    return type_coerce(column, BigInteger)


def half_up(number: Number, unit: Number | int) -> Number:
    """The number in units, to the nearest one; neither is negative."""
    return (2 * number + unit) // (2 * unit)


def signed(number: Number, of: Number) -> Number:
    """The number with the sign of another: halves go away from zero on both sides."""
    return case((of < 0, -number), else_=number)


def size(number: Number) -> Number:
    return case((number < 0, -number), else_=number)


def product(one: Number, other: Number, unit: int) -> Number:
    """one × other in units (an even number), to the nearest one, though their product may be beyond 64 bits. Neither is
    negative; unit × other must be within."""
    return one // unit * other + (one % unit * other + unit // 2) // unit


def part(volume: Number, place: Number, places: Number) -> Number:
    """The share of one of several meters, in whole litres that add up."""
    return volume * place // places - volume * (place - 1) // places


def smaller(one: Number, other: Number) -> Number:
    return case((one < other, one), else_=other)


def larger(one: Number, other: Number) -> Number:
    return case((one > other, one), else_=other)


def day_of_month(column: Number) -> Number:
    return cast(extract("day", column), BigInteger)


def month_index(column: Number) -> Number:
    """The number of a day's month."""
    return cast(extract("year", column), BigInteger) * 12 + cast(extract("month", column), BigInteger) - 1


def total(number: Number) -> Number:
    """A sum that is a whole number on PostgreSQL, too; nought over no rows."""
    return cast(func.coalesce(func.sum(number), 0), BigInteger)
