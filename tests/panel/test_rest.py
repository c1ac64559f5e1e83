"""The REST twins: signed in by a bearer's token, pages by key, one transaction for a change."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.models import Account, AuditEvent, Customer, Meter, ServiceRequest, Tariff
from tests import factories
from tests.page import Browser
from tests.panel.test_lists import token

NUMBERED = "(page_size:20,filters:!((col:full_name,opr:starts,value:'номер')))"


class Client:
    """A program that speaks to the API as a member of staff."""

    def __init__(self, app: Flask, login: str) -> None:
        self.client = app.test_client()
        answer = self.client.post(
            "/api/v1/security/login", json={"username": login, "password": factories.PASSWORD, "provider": "db"}
        )
        self.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def ask(self, method: str, address: str, **options: Any) -> tuple[int, Any]:
        answer = self.client.open(f"/api/v1/{address}", method=method, headers=self.headers, **options)
        return answer.status_code, answer.json


@pytest.fixture(scope="module")
def api(app: Flask, shared_act: Any) -> Client:
    with shared_act() as session:
        factories.user(session, "Operator", login="robot")
    return Client(app, "robot")


@pytest.fixture(scope="module")
def customers(shared_act: Any) -> list[int]:
    with shared_act() as session:
        rows = [Customer(full_name=f"Номер {n:03}", phone=f"7342200{n:04}") for n in range(50)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def test_lists_are_read_page_by_page_along_a_key(customers: list[int], api: Client) -> None:
    ids: list[int] = []
    after = ""
    while after is not None:
        status, answer = api.ask("GET", f"customers/?q={NUMBERED}&after={after}")
        assert status == 200
        ids += answer["ids"]
        after = answer["after"]
    assert ids == customers
    assert (answer["count"], answer["count_is_lower_bound"]) == (50, False)


def test_lists_are_ordered_and_filtered(customers: list[int], api: Client) -> None:
    status, answer = api.ask("GET", "customers/?q=(order_column:full_name,order_direction:desc,page_size:2)")
    assert (status, [row["full_name"] for row in answer["result"]]) == (200, ["Номер 049", "Номер 048"])
    query = "(filters:!((col:full_name,opr:starts,value:'номер 01')))"
    status, answer = api.ask("GET", f"customers/?q={query}")
    assert (status, answer["count"]) == (200, 10)


@pytest.mark.parametrize(
    "query",
    [
        "q=(order_column:email)",
        "q=(order_column:password)",
        "q=(page:10001,page_size:100)",
        "q=(page:-5)",
        "q=(filters:!((col:email,opr:eq,value:1)))",
        "q=(filters:!((col:full_name,opr:eq,value:1)))",
        "q=((((",
        "q=(page:abc)",
        "q=(page:1.5)",
    ],
)
def test_questions_that_cannot_be_answered_are_bad_requests(query: str, api: Client) -> None:
    status, answer = api.ask("GET", f"customers/?{query}")
    assert status == 400
    assert answer["message"]


@pytest.mark.parametrize(
    "query",
    [
        "after=abc",
        "after=" + "A" * 5000,
        "after=" + token("after", "id", False, "1", None),
        "q=(page:1.0,page_size:25.0)",
        'q={"filters":[{"col":"full_name","opr":"starts","value":"\\ud800"}]}',
        "q=(page_size:1000000)",
        "q=(page_size:-1)",
        "q=(filters:!((col:full_name,opr:words,value:'%00')))",
        "q=(filters:!((col:phone,opr:starts,value:" + "9" * 3000 + ")))",
    ],
)
def test_odd_questions_are_answered(query: str, customers: list[int], api: Client) -> None:
    status, answer = api.ask("GET", f"customers/?{query}")
    assert status == 200
    assert len(answer["result"]) <= 100


@pytest.mark.parametrize("key", ["9" * 20, "abc", "-1", "0"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_key_that_no_row_has_is_not_found(method: str, key: str, api: Client) -> None:
    status, _ = api.ask(method, f"customers/{key}", json={"full_name": "Кто-то"} if method == "PUT" else None)
    assert status == (405 if method == "GET" and not key.isdigit() else 404)


def test_a_row_is_added_and_changed_in_parts(shared_act: Any, api: Client) -> None:
    status, answer = api.ask("POST", "customers/", json={"full_name": "  Анна  Петрова", "phone": "8 342 201-95-37"})
    assert (status, answer["result"]["full_name"], answer["result"]["phone"]) == (201, "Анна Петрова", "73422019537")
    answer_id = answer["id"]
    status, answer = api.ask("PUT", f"customers/{answer_id}", json={"email": "anna@example.org"})
    assert (status, answer["result"]["email"], answer["result"]["full_name"]) == (
        200,
        "anna@example.org",
        "Анна Петрова",
    )
    with shared_act() as session:
        assert session.get_one(Customer, answer_id).name_fold == "анна петрова"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"full_name": None},
        {"full_name": 5},
        {"full_name": "а" * 300},
        {"full_name": "a\x00b"},
        {"full_name": "\ud800"},
        {"full_name": "Анна", "phone": "12"},
        {"full_name": "Анна", "id": 7},
        {"full_name": "Анна", "name_fold": "другая"},
        {"full_name": "Анна", "import_batch_id": 1},
        {"full_name": "Анна", "accounts": [1]},
    ],
)
def test_odd_bodies_are_refused_and_nothing_is_written(body: dict[str, Any], shared_act: Any, api: Client) -> None:
    before = _count(shared_act, Customer)
    status, answer = api.ask("POST", "customers/", json=body)
    assert status == 422
    assert answer["message"]
    assert _count(shared_act, Customer) == before


@pytest.mark.parametrize("body", ["[]", "1", "null", "{", "not json"])
def test_a_body_that_is_no_object_is_a_bad_request(body: str, api: Client) -> None:
    assert api.ask("POST", "customers/", data=body, content_type="application/json")[0] == 400


def _count(shared_act: Any, model: type[Any]) -> int:
    with shared_act() as session:
        found: int = session.scalar(select(func.count(model.id)))
        return found


def _account(shared_act: Any) -> dict[str, Any]:
    with shared_act() as session:
        row = factories.account(session)
        return {"account": row.id, "service": factories.service(session).id, "premises": row.premises_id}


def _meter(shared_act: Any, **values: Any) -> dict[str, Any]:
    parents = _account(shared_act)
    keys = {"account": parents["account"], "service": parents["service"]}
    return {"serial": "17-3", "installed_on": "2026-11-22", "opening_value": "12.5", **keys, **values}


def test_decimals_are_exact_and_parents_are_keys(shared_act: Any, api: Client) -> None:
    status, answer = api.ask("POST", "meters/", json=_meter(shared_act))
    assert (status, answer["result"]["opening_value"]) == (201, "12.500")
    status, answer = api.ask("GET", f"meters/{answer['id']}")
    assert answer["result"]["account"]["number"]
    assert answer["result"]["service"]["code"] == "cold"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("opening_value", "NaN"),
        ("opening_value", 1e309),
        ("opening_value", "-1"),
        ("opening_value", "9" * 40),
        ("opening_value", "1.23456"),
        ("digits", 10**20),
        ("digits", 3),
        ("digits", "пять"),
        ("digits", 5.9),
        ("location", "\x00"),
        ("location", "\ud800"),
        ("serial", "1\x00"),
        ("installed_on", "2026-11-22\x00"),
        ("installed_on", "\ud800"),
        ("opening_value", "1\x00"),
        ("account", "1\x00"),
        ("account", "\ud800"),
        ("installed_on", "2026-02-31"),
        ("account", 999_999),
        ("account", 10**20),
        ("account", {"id": 1, "number": "1"}),
        ("account", None),
        ("service", [1]),
    ],
)
def test_odd_values_are_refused(field: str, value: Any, shared_act: Any, api: Client) -> None:
    before = _count(shared_act, Meter)
    status, answer = api.ask("POST", "meters/", json=_meter(shared_act, **{field: value}))
    assert status == 422
    assert field in answer["message"]
    assert _count(shared_act, Meter) == before


def test_a_hidden_or_unknown_parent_is_never_made(shared_act: Any, api: Client) -> None:
    parents = _account(shared_act)
    body = {"number": "77", "premises": parents["premises"], "customer": 999_999, "payer_group": "population"}
    status, answer = api.ask("POST", "accounts/", json={**body, "opened_on": "2026-11-01"})
    assert (status, list(answer["message"])) == (422, ["customer"])
    with shared_act() as session:
        assert session.get(Customer, 999_999) is None


def test_the_rules_of_the_forms_hold_for_programs(shared_act: Any, api: Client) -> None:
    parents = _account(shared_act)
    body = {"number": "77", "premises": parents["premises"], "payer_group": "population", "opened_on": "2026-11-01"}
    status, answer = api.ask("POST", "accounts/", json=body)
    assert (status, list(answer["message"])) == (422, ["customer"])


def test_what_is_only_read_is_not_written(api: Client) -> None:
    assert api.ask("POST", "payments/", json={})[0] == 405
    assert api.ask("PUT", "readings/1", json={})[0] == 405
    assert api.ask("DELETE", "customers/1")[0] == 405
    assert api.ask("POST", "tariffs/", json={})[0] == 403


def test_meta_data_lists_related_rows_only_when_asked(shared_act: Any, api: Client) -> None:
    _account(shared_act)
    _, answer = api.ask("GET", "meters/_info")
    assert all("values" not in column for column in answer["add_columns"])
    _, answer = api.ask("GET", "meters/_info?q=(add_columns:(account:(page:0,page_size:5)))")
    account = next(column for column in answer["add_columns"] if column["name"] == "account")
    assert account["values"]


def test_meta_data_lists_rows_for_whoever_may_choose_among_them(app: Flask, shared_act: Any) -> None:
    _account(shared_act)
    with shared_act() as session:
        factories.user(session, "Cashier", login="counting")
    cashier = Client(app, "counting")
    for columns in ("add_columns", "edit_columns"):
        _, answer = cashier.ask("GET", f"accounts/_info?q=({columns}:(customer:(page:0,page_size:5.0)))")
        assert all("values" not in column for column in answer[columns])


def test_meta_data_has_no_words_of_the_catalogue(api: Client) -> None:
    _, answer = api.ask("GET", "customers/_info")
    assert {column["description"] for column in answer["add_columns"]} == {""}


def test_looking_at_people_by_a_program_leaves_a_trace(shared_act: Any, api: Client) -> None:
    account = _account(shared_act)["account"]
    for model, name, key in ((Account, "accounts", account), (ServiceRequest, "service-requests", 0)):
        before = _traces(shared_act, model)
        api.ask("GET", f"{name}/{key}")
        assert _traces(shared_act, model)[len(before) :] == ([("looked", str(key))] if key else [])
        api.ask("GET", f"{name}/")
        assert _traces(shared_act, model)[-1] == ("exported", "")


def _traces(shared_act: Any, model: type[Any]) -> list[tuple[str, str]]:
    with shared_act() as session:
        events = select(AuditEvent).where(AuditEvent.object_type == model.__tablename__).order_by(AuditEvent.id)
        return [(event.action, event.object_id) for event in session.scalars(events)]


def test_the_api_is_described_for_programs(api: Client) -> None:
    status, answer = api.ask("GET", "_openapi")
    assert status == 200
    names = ("customers", "legal-entities", "accounts", "premises", "meters", "readings", "tariffs", "service-requests")
    for name in (*names, "payments", "offices", "mailing-categories", "settings"):
        assert f"/api/v1/{name}/" in answer["paths"]


def test_a_cookie_alone_opens_no_api(shared_act: Any, app: Flask) -> None:
    with shared_act() as session:
        factories.user(session, "Admin", login="browsing-boss")
    browser = Browser(app)
    browser.sign_in("browsing-boss", factories.PASSWORD)
    assert browser.client.get("/api/v1/customers/").status_code == 401
    assert browser.client.post("/api/v1/customers/", json={"full_name": "Анна"}).status_code == 401


def test_a_customer_opens_no_api_of_the_staff(app: Flask, shared_act: Any) -> None:
    with shared_act() as session:
        factories.user(session, "Customer", login="guest")
    guest = Client(app, "guest")
    for name in ("customers/", "accounts/", "payments/", "settings/"):
        assert guest.ask("GET", name)[0] == 403


def test_tariffs_are_written_by_whoever_may(app: Flask, shared_act: Any) -> None:
    with shared_act() as session:
        factories.user(session, "Admin", login="boss")
        service = factories.service(session).id
    body = {"service": service, "payer_group": "population", "territory": "Пермь", "price": "47.1", "vat_mode": "top"}
    boss = Client(app, "boss")
    status, answer = boss.ask("POST", "tariffs/", json={**body, "valid_from": "2026-01-01"})
    assert status == 201, answer
    status, answer = boss.ask("POST", "tariffs/", json={**body, "valid_from": "2026-05-01"})
    assert (status, list(answer["message"])) == (422, ["valid_from"])
    with shared_act() as session:
        assert session.scalars(select(Tariff.price)).one() == Decimal("47.1")
