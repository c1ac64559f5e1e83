"""Members of staff at the panel."""

from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.page import Browser


def signed_in(app: Flask, act: Any, role: str) -> Browser:
    with act() as session:
        factories.user(session, role, login=f"the-{role}")
    browser = Browser(app)
    browser.sign_in(f"the-{role}", factories.PASSWORD)
    return browser


@pytest.fixture
def admin(app: Flask, act: Any) -> Browser:
    return signed_in(app, act, "Admin")


@pytest.fixture
def operator(app: Flask, act: Any) -> Browser:
    return signed_in(app, act, "Operator")
