"""Files of a list: every row that the list has, in its order, and nothing that a spreadsheet would run."""

import csv
import io
from datetime import date
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from app.models import AuditEvent, Customer
from app.panel.exports import guarded
from tests import factories
from tests.page import Browser


def _csv(browser: Browser, address: str, delimiter: str = ";") -> list[list[str]]:
    answer = browser.client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=delimiter))


@pytest.fixture
def many(act: Any) -> None:
    with act() as session:
        session.add_all(Customer(full_name=f"Номер {n:04}", phone=f"7342200{n:04}") for n in range(5000))


def test_a_file_holds_every_row_of_the_list(many: None, operator: Browser) -> None:
    rows = _csv(operator, "/staff/customers/export.csv?_oc_StaffCustomersView=full_name&_od_StaffCustomersView=desc")
    assert len(rows) == 5001
    assert rows[1][0] == "Номер 4999"
    assert rows[-1][0] == "Номер 0000"


def test_a_file_holds_what_the_list_is_filtered_by(many: None, operator: Browser) -> None:
    page = operator.get("/staff/customers/list/?_flt_0_full_name=номер 12")
    link = next(each.get("href", "") for each in page.elements("a") if "export.csv" in each.get("href", ""))
    assert len(_csv(operator, link)) == 101


def test_numbers_dates_and_relations_are_written_as_spreadsheets_read_them(act: Any, operator: Browser) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session, number="0000012345"), serial="=1+1")
        factories.reading(session, meter, "1234.5", date(2026, 10, 1))
    russian = _csv(operator, "/staff/readings/export.csv")
    assert russian[1][:4] == ["22.10.2026", "0000012345", "'=1+1", "1234,5"]
    operator.client.get("/lang/en")
    assert _csv(operator, "/staff/readings/export.csv", ",")[1][3] == "1234.5"


def test_a_workbook_holds_numbers_and_texts(act: Any, operator: Browser) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session, number="0000012345"), serial="=1+1")
        factories.reading(session, meter, "1234.5", date(2026, 10, 1))
    answer = operator.client.get("/staff/readings/export.xlsx")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    cells = _second_row(answer.data)
    assert [kind for kind, _ in cells[:4]] == ["", "inlineStr", "inlineStr", ""]
    assert [text for _, text in cells[1:4]] == ["0000012345", "=1+1", "1234.500"]


def test_a_text_stays_in_its_cell_whatever_parts_cells(act: Any, operator: Browser) -> None:
    """Where a semicolon parts cells, the second half of the text would begin a cell, and be a formula."""
    with act() as session:
        session.add(Customer(full_name="а;=1+1", phone="73422000000"))
    for language in ("ru", "en"):
        operator.client.get(f"/lang/{language}")
        assert '"а;=1+1"' in operator.client.get("/staff/customers/export.csv").data.decode("utf-8")


def _second_row(book: bytes) -> list[tuple[str, str]]:
    """Kind and text of the cells, from the sheet's own XML: a formula would be an element of its own."""
    sheet = ElementTree.fromstring(ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert sheet.find(f".//{space}f") is None
    row = sheet.findall(f".//{space}row")[1]
    return [(cell.get("t", ""), "".join(cell.itertext())) for cell in row]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@a", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_is_a_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_a_customer_takes_no_file(act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, "Customer", login="guest")
    browser.sign_in("guest", factories.PASSWORD)
    browser.get("/staff/customers/export.csv", expect=403)


def test_taking_people_away_as_a_file_leaves_a_trace(act: Any, operator: Browser) -> None:
    operator.client.get("/staff/customers/export.csv")
    with act() as session:
        event = session.scalars(select(AuditEvent)).one()
        assert (event.action, event.object_type) == ("exported", "customer")
