"""A database of PostgreSQL as it was when it was made, for each test. The rows are put back, so that connections stay
open with what they know of the tables; after a test that changed the schema it is copied anew.

The database itself tells: triggers note every table that is written to, an event trigger every change of the schema,
temporary tables apart.
"""

import os

import psycopg

Connection = psycopg.Connection[tuple[str, ...]]
_kept: dict[str, tuple[Connection, dict[str, str]]] = {}
"""By the database's name: a connection, and for each table the statements that put its rows back."""

NOTE_CHANGES = """
CREATE SCHEMA kept;
CREATE TABLE kept.change_of_schema (tag text);
CREATE TABLE kept.change_of_rows (table_name text);
CREATE TABLE kept.sequences AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION kept.note_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kept.change_of_rows VALUES (tg_table_name);
    RETURN NULL;
END $$;
CREATE FUNCTION kept.note_change() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'public') THEN
        INSERT INTO kept.change_of_schema VALUES (tg_tag);
    END IF;
END $$;
"""
NOTE_ROWS = """
CREATE TRIGGER note_rows AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION kept.note_rows()
"""
NOTE_SCHEMA = "CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE FUNCTION kept.note_change()"
CANNOT_BE_PUT_BACK = """
SELECT 'the schema has changed' FROM kept.change_of_schema
UNION ALL SELECT 'the last test still writes' FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
"""
BEGIN = """
BEGIN;
SET LOCAL session_replication_role = replica;  -- no triggers: the ledger refuses to be emptied
SET LOCAL lock_timeout = '2s';
DELETE FROM kept.change_of_rows;
SELECT setval(format('%I', sequencename), coalesce(last_value, 1), last_value IS NOT NULL) FROM kept.sequences;
"""


def create(name: str) -> None:
    _copy(name, "template0")


def keep(name: str) -> None:
    """Remember the database as it is now, in itself and in a template beside it."""
    put_back = {}
    with _connect(name) as connection:
        connection.execute(NOTE_CHANGES)
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            connection.execute(NOTE_ROWS.format(table=table))
            put_back[table] = f'DELETE FROM "{table}";'
            if connection.execute(f'SELECT FROM "{table}" LIMIT 1').rowcount:
                connection.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
                put_back[table] += f'INSERT INTO "{table}" TABLE kept."{table}";'
        connection.execute(NOTE_SCHEMA)
    _copy(f"{name}_template", name)
    _kept[name] = _connect(name), put_back


def put_back(name: str) -> None:
    """The rows as they were kept."""
    connection, statements = _kept[name]
    try:
        is_changed = connection.execute(CANNOT_BE_PUT_BACK).rowcount > 0
        if not is_changed:
            tables = connection.execute("SELECT DISTINCT table_name FROM kept.change_of_rows").fetchall()
            connection.execute(BEGIN + "".join(statements[table] for (table,) in tables) + "COMMIT")
    except psycopg.OperationalError:  # the last test ended all connections, or still holds a row
        is_changed = True
    if is_changed:
        make_anew(name)


def make_anew(name: str) -> None:
    """An exact copy of what was kept: for whoever fills or changes too much."""
    connection, statements = _kept[name]
    connection.close()
    _copy(name, f"{name}_template")
    _kept[name] = _connect(name), statements


def _copy(name: str, template: str) -> None:
    with _connect("postgres") as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY = FILE_COPY')


def _connect(name: str) -> Connection:
    return psycopg.connect(f"{os.environ['TEST_POSTGRESQL']}/{name}", autocommit=True)
