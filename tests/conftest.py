"""One application for all tests, a fresh copy of the migrated database for each.

`pytest` runs on SQLite; with `--database postgresql` on the server named by TEST_POSTGRESQL (`tests/postgres.py`).
Rows are made inside `with act() as session:`, which commits; a page is opened outside of it, so that the view has a
session of its own (Flask would share a pushed context, and hide access faults).
"""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from sqlalchemy.orm import Session

import config as configuration
from app import create_app
from app.extensions import db, transaction
from app.security.scope import NOBODY, SYSTEM, Principal, become
from tests import capabilities, fresh
from tests.page import Browser
from tests.postgres import free_port


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", default="sqlite", choices=("sqlite", "postgresql"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what opens Chromium. What touches no database, or none of its ways (`any_database`), has been tried with
    SQLite; it would say the same again."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if config.getoption("--database") == "postgresql":
        touching = [
            item
            for item in items
            if "database_url" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("any_database")
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in touching])
        items[:] = touching


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, data_dir: Path) -> str:
    if request.config.getoption("--database") == "sqlite":
        return f"sqlite:///{data_dir}/rodnik.db"
    name = f"rodnik_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    fresh.create(name)
    return f"{os.environ['TEST_POSTGRESQL']}/{name}"


@pytest.fixture(scope="session")
def app(database_url: str, data_dir: Path) -> Flask:
    """The application over a migrated database with roles and reference data, which is kept as a template.

    What it consists of stays to the end: the collector need not walk over half a million objects time and again.
    """
    settings = configuration.Testing(
        {
            "DATABASE_URL": database_url,
            "DATA_DIR": str(data_dir),
            "QUEUE_URL": "memory://",
            "PUBLIC_URL": "http://localhost",
            "SANDBOX_PORT": str(free_port()),
        }
    )
    made = create_app(settings)
    made.queue_is_immediate = True  # type: ignore[attr-defined]
    result = made.test_cli_runner().invoke(args=["init"])
    assert result.exit_code == 0, result.output
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
    gc.freeze()
    if database_url.startswith("sqlite"):
        shutil.copy(data_dir / "rodnik.db", data_dir / "template.db")
    else:
        fresh.keep(database_url.rpartition("/")[2])
    return made


@pytest.fixture(autouse=True)
def _as_nobody() -> Iterator[None]:
    become(NOBODY)
    yield
    become(NOBODY)


@pytest.fixture
def database(app: Flask, database_url: str, data_dir: Path) -> Iterator[None]:
    """A database as it was made for this test, and an empty mailbox."""
    with fresh_database(app, database_url, data_dir, clean=fresh.put_back):
        yield


@contextmanager
def fresh_database(
    app: Flask, database_url: str, data_dir: Path, clean: Callable[[str], None] = fresh.make_anew
) -> Iterator[None]:
    """For a fixture that several tests only read from; such a module asks for no other database, and may fill this one
    with as many rows as it likes."""
    shutil.rmtree(data_dir / "mail", ignore_errors=True)
    if database_url.startswith("sqlite"):
        for leftover in data_dir.glob("rodnik.db*"):
            leftover.unlink()
        shutil.copy(data_dir / "template.db", data_dir / "rodnik.db")
    else:
        clean(database_url.rpartition("/")[2])
    app.appbuilder.sm.forget()  # type: ignore[attr-defined]
    yield
    is_kept = clean is fresh.put_back and not database_url.startswith("sqlite")
    with app.app_context():
        db.session.remove()
        if not is_kept:
            db.engine.dispose()
    if not is_kept and not database_url.startswith("sqlite"):
        clean(database_url.rpartition("/")[2])


Act = Callable[..., Any]


@contextmanager
def taken_back() -> Iterator[Session]:
    """A transaction of which nothing stays."""
    with suppress(_TakenBackError), transaction() as session:
        yield session
        raise _TakenBackError


class _TakenBackError(Exception):
    pass


@pytest.fixture
def act(app: Flask, database: None) -> Act:
    """`with act() as session:` works as the system, `with act(principal)` as somebody, and commits."""
    return acting_in(app)


def acting_in(app: Flask) -> Act:
    """What `act` gives, for fixtures of a whole module."""

    @contextmanager
    def acting(who: Principal = SYSTEM) -> Iterator[Session]:
        with app.app_context():
            become(who)
            try:
                with transaction() as session:
                    yield session
            finally:
                become(NOBODY)

    return acting


@pytest.fixture
def browser(app: Flask, database: None) -> Browser:
    """A visitor who checks every page that is opened (tests/page.py)."""
    return Browser(app)


@pytest.fixture
def cli(app: Flask, database: None) -> Any:
    return app.test_cli_runner()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after the first start of `run.py`: the demo. Whoever changes it takes a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "DATA_DIR": str(folder), "PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    ended = subprocess.run(
        [sys.executable, configuration.ROOT / "run.py", "prepare"], env=env, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One for the pages' tests and the journeys: Playwright allows one loop a process."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=capabilities.chromium(), args=[*capabilities.CHROMIUM_FLAGS, "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()
