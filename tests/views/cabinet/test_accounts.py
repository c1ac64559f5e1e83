"""Accounts: the list, and which one the pages are about."""

from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.household import household
from tests.page import Browser
from tests.statements import recorded


@pytest.fixture
def second_id(act: Any) -> int:
    """The second account of Irina, who has two."""
    with act() as session:
        owner, _ = household(session, factories.user(session, login="irina"))
        house = factories.premises(session, street="ул. Мельничная", house="3", flat="")
        return factories.account(session, owner, number="0051770032", premises=house).id


@pytest.fixture
def visitor(app: Flask, second_id: int) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def test_each_account_tells_its_address_balance_and_services(visitor: Browser) -> None:
    page = visitor.get("/cabinet/accounts")
    assert "To pay: 1,240.50 ₽" in page.text
    assert "You owe nothing" in page.text
    assert "0051770032" in page.text
    assert "Cold water, Sewerage" in page.text


def test_choosing_an_account_changes_what_the_pages_are_about(visitor: Browser, second_id: int) -> None:
    page = visitor.get("/cabinet/readings")
    form = next(form for form in forms(page) if form.action.endswith(f"/{second_id}/choose"))
    chosen = form.submit()
    assert chosen.path == "/cabinet/readings"
    assert "charged by the normative" in chosen.text  # the second account has no meters


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/cabinet/",
        "//evil.example/cabinet/",
        "/login/",
        "",
        "/cabinet/\\x",
        "http://[",
        "/cabinet/../login/",
    ],
)
def test_the_way_back_never_leaves_the_cabinet(visitor: Browser, second_id: int, where: str) -> None:
    form = next(form for form in forms(visitor.get("/cabinet/accounts")) if form.action.endswith("/choose"))
    assert form.submit(next=where).path == "/cabinet/"


def test_a_foreign_account_cannot_be_chosen(visitor: Browser, act: Any) -> None:
    with act() as session:
        foreign = factories.account(session).id
    token = visitor.get("/cabinet/accounts").form("csrf_token").values["csrf_token"]
    for pk in (foreign, 99999):
        assert visitor.post(f"/cabinet/accounts/{pk}/choose", data={"csrf_token": token}).status == 404


def test_choosing_takes_a_token(visitor: Browser, second_id: int) -> None:
    assert visitor.post(f"/cabinet/accounts/{second_id}/choose").status == 400
    visitor.get(f"/cabinet/accounts/{second_id}/choose", expect=405)


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    with recorded() as statements:
        visitor.get("/cabinet/accounts")
    assert len(statements) <= 6


def test_somebody_without_accounts_is_told_what_to_do(app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, login="nobody")
    browser = Browser(app, language="en")
    browser.sign_in("nobody", factories.PASSWORD)
    assert "no account in your cabinet" in browser.get("/cabinet/accounts").text


def forms(page: Any) -> list[Any]:
    from tests.page import Form

    return [Form(page, element) for element in page.elements("form")]
