"""The leak test in the browser: begun, left, ended, begun anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.models import Account, SiteUser
from tests import factories, household
from tests.conftest import Act
from tests.page import Browser, Page

NOW = clock.now()


@pytest.fixture(autouse=True)
def standing() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def visitor(act: Act, browser: Browser) -> Browser:
    with act() as session:
        user = factories.user(session, "Customer", login="irina")
        factories.meter(session, factories.account(session, user), serial="17-304561")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def end(standing: Any, visitor: Browser, value: str) -> Page:
    """An hour later; what comes after comes then too."""
    standing.shift(timedelta(hours=1))
    return visitor.get("/cabinet/leak").form("value").submit(value=value)


def test_a_leak_is_told_in_litres(standing: Any, visitor: Browser) -> None:
    start = visitor.get(visitor.get("/cabinet/meters").link("Нет ли утечки?"))
    begun = start.form("meter", "value").submit(value="123,456")
    assert (begun.status, begun.path) == (200, "/cabinet/leak")
    assert "17-304561" in begun.text
    result = end(standing, visitor, "123,468")
    assert "12 литров в час" in result.text
    assert "8,8 м³" in result.text
    assert "12 литров в час" in visitor.get("/cabinet/leak").text


def test_no_leak_is_told_too_and_the_test_begins_anew(standing: Any, visitor: Browser) -> None:
    visitor.get("/cabinet/leak").form("value").submit(value="123,456")
    result = end(standing, visitor, "123,456")
    assert "не нашли" in result.heading
    token = result.form("csrf_token").values["csrf_token"]
    assert visitor.post("/cabinet/leak", data={"csrf_token": token, "act": "anew"}).form("meter", "value")


@pytest.mark.parametrize("value", ["", "123", "abc", "-1,5", "1e309", "NaN", "9" * 40])
def test_what_tells_nothing_is_asked_again(visitor: Browser, value: str) -> None:
    page = visitor.get("/cabinet/leak").form("value").submit(value=value)
    assert page.status == 422
    assert page.error("value")
    assert page.form("value").values["value"] == value


def test_the_second_look_may_not_be_too_early_nor_below_the_first(standing: Any, visitor: Browser) -> None:
    begun = visitor.get("/cabinet/leak").form("value").submit(value="123,456")
    early = begun.form("value").submit(value="123,456")
    assert early.status == 422
    assert end(standing, visitor, "123,400").error("value")


def test_the_meter_of_another_is_not_tested(visitor: Browser, act: Act) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session, number="0048213999")).id
    assert visitor.get("/cabinet/leak").form("value").submit(value="1,5", meter=str(foreign)).status == 422


def test_the_loss_is_told_in_roubles_where_the_price_is_known(standing: Any, visitor: Browser, act: Act) -> None:
    with act() as session:
        household.prices(session)
    visitor.get("/cabinet/leak").form("value").submit(value="123,456")
    assert "₽" in end(standing, visitor, "123,468").text


def test_a_test_of_another_account_begins_after_one_that_has_ended(standing: Any, visitor: Browser, act: Act) -> None:
    with act() as session:
        user = session.scalars(select(SiteUser).where(SiteUser.username == "irina")).one()
        other = factories.account(session, user).id
        factories.meter(session, session.get_one(Account, other), serial="18-000001")
    visitor.get("/cabinet/leak").form("value").submit(value="123,456")
    token = end(standing, visitor, "123,468").form("csrf_token").values["csrf_token"]
    visitor.post(f"/cabinet/accounts/{other}/choose", data={"csrf_token": token})
    begun = visitor.get("/cabinet/leak").form("value").submit(value="5,5")
    assert "18-000001" in begun.text
    assert begun.form("value")
