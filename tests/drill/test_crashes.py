"""Processes that end and databases that go away in the middle of a call."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import PaymentState
from tests.drill.stage import NEVER, NOTHING, ONCE, Stage

S = PaymentState


class Killed(Exception):  # noqa: N818
    """The end of the process that serves the call, as far as one thread can meet it."""


@contextmanager
def killed(moment: str) -> Iterator[None]:
    """The next transaction ends its process `before_commit` or `after_commit`."""
    armed = [True]

    def die(session: Session) -> None:
        if armed:
            armed.clear()
            raise Killed

    event.listen(Session, moment, die)
    yield
    event.remove(Session, moment, die)


def told(stage: Stage) -> Any:
    payment = stage.start()
    stage.pay(payment, NEVER)
    return payment


@pytest.mark.parametrize(
    ("moment", "before"), [("before_commit", NOTHING), ("after_commit", ONCE)], ids=["before", "after"]
)
def test_a_process_that_dies_at_the_commit_says_no_success_and_a_repeat_posts_once(
    stage: Stage, moment: str, before: dict[str, int]
) -> None:
    payment = told(stage)
    with killed(moment):
        stage.operator(payment, tell="1")
    assert stage.counts() == before
    stage.operator(payment, tell="1")
    assert (stage.state(payment), stage.counts()) == (S.succeeded, ONCE)


def test_every_commit_that_fails_leaves_nothing_half_written(stage: Stage) -> None:
    payment = told(stage)
    for _attempt in range(3):
        with killed("before_commit"):
            stage.operator(payment, tell="1")
        assert stage.counts() == NOTHING
    stage.reconcile()
    assert stage.counts() == ONCE


@contextmanager
def taken_away(stage: Stage) -> Iterator[None]:
    """SQLite: another process holds the write lock. PostgreSQL: every connection is cut and none is let in."""
    url = stage.app.config["SQLALCHEMY_DATABASE_URI"]
    with stage.app.app_context():
        db.engine.dispose()
    if url.startswith("sqlite"):

        def hurry(connection: sqlite3.Connection, _record: Any) -> None:
            connection.execute("PRAGMA busy_timeout=50")

        event.listen(Engine, "connect", hurry)
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.close()
        event.remove(Engine, "connect", hurry)
        with stage.app.app_context():
            db.engine.dispose()
        return
    server, _, name = url.replace("+psycopg", "").rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.mark.parametrize("kind", ["pay", "check"])
def test_a_database_that_is_locked_or_gone_is_a_503_and_a_later_repeat_works(stage: Stage, kind: str) -> None:
    payment = told(stage)
    with taken_away(stage):
        answer = stage.call(payment, kind)
        assert answer.status == 503
        assert "SUCCESS" not in answer.body
    assert stage.counts() == NOTHING
    stage.operator(payment, tell="1")
    assert stage.counts() == ONCE
