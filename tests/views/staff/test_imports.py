"""Files of other systems, taken in through the pages of operators and cashiers."""

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import Account, AccountStatus, BankOperation, ImportBatch
from tests import factories
from tests.domain import exports
from tests.page import Browser, Form, Page

ACCOUNTS, PAYMENTS = "/staff/imports/accounts", "/staff/imports/payments"


@pytest.fixture
def staff(act: Any) -> None:
    with act() as session:
        factories.user(session, "Operator", login="operator")
        factories.user(session, "Cashier", login="cashier")


@pytest.fixture
def operator(staff: None, app: Any) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("operator", factories.PASSWORD)
    return browser


def upload(browser: Browser, content: bytes, name: str = "export.csv", url: str = ACCOUNTS) -> Page:
    form = browser.get(url).form("profile", "file")
    return form.submit(file=(io.BytesIO(content), name))


def press(page: Page, act: str) -> Page:
    """Send the form of the page that leads to the act."""
    forms = (Form(page, element) for element in page.elements("form"))
    return next(form for form in forms if form.action.endswith(f"/{act}")).submit()


def test_a_file_is_looked_into_taken_in_and_its_refused_lines_taken_away(operator: Browser, act: Any) -> None:
    page = upload(operator, exports.ACCOUNTS.read_bytes(), "выгрузка.csv")

    assert page.status == 200
    assert page.heading == "выгрузка.csv"
    assert "Windows-1251" in page.text
    assert "525" in page.text
    assert "Алексеева Анна Сергеевна" in page.text
    with act() as session:
        assert session.scalar(select(func.count(Account.id))) == 0

    result = press(page, "start")
    assert "400" in result.text
    assert "473" in result.text
    assert "418,378.69" in result.text
    assert "INN checksum" in result.text

    refused = operator.client.get(result.link("Take the refused lines away"))
    lines = refused.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 8
    assert lines[1].startswith('46,reading has more digits than the meter,"4815162345;')
