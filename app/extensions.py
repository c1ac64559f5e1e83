"""The shared parts of the application and the one place that commits."""

import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_sqlalchemy.session
import psycopg
from flask import Flask, current_app
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.base import SQLA
from flask_wtf.csrf import CSRFProtect
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey
from huey.storage import BaseSqlStorage
from sqlalchemy import Connection, Engine, Pool, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from structlog import get_logger

from config import ROOT

log = get_logger(__name__)


class ReadingSession(flask_sqlalchemy.session.Session):
    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Outside of `transaction()` PostgreSQL commits each statement by itself: what is read so needs no end, and the
        end would be a rollback, after which the driver has every statement planned anew."""
        bound = super().get_bind(*args, **kwargs)
        if isinstance(bound, Connection) or bound.dialect.name != "postgresql" or self.info.get("in_transaction"):
            return bound
        if bound not in reading_engines:
            reading_engines[bound] = bound.execution_options(isolation_level="AUTOCOMMIT")
            event.listen(reading_engines[bound], "before_cursor_execute", _refuse_to_write)
        return reading_engines[bound]


def _refuse_to_write(_connection: Any, _cursor: Any, words: str, _values: Any, context: Any, _many: Any) -> None:
    """A setting for the transaction (SET LOCAL) would be lost on the quiet, too."""
    reads = words.lstrip().startswith(("SELECT", "WITH", "(", "EXPLAIN", "SHOW"))
    if not reads or context.isinsert or context.isupdate or context.isdelete:
        raise RuntimeError("Rows are written inside of transaction()")


reading_engines: dict[Engine, Engine] = {}
"""For each engine of PostgreSQL the one that what is read outside of transactions goes through."""
db = SQLA(session_options={"class_": ReadingSession})
csrf = CSRFProtect()
appbuilder = AppBuilder(update_perms=False)


def init_appbuilder(security_manager: type[Any], index: type[Any]) -> None:
    """Start FAB anew: tests make several applications, and AppBuilder remembers its views."""
    appbuilder.__init__(update_perms=False, security_manager_class=security_manager, indexview=index)
    appbuilder.init_app(current_app, db.session)


def migrations(app: Flask) -> Any:
    """What Flask-Migrate keeps in the application, made when it is asked for: a web process needs no Alembic."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(ROOT / "migrations"))
    return app.extensions["migrate"]


class Queue:
    """The task queue, chosen by `QUEUE_URL` when the application is made; `jobs` registers its tasks in it."""

    huey: Huey
    wake: Callable[[], object] | None = None
    tasks: dict[str, Callable[..., object]]

    def init_app(self, url: str) -> None:
        self.huey, self.tasks = _huey(url), {}

    def make_tables(self) -> None:
        """Safe to repeat. Redis needs none."""
        if isinstance(self.huey.storage, BaseSqlStorage):
            self.huey.storage.initialize_schema()

    def put(self, task: str, *args: object) -> bool:
        """Have the worker run a task of `app/jobs`, by its name: views may not import jobs. Call it after the commit.

        False when the queue cannot be reached, which is logged: truth stays in rows, and people may ask again.
        """
        try:
            self.tasks[task](*args)
        except Exception:
            log.warning("queue.unreachable", task=task, exc_info=True)
            return False
        return True

    def teller(self, run_id: int) -> Callable[[str, int, int], None]:
        """Lets every process know how far a run is, while its transaction shows nothing yet. May be lost."""

        def tell(stage: str, done: int, total: int) -> None:
            try:
                self.huey.put(f"run:{run_id}", (stage, done, total))
            except Exception:
                log.warning("queue.unreachable", run_id=run_id, exc_info=True)

        return tell

    def told(self, run_id: int) -> tuple[str, int, int] | None:
        """The stage of a run, what of it is done, and of how much; None where nobody told."""
        try:
            known: tuple[str, int, int] | None = self.huey.get(f"run:{run_id}", peek=True)
        except Exception:
            log.warning("queue.unreachable", run_id=run_id, exc_info=True)
            return None
        return known


def _huey(url: str) -> Huey:
    scheme, _, rest = url.partition("://")
    if scheme == "memory":
        return MemoryHuey("rodnik", immediate=True, immediate_use_memory=True)
    if scheme == "sqlite":
        return SqliteHuey("rodnik", filename=rest, fsync=True, results=False, create_tables=False)
    if scheme.startswith("redis"):
        return RedisHuey("rodnik", url=url, results=False)
    return PostgresHuey("rodnik", dsn=f"postgresql://{rest}", results=False, create_tables=False)


queue = Queue()


@contextmanager
def transaction() -> Iterator[Session]:
    """Law 2: the only commit. What was read before is read again inside; on SQLite the write lock is taken
    first (BEGIN IMMEDIATE), on PostgreSQL lock rows with `with_for_update()`. Any exception rolls back.

    When letters were enqueued, the worker is woken after the commit.
    Raises RuntimeError inside another transaction or after changes made outside of one.
    """
    session: Session = db.session()
    if session.info.get("in_transaction") or session.new or session.dirty or session.deleted:
        raise RuntimeError("A transaction is opened once, at the edge, before anything is changed")
    session.rollback()
    session.info["in_transaction"] = True
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("in_transaction", None)
        wake = session.info.pop("wake_worker", False)
    if wake and queue.wake is not None:
        _wake_worker(queue.wake)


def _wake_worker(wake: Callable[[], object]) -> None:
    """The letters are committed already and the worker looks by itself every minute: a queue that is down is logged."""
    try:
        wake()
    except Exception:
        log.warning("queue.unreachable", exc_info=True)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    """SQLite per connection: WAL, foreign keys, 10 s of patience, nothing acknowledged is lost by a power cut; REPLACE
    fires the triggers that guard the ledger."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "synchronous=FULL",
        "recursive_triggers=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "connect")
def _prepare_postgresql(connection: Any, record: Any) -> None:
    """The driver keeps the plans of a hundred statements; the product has more that are asked all day."""
    if isinstance(connection, psycopg.Connection):
        connection.prepared_max = 400


@event.listens_for(Pool, "checkout")
def _replace_dropped(connection: Any, record: Any, lent: Any) -> None:
    """A connection at rest has nothing to say: where there is something to read, the server has said goodbye. To look
    costs a system call, a ping of SQLAlchemy's pool a journey to the server for each page."""
    if isinstance(connection, psycopg.Connection) and (connection.closed or _can_be_read(connection.fileno())):
        raise DisconnectionError("The server closed this connection")


def _can_be_read(descriptor: int) -> bool:
    watched = select.poll()
    watched.register(descriptor, select.POLLIN)
    return bool(watched.poll(0))


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")
