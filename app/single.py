"""One at a time: two starts of the same work on one database wait for each other."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from zlib import crc32

from flask import current_app
from sqlalchemy import func, select

from .extensions import db


@contextmanager
def running(name: str) -> Iterator[None]:
    """Hold the lock of this work: an advisory lock of PostgreSQL, or a locked file beside SQLite's."""
    if db.engine.dialect.name == "postgresql":
        key = _key(name)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(select(func.pg_advisory_lock(key)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))
        return
    with _file(name) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_running(name: str) -> bool:
    """Whether somebody holds the lock of this work; one who was killed holds nothing."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:  # a lock of this transaction ends with it
            return not connection.scalar(select(func.pg_try_advisory_xact_lock(_key(name))))
    with _file(name) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def _file(name: str) -> Iterator[TextIO]:
    folder = Path(current_app.config["DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        yield lock


def _key(name: str) -> int:
    return crc32(f"rodnik:{name}".encode())
