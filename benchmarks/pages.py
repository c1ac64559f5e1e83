"""The pages that are measured, each with its aim and the bare SQL of what it shows."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import psycopg

from .client import Answer, Client

PASSWORD = "Rodnik-demo-2026!"
ACCOUNTS = """
    SELECT a.id, a.number, p.address, c.full_name, l.name, a.status FROM account a
    JOIN premises p ON p.id = a.premises_id LEFT JOIN customer c ON c.id = a.customer_id
    LEFT JOIN legal_entity l ON l.id = a.legal_entity_id
    WHERE (a.number, a.id) > (%s, %s) ORDER BY a.number, a.id LIMIT 26"""
READINGS = """
    SELECT r.id, r.taken_on, m.serial, a.number, r.value, r.volume, r.source, r.state FROM reading r
    JOIN meter m ON m.id = r.meter_id JOIN account a ON a.id = r.account_id
    WHERE r.id < %s ORDER BY r.id DESC LIMIT 26"""
READINGS_BY_DATE = """
    SELECT r.id, r.taken_on, m.serial, a.number, r.value, r.volume, r.source, r.state FROM reading r
    JOIN meter m ON m.id = r.meter_id JOIN account a ON a.id = r.account_id
    ORDER BY r.taken_on DESC, r.id DESC LIMIT 26"""
CUSTOMERS = "SELECT id, full_name, phone, email FROM customer WHERE name_fold LIKE %s ORDER BY id LIMIT 26"
HOUSE = """
    SELECT id, address FROM premises WHERE address_fold LIKE %s AND address_fold LIKE %s
    ORDER BY id + 0 LIMIT 26"""  # by the index of fragments, not along the key
PREMISES = HOUSE.replace("ORDER", "AND address_fold LIKE %s ORDER")
ACCOUNT = """
    SELECT a.*, p.address, c.full_name FROM account a JOIN premises p ON p.id = a.premises_id
    LEFT JOIN customer c ON c.id = a.customer_id WHERE a.id = %s"""
BALANCE = "SELECT service_id, sum(amount) FROM ledger_entry WHERE account_id = %s GROUP BY service_id"
OWN_READINGS = """
    SELECT m.id, r.period, r.value, r.volume FROM meter m LEFT JOIN reading r ON r.meter_id = m.id
    AND r.account_id = m.account_id AND r.period >= '2025-09-01' WHERE m.account_id = %s"""
LOGIN = "SELECT * FROM ab_user WHERE lower(username) = %s"
WRITE = "INSERT INTO bench_write (value) VALUES (%s)"


@dataclass(frozen=True, slots=True)
class Page:
    """`aim` is for the median in milliseconds, `most` for the statements (None: nothing is said of them)."""

    name: str
    aim: float
    most: int | None
    ask: Callable[[], Answer]
    sql: str
    values: tuple[Any, ...] = ()
    times: int = 60
    is_read: bool = True


def pages(address: str, connection: psycopg.Connection[Any]) -> Iterator[Page]:
    yield from staff_pages(address, connection)
    yield from customer_pages(address, connection)


def staff_pages(address: str, connection: psycopg.Connection[Any]) -> Iterator[Page]:
    staff, rest = Client(address), Client(address)
    staff.sign_in("admin", PASSWORD)
    rest.sign_in_to_rest("admin", PASSWORD)
    middle, surname, street = _examples(connection)

    def page(name: str, path: str, sql: str, *values: Any, aim: float = 15, most: int | None = 6) -> Page:
        return Page(name, aim, most, lambda: staff.get(path), sql, values)

    accounts, readings = "/staff/accounts/list/", "/staff/readings/list/"
    deep = staff.page(accounts, 400)
    deep_readings = staff.page(readings, 400)
    yield page("accounts, page 1", accounts, ACCOUNTS, "", 0)
    yield page("accounts, page 400", deep, ACCOUNTS, *_after(deep))
    yield page("readings, page 1", readings, READINGS, 2**62)
    yield page("readings, page 400", deep_readings, READINGS, _after(deep_readings)[-1])
    by_date = f"{readings}?_oc_StaffReadingsView=taken_on&_od_StaffReadingsView=desc"
    yield page("readings by date", by_date, READINGS_BY_DATE, aim=25)
    for name, operator, words in (("surname", 0, surname), ("fragment", 1, surname[1:])):
        found = f"/staff/customers/list/?{urlencode({f'_flt_{operator}_full_name': words})}"
        yield page(f"customers by {name}", found, CUSTOMERS, f"{'%' * operator}{words}%")
    found = f"/staff/premises/list/?{urlencode({'_flt_0_address': f'{street} 17 2'})}"
    yield page("address by fragments", found, PREMISES, f"%{street}%", "%17%", "%2%")
    found = f"/staff/phone?{urlencode({'q': f'{street} 17'})}"
    yield page("phone desk by address", found, HOUSE, f"%{street}%", "%17%", aim=50, most=None)
    yield page("account, show", f"/staff/accounts/show/{middle}", ACCOUNT, middle)
    yield page("account, add form", "/staff/accounts/add", "SELECT 1")
    yield page("account, change form", f"/staff/accounts/edit/{middle}", ACCOUNT, middle)
    yield page("first page of staff", "/staff/", "SELECT 1", most=None)
    for name, sql, values in (("accounts", ACCOUNTS, ("", 0)), ("readings", READINGS, (2**62,))):
        path = f"/api/v1/{name}/"
        yield Page(f"REST, {name}", 15, 6, lambda path=path: rest.get(path), sql, values)


def customer_pages(address: str, connection: psycopg.Connection[Any]) -> Iterator[Page]:
    customer = Client(address)
    customer.sign_in("customer", PASSWORD)
    account, meter, shown = _customers_meter(connection)
    for name, path, sql in (
        ("customer's home", "/cabinet/", BALANCE),
        ("customer's readings", "/cabinet/readings", OWN_READINGS),
        ("customer's charges", "/cabinet/charges", BALANCE),
    ):
        yield Page(name, 10, None, lambda path=path: customer.get(path), sql, (account,))
    token = customer.token("/cabinet/readings")
    values = iter(range(1, 10_000))

    def send() -> Answer:
        value = shown + 5 + Decimal(next(values)) / 1000
        return customer.post(f"/cabinet/readings/{meter}", value=f"{value}", csrf_token=token)

    yield Page("a reading sent", 10, None, send, WRITE, ("reading",), is_read=False)

    def sign_in() -> Answer:
        visitor = Client(address)
        token = visitor.token("/login/")
        return visitor.post("/login/", username="customer", password=PASSWORD, csrf_token=token)

    yield Page("sign-in", 100, None, sign_in, LOGIN, ("customer",), times=20, is_read=False)


def _examples(connection: psycopg.Connection[Any]) -> tuple[int, str, str]:
    """An account in the middle, the surname of its holder, a word of its street."""
    row = connection.execute(
        "SELECT a.id, c.name_fold, s.name_fold FROM account a JOIN customer c ON c.id = a.customer_id"
        " JOIN premises p ON p.id = a.premises_id JOIN house h ON h.id = p.house_id JOIN street s ON s.id = h.street_id"
        " WHERE a.id >= (SELECT max(id) / 2 FROM account) ORDER BY a.id LIMIT 1"
    ).fetchone()
    assert row
    return row[0], row[1].split()[0], row[2].split()[-1]


def _customers_meter(connection: psycopg.Connection[Any]) -> tuple[int, int, Decimal]:
    row = connection.execute(
        "SELECT r.account_id, r.meter_id, r.value FROM reading r JOIN account_access x ON x.account_id = r.account_id"
        " JOIN ab_user u ON u.id = x.user_id WHERE u.username = 'customer'"
        " ORDER BY r.account_id, r.period DESC, r.meter_id LIMIT 1"
    ).fetchone()
    assert row
    return row[0], row[1], Decimal(row[2]) / 1000


def _after(path: str) -> tuple[Any, ...]:
    """The row that a page's address names: the value of the column and the key."""
    word = path.partition("k_")[2].partition("=")[2]
    way, _column, _is_descending, *row = json.loads(base64.urlsafe_b64decode(word + "=="))
    assert way == "after"
    return row[0], int(row[-1])
