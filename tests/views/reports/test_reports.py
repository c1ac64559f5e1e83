"""Managers' reports: the figures on the page and in the files, the filters in the address, who may open them."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, select

from app.domain import facts
from app.models import AuditEvent, EntryKind, PayerGroup, PeriodState, ReadingSource
from tests import factories
from tests.domain.test_facts import charge, post
from tests.page import Browser, Page
from tests.periods import close, in_state
from tests.statements import recorded

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
PAGES = ("collection", "debtors", "coverage", "consumption")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=True):
        yield


@pytest.fixture
def figures(act: Any) -> None:
    """Two payers with months of charges, payments and readings; they are closed up to October, November is billed."""
    with act() as session:
        person, company = factories.account(session, number="0000000017"), factories.account(session, is_company=True)
        assert company.legal_entity
        company.legal_entity.name = '=HYPERLINK("http://example.org")'
        for account, sum_of in ((person, "100.50"), (company, "1000.00")):
            for period in (date(2026, 6, 1), date(2026, 9, 1), OCTOBER, NOVEMBER):
                post(session, account, period, EntryKind.charge, sum_of)
                post(session, account, period, EntryKind.charge, "10.00", "sewerage")
                charge(session, account, period, "2.5")
        post(session, person, OCTOBER, EntryKind.payment, "-150.50")
        for source, meter in zip(
            (ReadingSource.cabinet, ReadingSource.phone),
            (factories.meter(session, person), factories.meter(session, company)),
            strict=True,
        ):
            factories.reading(session, meter, "5", NOVEMBER, source=source)
        factories.meter(session, person)
    with act() as session:
        close(session, *(date(2026, month, 1) for month in range(6, 11)))
        for group in PayerGroup:
            in_state(session, NOVEMBER, PeriodState.approved, group)
        facts.refresh(session)


@pytest.fixture
def manager(browser: Browser, act: Any) -> Browser:
    with act() as session:
        factories.user(session, "Manager", login="manager")
    browser.sign_in("manager", factories.PASSWORD)
    return browser


def drawn(page: Page) -> dict[str, Any]:
    """The figures of the chart."""
    return json.loads(next(e.text or "" for e in page.elements("script") if e.get("id") == "chart-data"))  # type: ignore[no-any-return]


def rows_of(page: Page) -> list[list[str]]:
    table = page.elements("table")[-1]
    rows = table.iter("tr")
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in rows]


def file_of(browser: Browser, url: str) -> list[list[str]]:
    text = browser.get(url).response.data.decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("has_figures", [True, False], ids=["counted", "nothing counted"])
def test_a_report_opens(manager: Browser, name: str, has_figures: bool, request: pytest.FixtureRequest) -> None:
    if has_figures:
        request.getfixturevalue("figures")
    page = manager.get(f"/reports/{name}")
    assert ("chart-data" in page.html) == has_figures


@pytest.mark.usefixtures("figures")
def test_collection_shows_what_was_charged_and_paid(manager: Browser) -> None:
    page = manager.get("/reports/collection?first=2026-10&last=2026-11&service=cold")
    october = [row for row in rows_of(page) if row[0].startswith("октябрь")]
    assert [cell.replace("\xa0", " ") for cell in october[0][3:]] == [
        "2 201,00 ₽",
        "1 100,50 ₽",
        "150,50 ₽",
        "13,7 %",
        "3 151,00 ₽",
    ]
    assert drawn(page)["series"][1]["values"] == ["150.50", "0.00"]
    both = manager.get("/reports/collection?first=2026-10&last=2026-10&group=population")
    assert drawn(both)["series"][0]["values"] == ["110.50"]


@pytest.mark.usefixtures("figures")
def test_consumption_shows_volumes_and_meters(manager: Browser) -> None:
    page = manager.get("/reports/consumption?first=2026-10&service=cold")
    assert drawn(page)["series"][0]["values"] == ["5.000", "5.000"]
    assert rows_of(page)[-1][2:] == ["2", "3", "5", "2,5"]


@pytest.mark.usefixtures("figures")
def test_coverage_shows_days_and_channels(manager: Browser) -> None:
    page = manager.get("/reports/coverage?period=2026-11")
    assert len(rows_of(page)) == 1 + 7 + 1
    by_day = {row[0]: row[1:] for row in rows_of(page)}
    assert by_day["22.11.2026"] == ["1", "1", "2", "2", "66,7 %"]
    assert by_day["21.11.2026"] == ["0", "0", "0", "0", "0,0 %"]


@pytest.mark.usefixtures("figures")
def test_debtors_are_filtered_by_group_sum_and_age(manager: Browser) -> None:
    def found(query: str = "") -> list[str]:
        return [row[-1].replace("\xa0", " ") for row in rows_of(manager.get(f"/reports/debtors?{query}"))[1:]]

    assert found() == ["3 030,00 ₽", "181,00 ₽"]
    assert found("group=population") == ["181,00 ₽"]
    assert found("at_least=1 000,5") == ["3 030,00 ₽"]
    assert found("age=days_over_90") == ["3 030,00 ₽", "181,00 ₽"]
    assert "3 211,00" in manager.get("/reports/debtors").text


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("collection?first=2026-11&last=2026-10", "last"),
        ("collection?first=abc", "first"),
        ("collection?service=gas", "service"),
        ("consumption?group=everybody", "group"),
        ("coverage?period=1999-01", "period"),
        ("debtors?at_least=NaN", "at_least"),
        ("debtors?at_least=1e309", "at_least"),
        ("debtors?age=total", "age"),
    ],
)
def test_a_wrong_filter_is_said_at_its_field(manager: Browser, query: str, field: str) -> None:
    page = manager.get(f"/reports/{query}", expect=422)
    assert page.error(field)
    name, _, rest = query.partition("?")
    assert manager.get(f"/reports/{name}/export.csv?{rest}", expect=422).error(field)


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("name", ["collection", "coverage", "consumption"])
def test_the_file_holds_the_rows_of_the_page(manager: Browser, name: str) -> None:
    shown = rows_of(manager.get(f"/reports/{name}"))
    kept = file_of(manager, f"/reports/{name}/export.csv")
    assert kept[0] == shown[0]
    assert [row[0] for row in kept] == [row[0] for row in shown if row[0] != "Всего"][: len(kept)]
    book = ZipFile(BytesIO(manager.get(f"/reports/{name}/export.xlsx").response.data))
    assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == len(kept)


@pytest.mark.usefixtures("figures")
def test_the_file_of_debtors_is_guarded_and_leaves_a_trace(manager: Browser, act: Any) -> None:
    kept = file_of(manager, "/reports/debtors/export.csv?group=other")
    assert [row[1] for row in kept[1:]] == ['\'=HYPERLINK("http://example.org")']
    assert kept[1][3:] == ["3030", "1010", "1010", "0", "1010"]
    assert file_of(manager, "/reports/debtors/export.csv?group=population")[1][0] == "0000000017"
    assert manager.get("/reports/debtors/export.xlsx").response.data.startswith(b"PK")
    with act() as session:
        events = session.scalars(select(AuditEvent)).all()
        assert [(event.action, event.object_type, event.detail) for event in events] == [
            ("exported", "account_debt", {})
        ] * 3


@pytest.mark.usefixtures("figures")
def test_odd_arguments_change_nothing(manager: Browser) -> None:
    for name in PAGES:
        manager.get(f"/reports/{name}?_scheme=x&suffix=y&_anchor=z&after=9999999999999999999.1")
        manager.get(f"/reports/{name}?after={'9' * 15}.{'9' * 9}")


def test_the_debtors_go_on_page_by_page_in_few_statements(manager: Browser, act: Any) -> None:
    with act() as session:
        for number in range(60):
            post(session, factories.account(session), OCTOBER, EntryKind.charge, f"{number // 2 + 1}.00")
        facts.refresh(session)
    manager.get("/reports/debtors")
    seen: list[str] = []
    url = "/reports/debtors?group=population"
    while url:
        with recorded() as statements:
            page = manager.get(url)
        assert len(statements) <= 7, statements
        assert not any("ledger_entry" in each or "account_period" in each for each in statements)
        seen += [row[0] for row in rows_of(page)[1:]]
        url = next((e.get("href", "") for e in page.elements("a") if e.get("rel") == "next"), "")
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("name", PAGES)
def test_a_report_asks_for_totals_only(manager: Browser, name: str) -> None:
    manager.get(f"/reports/{name}")
    with recorded() as statements:
        manager.get(f"/reports/{name}")
    assert len(statements) <= 7, statements
    asked = " ".join(statements)
    assert not any(f" {table} " in asked for table in ("ledger_entry", "charge", "reading", "account_period"))


@pytest.mark.parametrize(
    ("role", "open_pages"),
    [("Manager", PAGES), ("Cashier", ("collection",)), ("Operator", ()), ("Customer", ())],
)
def test_only_those_who_are_to_read_reports_open_them(
    browser: Browser, act: Any, role: str, open_pages: tuple[str, ...]
) -> None:
    with act() as session:
        factories.user(session, role, login="somebody")
    browser.sign_in("somebody", factories.PASSWORD)
    for name in PAGES:
        page = browser.get(f"/reports/{name}", expect=None, follow=False)
        assert (page.status == 200) == (name in open_pages)
        file = browser.client.get(f"/reports/{name}/export.csv", buffered=True)
        assert (file.status_code in (200, 422)) == (name in open_pages)


@pytest.mark.usefixtures("figures")
def test_reports_may_read_from_a_replica(manager: Browser, app: Flask, tmp_path: Any, request: Any) -> None:
    """The replica here is an empty schema of its own: the page has nothing, the main database has everything."""
    assert "chart-data" in manager.get("/reports/collection").html
    replica = create_engine(f"sqlite:///{tmp_path}/replica.db")
    with app.app_context():
        from app.model_types import metadata

        metadata().create_all(replica)
    before = app.config["REPORTS_DATABASE_URL"]
    request.addfinalizer(lambda: app.config.update(REPORTS_DATABASE_URL=before))
    app.config["REPORTS_DATABASE_URL"] = str(replica.url)
    for name in PAGES:
        assert "chart-data" not in manager.get(f"/reports/{name}").html
    assert len(file_of(manager, "/reports/debtors/export.csv")) == 1


def test_money_is_not_rounded_on_its_way(manager: Browser, act: Any) -> None:
    with act() as session:
        post(session, factories.account(session), OCTOBER, EntryKind.charge, "12345678901.23")
        facts.refresh(session)
    assert file_of(manager, "/reports/debtors/export.csv")[1][3] == "12345678901,23"
    page = manager.get("/reports/collection?first=2026-10&last=2026-10")
    assert drawn(page)["series"][0]["values"] == ["12345678901.23"]
