"""A company with more accounts than one page or the switcher shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import factories
from tests.conftest import acting_in, fresh_database
from tests.page import Browser, Form, Page
from tests.statements import recorded


@pytest.fixture(scope="module")
def company(app: Flask, database_url: str, data_dir: Path) -> Iterator[Browser]:
    with fresh_database(app, database_url, data_dir):
        with acting_in(app)() as session:
            owner = factories.user(session, "Company", login="company")
            for n in range(1, 29):
                site = factories.premises(session, street="ул. Заводская", house=str(n), flat="")
                factories.account(session, owner, is_company=True, number=f"00770{n:03d}", premises=site)
            foreign = factories.premises(session, street="ул. Заводская", house="99", flat="")
            factories.account(session, number="00770099", premises=foreign)
        browser = Browser(app, language="en")
        browser.sign_in("company", factories.PASSWORD)
        yield browser


def test_every_account_stands_on_some_page_of_25(company: Browser) -> None:
    first = company.get("/cabinet/accounts")
    second = company.get(first.link("Further"))
    pages = [listed(page) for page in (first, second)]
    assert [len(page) for page in pages] == [25, 3]
    assert not pages[0] & pages[1]
    assert company.get(second.link("Back")).text == first.text


@pytest.mark.parametrize("asked", ["00770028", "770028", "заводская 28", "Заводская, 28"])
def test_an_account_is_found_by_its_number_and_its_address(company: Browser, asked: str) -> None:
    found = company.get("/cabinet/accounts").form("q").submit(q=asked)
    assert listed(found) == {"00770028"}
    assert found.form("q").values["q"] == asked


@pytest.mark.parametrize("asked", ["99", "00770099", "%", "ул. Ленина" * 50])
def test_what_is_not_there_is_said_to_be_not_there(company: Browser, asked: str) -> None:
    page = company.get("/cabinet/accounts", query_string={"q": asked})
    assert not listed(page)
    assert "Nothing is found" in page.text


def test_the_last_account_can_be_chosen_and_paid_for(company: Browser) -> None:
    found = company.get("/cabinet/accounts", query_string={"q": "00770028"})
    form = next(form for form in forms(found) if form.action.endswith("/choose") and not form.values.get("next"))
    home = form.submit()
    assert "account 00770028" in home.text
    form = home.form("account_id", "amount", "basis")
    assert form.submit(amount="10", basis="Аванс по договору").path == "/cabinet/payments/confirm"


def test_the_switcher_shows_some_and_leads_to_all(company: Browser) -> None:
    page = company.get("/cabinet/")
    assert len([form for form in forms(page) if form.values.get("next")]) <= 11
    assert company.get(page.link("All accounts")).path == "/cabinet/accounts"


def test_no_page_asks_for_all_accounts(company: Browser) -> None:
    for path, most in (("/cabinet/accounts", 8), ("/cabinet/", 16)):
        with recorded() as statements:
            company.get(path)
        assert len(statements) <= most


def listed(page: Page) -> set[str]:
    """The numbers of the accounts that the list shows."""
    (main,) = page.elements("main")
    return set(re.findall(r"00770\d{3}", "".join(main.itertext())))


def forms(page: Page) -> list[Form]:
    return [Form(page, element) for element in page.elements("form")]
