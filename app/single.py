"""One at a time: two starts of the same work on one database wait for each other."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from flask import current_app
from sqlalchemy import func, select

from .extensions import db


@contextmanager
def running(name: str) -> Iterator[None]:
    """Hold the lock of this work: an advisory lock of PostgreSQL, or a locked file beside SQLite's."""
    if db.engine.dialect.name == "postgresql":
        key = crc32(f"rodnik:{name}".encode())
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(select(func.pg_advisory_lock(key)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))
        return
    folder = Path(current_app.config["DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
