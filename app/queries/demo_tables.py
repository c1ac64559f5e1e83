"""What the statements that make a large demo share: temporary tables, keys, months, numbers that look like chance.

Everything about an account follows from its number in the row, `n` from 1: numbers are mixed by arithmetic that
PostgreSQL and SQLite do alike, so the same rows come out each time. Volumes are litres and money kopecks here, as the
columns keep them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    SmallInteger,
    String,
    Table,
    cast,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from ..model_types import Base, UtcDateTime
from .dialects import is_postgresql

Number = ColumnElement[Any]

PRIME = 2_147_483_647
NUMBERS = 999_999_937  # the largest prime of nine digits: n · k modulo it does not repeat
FIRM = 37  # of a hundred accounts, this one is a firm's

_temporary = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, _temporary, *columns, prefixes=["TEMPORARY"])


SURNAME = _table("demo_surname", Column("k", Integer, primary_key=True), Column("name", String), Column("fold", String))
GIVEN = _table("demo_given", Column("k", Integer, primary_key=True), Column("name", String), Column("fold", String))
HOUSE = _table(
    "demo_house",
    Column("id", Integer, primary_key=True),
    Column("first_n", BigInteger),
    Column("flats", Integer),
    Column("address", String),
    Column("fold", String),
)
FLAT = _table("demo_flat", Column("k", Integer, primary_key=True))
MOMENT = _table(
    "demo_moment",
    Column("period", Date, primary_key=True),
    Column("k", Integer, primary_key=True),
    Column("day", Date),
    Column("at", UtcDateTime()),
)
WORK = _table(
    "demo_work",
    Column("n", BigInteger),
    Column("house_id", Integer),
    Column("flat", Integer),
    Column("is_firm", Boolean),
    Column("has_sewerage", Boolean),
    Column("residents", SmallInteger),
    Column("meters", SmallInteger),
    Column("use", BigInteger),
)


def _bills(name: str) -> Table:
    """A month's bill of each account: volumes, sums with their taxes, balances before it, what was paid in the month,
    and the bills of the quarter so far."""
    sums = (
        "cold_volume", "sewerage_volume", "cold_amount", "cold_vat", "excess_amount", "excess_vat", "sewerage_amount",
        "sewerage_vat", "cold_opening", "sewerage_opening", "cold_paid", "sewerage_paid", "cold_quarter",
        "sewerage_quarter",
    )  # fmt: skip
    return _table(
        name,
        Column("n", BigInteger),
        Column("is_firm", Boolean),
        Column("has_sewerage", Boolean),
        Column("method", String),
        *(Column(column, BigInteger, server_default=text("0")) for column in sums),
    )


BILLS = (_bills("demo_bill_even"), _bills("demo_bill_odd"))
MOMENTS = 98  # rows of MOMENT in a period
N = WORK.c.n


@dataclass(frozen=True, slots=True)
class Keys:
    """The key before the first one of each table, and the ids of what is there already."""

    account: int
    customer: int
    premises: int
    entity: int
    contract: int
    meter: int
    charge: int
    payment: int
    services: Mapping[str, int]
    payment_type: int
    payee: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month to bill: `number` from 1; `season` is the use since the start in thousandths of a mean month, before
    and after it. Prices in ten-thousandths of a rouble by (service, is of a firm), with their tariffs."""

    number: int
    period: date
    posted_at: datetime
    season: tuple[int, int, int]
    prices: Mapping[tuple[str, bool], int]
    tariffs: Mapping[tuple[str, bool], int]
    vat: int
    normatives: Mapping[str, int]
    excess: int  # ten-thousandths: the raising coefficient less one


def mixed(of: Number, salt: int) -> Number:
    """A number from 0 to PRIME that tells nothing of its neighbours'."""
    step = (of * 48271 + salt * 7919) % PRIME
    return (step * step % PRIME * 69621 + salt) % PRIME


def create_tables(session: Session, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    """The temporary tables, some of them with rows from the start."""
    connection = session.connection()
    _temporary.drop_all(connection)
    _temporary.create_all(connection)
    for table, these in rows.items():
        connection.execute(insert(table), list(these))


def empty(session: Session, table: Table) -> None:
    session.execute(text(f"TRUNCATE {table.name}") if is_postgresql(session) else delete(table))


def analyze(session: Session, table: Table) -> None:
    session.execute(text(f"ANALYZE {table.name}"))


def drop_tables(session: Session) -> None:
    _temporary.drop_all(session.connection())


def digits(number: Number, places: int) -> Number:
    """The last digits of a number as text, zeros in front."""
    whole = 10**places
    return func.substr(cast(whole + number % whole, String), 2, type_=String)


def add(
    session: Session,
    model: type[Base],
    columns: Mapping[str, Number],
    *where: ColumnElement[bool],
    source: FromClause | None = None,
) -> None:
    """INSERT … SELECT of these columns, out of `source` where the columns do not say it all."""
    rows = select(*columns.values()).where(*where)
    if source is not None:
        rows = rows.select_from(source)
    session.execute(insert(model).from_select(list(columns), rows))
