"""Dated tables have their pages and their REST twins; operators look at rates and keep what befell meters."""

from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.page import Browser
from tests.panel.test_rest import Client

NAMES = [
    *("tariffs", "normatives", "coefficients", "vat-rates", "due-days"),
    *("key-rates", "rate-caps", "penalty-shares", "moratoria"),
]
KEPT = ["interruptions", "meter-faults", "residents"]


@pytest.fixture(scope="module")
def robot(app: Flask, shared_act: Any) -> Client:
    with shared_act() as session:
        factories.user(session, "Admin", login="robot-of-rates")
    return Client(app, "robot-of-rates")


@pytest.mark.parametrize("name", [*NAMES, *KEPT])
def test_every_table_has_its_pages_and_its_twin(name: str, chief: Browser, robot: Client) -> None:
    assert chief.get(f"/staff/{name}/list/").heading
    assert chief.get(f"/staff/{name}/add").form().values
    assert robot.ask("GET", f"{name}/")[0] == 200
    assert robot.ask("GET", f"{name}/_info")[0] == 200


@pytest.mark.parametrize("name", NAMES)
def test_an_operator_looks_at_rates_and_changes_none(name: str, clerk: Browser) -> None:
    clerk.get(f"/staff/{name}/list/")
    clerk.get(f"/staff/{name}/add", expect=403)
