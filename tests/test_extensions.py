"""Reading and writing: what the session does for both."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text, update

import config
from app.extensions import db, transaction
from app.models import Setting
from app.security.scope import SYSTEM, become


@pytest.fixture
def is_postgresql(app: Flask, database: None) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "postgresql"


def test_postgresql_keeps_its_plans_from_one_page_to_the_next(app: Flask, is_postgresql: bool) -> None:
    for _ in range(8):
        with app.app_context():
            become(SYSTEM)
            assert db.session().scalars(select(Setting.key)).all()
            if is_postgresql:
                kept = db.session().scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    if is_postgresql:
        assert any("FROM setting" in statement for statement in kept)


def test_nothing_is_written_outside_of_a_transaction(app: Flask, is_postgresql: bool) -> None:
    change = update(Setting).values(value="changed")
    with app.app_context():
        become(SYSTEM)
        with pytest.raises(RuntimeError, match="inside of transaction") if is_postgresql else nullcontext():
            db.session().execute(change)
    with app.app_context():
        become(SYSTEM)
        assert "changed" not in db.session().scalars(select(Setting.value)).all()
        with transaction() as session:
            session.execute(change)
    with app.app_context():
        assert set(db.session().scalars(select(Setting.value))) == {"changed"}


def test_a_setting_for_the_transaction_is_not_lost_on_the_quiet(app: Flask, is_postgresql: bool) -> None:
    if not is_postgresql:
        return  # SQLite has no such settings
    with app.app_context():
        become(SYSTEM)
        with pytest.raises(RuntimeError, match="inside of transaction"):
            db.session().execute(text("SET LOCAL work_mem = '64MB'"))


def test_a_connection_that_the_server_closed_is_replaced(app: Flask, is_postgresql: bool) -> None:
    if not is_postgresql:
        return  # SQLite has no server
    with app.app_context():
        become(SYSTEM)
        closed = db.session().scalar(text("SELECT pg_backend_pid()"))
        server = create_engine(db.engine.url)
    with server.connect() as another:
        another.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": closed})
    server.dispose()
    with app.app_context():
        become(SYSTEM)
        assert db.session().scalar(text("SELECT pg_backend_pid()")) != closed


@pytest.mark.parametrize("queue", ["postgresql://127.0.0.1:1/none", "redis://127.0.0.1:1"])
def test_an_application_connects_to_nothing_while_it_is_made(tmp_path: Path, queue: str) -> None:
    """gunicorn makes it before it forks its processes (gunicorn.conf.py), and no two may talk by one connection."""
    away = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "QUEUE_URL": queue, "DATA_DIR": str(tmp_path)}
    made = "import gc, sys; from app import create_app; create_app()"
    code = f"{made}; assert gc.isenabled() and 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, env={**os.environ, **away}, check=True, timeout=60)
