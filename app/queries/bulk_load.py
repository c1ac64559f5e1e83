"""PostgreSQL made ready for a great load: indexes and foreign keys off, and back again, in the caller's transaction.

Dropping is transactional there: whoever breaks the load off finds everything as it was. SQLite keeps its indexes.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from ..model_types import Base
from .dialects import is_postgresql

SETTINGS = {
    "maintenance_work_mem": "512MB",
    "work_mem": "192MB",
    "max_parallel_maintenance_workers": "2",
    "synchronous_commit": "off",
    "jit": "off",
}
_CONSTRAINTS = text("""
    SELECT conrelid::regclass::text AS of, conname AS name, contype = 'f' AS is_foreign,
        pg_get_constraintdef(oid) AS rule
    FROM pg_constraint
    WHERE conrelid::regclass::text = ANY(:tables)
      AND (contype IN ('f', 'u') OR contype = 'p' AND array_length(conkey, 1) > 1)
      OR contype = 'f' AND confrelid::regclass::text = ANY(:tables)
    ORDER BY is_foreign DESC, of, name""")
_INDEXES = text("""
    SELECT indexname AS name, indexdef AS rule FROM pg_indexes
    WHERE tablename = ANY(:tables) AND indexname NOT IN (SELECT conname FROM pg_constraint)
    ORDER BY name""")


def prepare(session: Session, **more: str) -> None:
    """Memory for sorting until the commit; `more` settings of PostgreSQL beside the usual ones."""
    if is_postgresql(session):
        for name, value in {**SETTINGS, **more}.items():
            session.execute(text(f"SET LOCAL {name} = '{value}'"))


def strip(session: Session, models: Iterable[type[Base]]) -> list[str]:
    """Take off foreign keys, those of other tables to these among them, unique constraints, composite primary keys and
    indexes.

    Returns the statements that put them back, the foreign keys last.
    """
    if not is_postgresql(session):
        return []
    tables = {"tables": [model.__tablename__ for model in models]}
    constraints = session.execute(_CONSTRAINTS, tables).all()
    indexes = session.execute(_INDEXES, tables).all()
    for row in constraints:
        session.execute(text(f"ALTER TABLE {row.of} DROP CONSTRAINT {row.name}"))
    for row in indexes:
        session.execute(text(f"DROP INDEX {row.name}"))
    rules = [f"ALTER TABLE {row.of} ADD CONSTRAINT {row.name} {row.rule}" for row in constraints]
    ours = [rule for rule, row in zip(rules, constraints, strict=True) if not row.is_foreign]
    foreign = [rule for rule, row in zip(rules, constraints, strict=True) if row.is_foreign]
    return [*ours, *(row.rule for row in indexes), *foreign]


def renew(session: Session, models: Iterable[type[Base]]) -> None:
    """Begin the files of these tables anew, their rows kept: what is then added in this transaction needs no log on a
    server with `wal_level = minimal`. For tables that were stripped: no other table points to them."""
    if not is_postgresql(session):
        return
    for model in models:
        name = model.__tablename__
        session.execute(text(f"CREATE TEMPORARY TABLE kept ON COMMIT DROP AS TABLE {name}"))
        session.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))  # the ledger's refuses to be emptied
        session.execute(text(f"TRUNCATE {name}"))
        session.execute(text(f"INSERT INTO {name} TABLE kept"))
        session.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
        session.execute(text("DROP TABLE kept"))


def restore(session: Session, statements: Sequence[str]) -> None:
    """Raises IntegrityError where a row breaks a rule."""
    for statement in statements:
        session.execute(text(statement))


def analyze(session: Session, models: Iterable[type[Base]]) -> None:
    """Tell the planner what the tables have become."""
    for model in models:
        session.execute(text(f"ANALYZE {model.__tablename__}"))
