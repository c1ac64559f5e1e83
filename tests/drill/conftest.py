"""A stage for each test: its own database, its own gateway."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import Act
from tests.drill.stage import Stage, opened


@pytest.fixture
def stage(app: Flask, act: Act) -> Iterator[Stage]:
    with opened(app, act) as made:
        yield made
