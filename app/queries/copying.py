"""Rows by the thousand on PostgreSQL: COPY takes a third of the time of INSERT, most of which goes into its own words.

Law 1 does not look into it. Values pass through the types of their columns, columns that are not named get the defaults
of the model.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, Table, any_, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import func

from .dialects import is_postgresql

Row = Mapping[str, Any]


def next_ids(session: Session, table: Table, count: int) -> list[int]:
    """Ids that no other row of the table will get, in rising order."""
    sequence = func.pg_get_serial_sequence(table.name, "id")
    numbers = func.generate_series(1, count).alias("number")
    return list(session.scalars(select(func.nextval(sequence)).select_from(numbers)))


def copy_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """All rows name the same columns. Raises IntegrityError where a row breaks a rule."""
    names = list(rows[0])
    given = {column.name: _default(column) for column in table.columns if column.name not in rows[0] and column.default}
    session.flush()
    connection = session.connection()
    makers = {name: _maker(table, name, connection.dialect) for name in (*names, *given)}
    made = [(place, makers[name]) for place, name in enumerate(names) if makers[name] is not None]
    fixed = [make(value) if (make := makers[name]) else value for name, value in given.items()]
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(f"COPY {table.name} ({', '.join((*names, *given))}) FROM STDIN") as copy:
            for row in rows:
                values = [row[name] for name in names]
                for place, make in made:
                    values[place] = make(values[place])
                copy.write_row(values + fixed)
    except psycopg.IntegrityError as error:
        raise IntegrityError(f"COPY {table.name}", None, error) from error


def _default(column: Any) -> Any:
    return column.default.arg(None) if column.default.is_callable else column.default.arg


def _maker(table: Table, name: str, dialect: Any) -> Any:
    """What turns a value of the column into what the database keeps; None where it is kept as it stands."""
    return table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)


def among(session: Session, column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN values`; on PostgreSQL they are one parameter, however many they are."""
    if not is_postgresql(session):
        return column.in_(values)
    kind: Any = String() if isinstance(column.type, String) else BigInteger()
    return column == any_(literal(list(values), ARRAY(kind)))
