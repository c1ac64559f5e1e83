"""Two requests at once: views are one object for all threads, so nothing of a request may stay on them."""

import threading
from typing import Any

import pytest
from flask import Flask
from marshmallow_sqlalchemy import SQLAlchemySchema

from app.models import Customer
from app.panel.filters import PanelFilters
from tests import factories
from tests.page import Browser


def _together(*calls: Any) -> list[Any]:
    answers: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        answers[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def _meeting(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Make two calls of a method wait for each other: both requests have set what they are about to read."""
    barrier, original = threading.Barrier(2, timeout=20), getattr(owner, name)

    def waiting(*args: Any, **kwargs: Any) -> Any:
        barrier.wait()
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, waiting)


def test_a_search_never_shows_the_rows_of_another_search(app: Flask, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with act() as session:
        session.add_all([Customer(full_name="Первая"), Customer(full_name="Вторая")])
        factories.user(session, "Operator", login="o1")
    visitors = [Browser(app), Browser(app)]
    for visitor in visitors:
        visitor.sign_in("o1", factories.PASSWORD)
    _meeting(monkeypatch, PanelFilters, "get_joined_filters")
    for _round in range(5):
        first, second = _together(
            lambda: visitors[0].client.get("/staff/customers/list/?_flt_0_full_name=перв").text,
            lambda: visitors[1].client.get("/staff/customers/list/?_flt_0_full_name=втор").text,
        )
        assert ("Первая" in first, "Вторая" in first) == (True, False)
        assert ("Первая" in second, "Вторая" in second) == (False, True)


def test_two_changes_by_rest_write_their_own_rows(app: Flask, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with act() as session:
        rows = [Customer(full_name="Первая"), Customer(full_name="Вторая")]
        session.add_all(rows)
        session.flush()
        first, second = (row.id for row in rows)
        factories.user(session, "Operator", login="o1")
    client = app.test_client()
    token = client.post(
        "/api/v1/security/login", json={"username": "o1", "password": factories.PASSWORD, "provider": "db"}
    ).json["access_token"]

    def put(key: int, name: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().put(f"/api/v1/customers/{key}", json={"full_name": name}, headers=headers).status_code

    _meeting(monkeypatch, SQLAlchemySchema, "load")
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        monkeypatch.undo()  # one writer at a time: the second waits for the first, they cannot meet
    assert _together(lambda: put(first, "Анна"), lambda: put(second, "Мария")) == [200, 200]
    with act() as session:
        assert session.get_one(Customer, first).full_name == "Анна"
        assert session.get_one(Customer, second).full_name == "Мария"
