"""Search by the beginning of a code and by fragments of names and addresses."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.model_types import folded
from app.models import Base, Customer, Premises
from app.panel.fragments import contains
from app.panel.values import Unfit
from tests import factories
from tests.page import Browser
from tests.panel.conftest import signed_in

ADDRESSES = {
    "14": {"street": "ул. Революции", "house": "21а", "flat": "14"},
    "15": {"street": "ул. Революции", "house": "21а", "flat": "15"},
    "3": {"street": "ул. Ёлочная", "house": "8", "flat": "3"},
    "7": {"street": "пр. 50 % скидки", "house": "1_2", "flat": "7"},
    "9": {"street": 'пер. "Тихий"', "house": "5", "flat": "9"},
}
NAMES = ["Ли Юнь", "Лихачёва Анна", "Иванов-Шишкин Пётр", "О'Нил Шон", "Великая Ли"]


@pytest.fixture(scope="module", autouse=True)
def records(shared_act: Any) -> None:
    with shared_act() as session:
        places = [factories.premises(session, **place) for place in ADDRESSES.values()]
        session.add_all(Customer(full_name=name) for name in NAMES)
        owner = session.scalars(select(Customer)).first()
        factories.account(session, number="0048213507", premises=places[0], customer=owner)
        session.add(Customer(full_name="Она", phone="73422019537"))
        session.add(Customer(full_name="Не она", phone="73420000000"))
        session.add_all(Customer(full_name=f"Орлова номер {n:02}", phone=f"734220000{n:02}") for n in range(30))


def test_every_text_of_fragments_is_indexed(shared_act: Any) -> None:
    tables = Base.metadata.sorted_tables
    texts = {(table.name, column.name) for table in tables for column in table.columns if column.info}
    with shared_act() as session:
        if session.get_bind().dialect.name == "sqlite":
            kept = {name for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%fts5%'"))}
            assert kept == {f"{table}_fts" for table, _column in texts}
            return
        known = text("SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attstattarget = 1000")
        assert {tuple(row) for row in session.execute(known)} == texts
        indexes = session.execute(text("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%trgm'"))
        assert set(indexes.scalars()) == {f"ix_{table}_{column}_trgm" for table, column in texts}


def _flats(session: Session, text: str) -> list[str]:
    dialect = session.get_bind().dialect.name
    found = select(Premises.flat).where(contains(Premises.address_fold, folded(text), dialect))
    return sorted(session.scalars(found))


@pytest.mark.parametrize(
    ("text", "flats"),
    [
        ("рев 21а 14", ["14"]),
        ("революции", ["14", "15"]),
        ("волюци кв 15", ["15"]),
        ("ЕЛОЧНАЯ", ["3"]),
        ("Ёлочн 8", ["3"]),
        ("21а", ["14", "15"]),
        ("14", ["14"]),
        ("50 %", ["7"]),
        ("% скид", ["7"]),
        ("1_2", ["7"]),
        ("1х2", []),
        ('"тихий', ["9"]),
        ("пермь", ["14", "15", "3", "7", "9"]),
        ("москва", []),
        ("е п", []),
    ],
)
def test_each_fragment_of_an_address_must_occur(text: str, flats: list[str], shared_act: Any) -> None:
    with shared_act() as session:
        assert _flats(session, text) == flats


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ли", ["Великая Ли", "Ли Юнь", "Лихачёва Анна"]),
        ("хачева", ["Лихачёва Анна"]),
        ("л", ["Ли Юнь", "Лихачёва Анна"]),
        ("ли ю", ["Ли Юнь"]),
        ("анна лих", ["Лихачёва Анна"]),
        ("о'нил", ["О'Нил Шон"]),
        ("нов-ши", ["Иванов-Шишкин Пётр"]),
        ("петр", ["Иванов-Шишкин Пётр"]),
    ],
)
def test_a_short_fragment_is_the_beginning_of_a_word(text: str, names: list[str], shared_act: Any) -> None:
    with shared_act() as session:
        dialect = session.get_bind().dialect.name
        found = session.scalars(select(Customer.full_name).where(contains(Customer.name_fold, folded(text), dialect)))
        assert sorted(found) == names


@pytest.mark.parametrize("text", ["", " ", "%", "- , .", '"'])
def test_a_text_without_letters_and_digits_is_no_search(text: str) -> None:
    with pytest.raises(Unfit):
        contains(Premises.address_fold, text, "sqlite")


def test_a_changed_address_is_found_by_its_new_words_only(shared_act: Any) -> None:
    with shared_act() as session:
        moved = factories.premises(session, street="ул. Прежняя", house="1", flat="99")
        moved.address = "Самара, ул. Садовая, 3, кв. 99"
    with shared_act() as session:
        assert _flats(session, "садовая") == ["99"]
        assert _flats(session, "прежняя") == []


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [("0048", True), ("48213", True), ("0048213507", True), ("48213507", True), ("8213507", False), ("000", False)],
)
def test_an_account_is_found_with_its_leading_zeros_or_without(typed: str, is_found: bool, clerk: Browser) -> None:
    page = clerk.get("/staff/accounts/list/", query_string={"_flt_0_number": typed})
    assert ("0048213507" in page.text) is is_found


@pytest.mark.parametrize("typed", ["+7 (342) 201-95", "8 342 2019537", "73422019537", "734220195"])
def test_a_customer_is_found_by_the_phone_in_any_clothing(typed: str, clerk: Browser) -> None:
    page = clerk.get("/staff/customers/list/", query_string={"_flt_0_phone": typed})
    assert "Она" in page.text
    assert "Не она" not in page.text


def test_a_customer_is_found_by_the_beginning_of_the_surname(clerk: Browser) -> None:
    page = clerk.get("/staff/customers/list/", query_string={"_flt_0_full_name": "ЛИХАЧЕ"})
    assert "Лихачёва Анна" in page.text
    assert "Великая Ли" not in page.text


def test_choices_of_a_related_field_are_searched_twenty_at_a_time(clerk: Browser) -> None:
    ask = "/staff/options/StaffAccountsView/customer"
    first = clerk.client.get(f"{ask}?term=орлова")
    assert (len(first.json["results"]), first.json["pagination"]["more"]) == (20, True)
    assert first.headers["Cache-Control"] == "no-store"
    second = clerk.client.get(f"{ask}?term=орлова&page=2").json
    assert (len(second["results"]), second["pagination"]["more"]) == (10, False)
    assert clerk.client.get(f"{ask}?term=73422000007").json["results"][0]["text"] == "Орлова номер 07"
    assert [each["text"] for each in clerk.client.get(f"{ask}?term=омер+29").json["results"]] == ["Орлова номер 29"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("StaffAccountsView/customer?page=abc", 200),
        ("StaffAccountsView/customer?page=-1", 200),
        ("StaffAccountsView/customer?page=" + "9" * 20, 200),
        ("StaffAccountsView/customer?term=%00", 200),
        ("StaffAccountsView/customer?term=" + "а" * 3000, 200),
        ("StaffAccountsView/service?term=", 404),
        ("StaffAccountsView/password", 404),
        ("StaffAccountsView/number", 404),
        ("StaffUsersView/roles", 403),
        ("NoView/customer", 404),
        ("SignInView/customer", 404),
        ("AccountsApi/customer", 404),
    ],
)
def test_choices_are_given_for_relations_of_open_pages_only(address: str, status: int, clerk: Browser) -> None:
    assert clerk.client.get(f"/staff/options/{address}").status_code == status


def test_a_visitor_gets_no_choices(app: Flask) -> None:
    ask = Browser(app).client.get
    assert ask("/staff/options/StaffAccountsView/customer").status_code == 403
    assert ask("/staff/options/AccountsApi/customer").status_code == 404


@pytest.mark.parametrize(("field", "status"), [("customer", 200), ("contract", 403)])
def test_who_only_reads_gets_the_choices_of_the_search_form(
    field: str, status: int, app: Flask, shared_act: Any
) -> None:
    cashier = signed_in(app, shared_act, "Cashier", login=f"cashier-{field}")
    assert cashier.client.get(f"/staff/options/StaffAccountsView/{field}").status_code == status
