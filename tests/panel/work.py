"""What a page costs: its SQL statements and the rows that the database read for them.

On SQLite the work is counted in steps of its virtual machine, on PostgreSQL in rows that scans read
(`pg_stat_xact_user_tables`, asked before the one transaction ends that the page is read in while it is measured).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event

from app.extensions import db, reading_engines

STEPS = 100  # of SQLite's machine between two calls of the counter
READ = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_xact_user_tables"


@dataclass
class Work:
    statements: list[str] = field(default_factory=list)
    rows: int = 0

    def count_steps(self) -> int:
        self.rows += STEPS
        return 0


@contextmanager
def measured(app: Flask) -> Iterator[Work]:
    """The work of everything that is done inside."""
    work = Work()
    with app.app_context():
        engine = db.engine
    is_sqlite = engine.dialect.name == "sqlite"

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        work.statements.append(statement)

    def begin(connection: Connection) -> None:
        if is_sqlite:
            connection.connection.set_progress_handler(work.count_steps, STEPS)  # type: ignore[attr-defined]
        else:
            work.rows -= _rows_read(connection)  # what earlier transactions read and has not been reported yet

    def end(connection: Connection) -> None:
        if is_sqlite:
            connection.connection.set_progress_handler(None, STEPS)  # type: ignore[attr-defined]
        else:
            work.rows += _rows_read(connection)

    reading_engines[engine] = engine
    hooks = (("before_cursor_execute", note), ("begin", begin), ("rollback", end), ("commit", end))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield work
    finally:
        del reading_engines[engine]
        for name, hook in hooks:
            event.remove(engine, name, hook)
    work.statements = [each for each in work.statements if not each.startswith("BEGIN")]


def _rows_read(connection: Connection) -> int:
    cursor = connection.connection.cursor()
    cursor.execute(READ)
    row = cursor.fetchone()
    return int(row[0]) if row else 0
