"""Members of staff at the panel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.conftest import Act, acting_in, fresh_database
from tests.page import Browser


def signed_in(app: Flask, act: Any, role: str, login: str = "") -> Browser:
    login = login or f"the-{role}"
    with act() as session:
        factories.user(session, role, login=login)
    browser = Browser(app)
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def admin(app: Flask, act: Any) -> Browser:
    return signed_in(app, act, "Admin")


@pytest.fixture
def operator(app: Flask, act: Any) -> Browser:
    return signed_in(app, act, "Operator")


@pytest.fixture(scope="module")
def shared_act(app: Flask, database_url: str, data_dir: Path) -> Iterator[Act]:
    """One database for the tests of a module that only read, or are refused; nothing else in it asks for another."""
    with fresh_database(app, database_url, data_dir):
        yield acting_in(app)


@pytest.fixture(scope="module")
def clerk(app: Flask, shared_act: Act) -> Browser:
    """An operator over the shared database."""
    return signed_in(app, shared_act, "Operator")


@pytest.fixture(scope="module")
def chief(app: Flask, shared_act: Act) -> Browser:
    """An administrator over the shared database."""
    return signed_in(app, shared_act, "Admin")
