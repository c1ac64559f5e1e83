"""A database of PostgreSQL as it was when it was made, for each test. The rows are put back, so that connections stay
open with what they know of the tables; after a test that changed the schema it is copied anew.

The database itself tells: an event trigger notes every change of the schema, temporary tables apart.
"""

import os

import psycopg

Connection = psycopg.Connection[tuple[str, ...]]
_kept: dict[str, tuple[Connection, str]] = {}
"""By the database's name: a connection, and the statements that put its rows back."""

NOTE_CHANGES = """
CREATE SCHEMA kept;
CREATE TABLE kept.change_of_schema (tag text);
CREATE FUNCTION kept.note_change() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'public') THEN
        INSERT INTO kept.change_of_schema VALUES (tg_tag);
    END IF;
END $$;
CREATE EVENT TRIGGER note_change ON ddl_command_end EXECUTE FUNCTION kept.note_change();
"""
BEGIN = """
BEGIN;
SET LOCAL session_replication_role = replica;  -- no triggers: the ledger refuses to be emptied
SET LOCAL lock_timeout = '2s';
"""


def create(name: str) -> None:
    _copy(name, "template0")


def keep(name: str) -> None:
    """Remember the database as it is now, in itself and in a template beside it."""
    with _connect(name) as connection:
        connection.execute(NOTE_CHANGES)
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        script = [f'DELETE FROM "{table}"' for table in tables]
        for table in tables:
            if connection.execute(f'SELECT FROM "{table}" LIMIT 1').rowcount:
                connection.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
                script.append(f'INSERT INTO "{table}" TABLE kept."{table}"')
        for sequence, last in connection.execute("SELECT sequencename, last_value FROM pg_sequences"):
            script.append(f"SELECT setval('\"{sequence}\"', {last or 1}, {last is not None})")
    _copy(f"{name}_template", name)
    _kept[name] = _connect(name), BEGIN + ";".join(script) + ";COMMIT"


def put_back(name: str) -> None:
    """The rows as they were kept."""
    connection, script = _kept[name]
    try:
        is_changed = connection.execute("SELECT FROM kept.change_of_schema").rowcount > 0
        if not is_changed:
            connection.execute(script)
    except psycopg.OperationalError:  # the last test ended all connections, or still holds a row
        is_changed = True
    if is_changed:
        make_anew(name)


def make_anew(name: str) -> None:
    """An exact copy of what was kept: for whoever fills or changes too much."""
    connection, script = _kept[name]
    connection.close()
    _copy(name, f"{name}_template")
    _kept[name] = _connect(name), script


def _copy(name: str, template: str) -> None:
    with _connect("postgres") as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY = FILE_COPY')


def _connect(name: str) -> Connection:
    return psycopg.connect(f"{os.environ['TEST_POSTGRESQL']}/{name}", autocommit=True)
