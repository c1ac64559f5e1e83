"""A page over 50,000 accounts costs what it costs over 1,000: the same statements, the same rows read."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.extensions import db, transaction
from app.security.scope import NOBODY, SYSTEM, become
from tests import factories
from tests.conftest import fresh_database
from tests.page import Browser
from tests.panel.scale import fill
from tests.panel.work import Work, measured

pytestmark = pytest.mark.xdist_group("cost")  # one worker makes it once

SMALL, LARGE = 1_000, 50_000
MOST_STATEMENTS = 6
COUNTED_ROWS = {"sqlite": 10_001 * 11, "postgresql": 10_001 * 2}  # a count ends there, whatever the size


def _list(name: str, **query: str) -> str:
    return f"/staff/{name}/list/?{urlencode(query)}"


PAGES = {
    "accounts": _list("accounts"),
    "accounts, last page": _list("accounts", k_StaffAccountsView="last"),
    "accounts by number": _list("accounts", _flt_0_number="10000123"),
    "accounts by number with zeros": _list("accounts", _flt_0_number="001000012"),
    "accounts of premises": _list("accounts", _flt_0_premises="77"),
    "account": "/staff/accounts/show/77",
    "account, change": "/staff/accounts/edit/77",
    "account, open": "/staff/accounts/add",
    "customers": _list("customers"),
    "customers by surname": _list("customers", _flt_0_full_name="иванов номер 10"),
    "customers by fragment": _list("customers", _flt_1_full_name="омер 17777"),
    "customers by phone": _list("customers", _flt_0_phone="8 342 1000077"),
    "customer": "/staff/customers/show/77",
    "legal entities": _list("legal-entities"),
    "premises": _list("premises"),
    "premises by fragment": _list("premises", _flt_0_address="лобода 17 2а"),
    "one of the premises": "/staff/premises/show/77",
    "premises, add": "/staff/premises/add",
    "houses by fragment": _list("houses", _flt_0_label="дом 12"),
    "meters": _list("meters"),
    "meters by serial": _list("meters", _flt_0_serial="S5000"),
    "meters by verification": _list("meters", _oc_StaffMetersView="verified_until", _od_StaffMetersView="desc"),
    "meter": "/staff/meters/show/77",
    "meter, change": "/staff/meters/edit/77",
    "readings": _list("readings"),
    "readings by date": _list("readings", _oc_StaffReadingsView="taken_on", _od_StaffReadingsView="asc"),
    "readings since": _list("readings", _flt_0_taken_on="2026-09-24"),
    "reading": "/staff/readings/show/77",
    "payments": _list("payments"),
    "payments until": _list("payments", _flt_1_created_at="2026-11-01"),
    "payment": "/staff/payments/show/77",
    "users": _list("users"),
    "users by login": _list("users", _flt_0_username="user-77"),
    "administrators": _list("users", _flt_0_roles="1"),
    "user": "/staff/users/show/1077",
    "user, change": "/staff/users/edit/1077",
    "roles": _list("roles"),
    "role": "/staff/roles/show/1",
    "options, none typed": "/staff/options/StaffAccountsView/customer",
    "options by name": "/staff/options/StaffAccountsView/customer?term=орлова+номер+88",
    "options by phone": "/staff/options/StaffAccountsView/customer?term=73421000",
    "options by address": "/staff/options/StaffAccountsView/premises?term=слобода+17",
    "options by number": "/staff/options/StaffMetersView/account?term=100001",
    "REST accounts": "/api/v1/accounts/",
    "REST accounts by order": "/api/v1/accounts/?q=(order_column:number,order_direction:desc)",
    "REST account": "/api/v1/accounts/77",
    "REST readings": "/api/v1/readings/",
    "REST info": "/api/v1/meters/_info",
}


@pytest.fixture(scope="module")
def costs(app: Flask, database_url: str, data_dir: Path) -> dict[str, dict[int, Work]]:
    """The work of every page over each size."""
    found: dict[str, dict[int, Work]] = {name: {} for name in PAGES}
    for size in (SMALL, LARGE):
        with fresh_database(app, database_url, data_dir):
            _fill(app, size)
            visitor = Browser(app)
            visitor.sign_in("boss", factories.PASSWORD)
            bearer = _bearer(visitor)
            for name, address in PAGES.items():
                found[name][size] = _cost(app, visitor, address, bearer if address.startswith("/api/") else {})
    return found


def _fill(app: Flask, size: int) -> None:
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            factories.user(session, "Admin", login="boss")
            fill(session, size)
        become(NOBODY)
        db.session.remove()


def _bearer(visitor: Browser) -> dict[str, Any]:
    answer = visitor.client.post(
        "/api/v1/security/login", json={"username": "boss", "password": factories.PASSWORD, "provider": "db"}
    )
    return {"headers": {"Authorization": f"Bearer {answer.json['access_token']}"}}


def _cost(app: Flask, visitor: Browser, address: str, options: dict[str, Any]) -> Work:
    if "=last" in address:
        page = visitor.get(address)
        address = page.link("В конец") if "В конец" in page.html else page.link("To the end")
    visitor.get(address, **options)
    with measured(app) as work:
        visitor.get(address, **options)
    return work


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_over_fifty_times_more(name: str, costs: dict[str, dict[int, Work]], app: Flask) -> None:
    small, large = costs[name][SMALL], costs[name][LARGE]
    assert len(large.statements) <= MOST_STATEMENTS, "\n".join(large.statements)
    assert len(large.statements) - len(small.statements) in (0, 1), "a list that fills more than a page is counted"
    assert large.rows <= small.rows * 2 + COUNTED_ROWS[_dialect(app)], f"{small.rows} -> {large.rows}"


def _dialect(app: Flask) -> str:
    with app.app_context():
        return str(db.engine.dialect.name)
