"""The window of an office: the paper that was shown, the slip, the first sign-in with it."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app import clock
from app.models import AccountAccess, AuditEvent, SiteUser
from tests import factories
from tests.conftest import Act
from tests.mail import delivered, link_in, text_of
from tests.page import Browser, Page
from tests.views.cabinet.entry import press
from tests.views.staff.desk import signed_in

DESK = "/staff/office"
GOOD = {
    "whom": "new",
    "last_name": "Петров",
    "first_name": "Олег",
    "document": "passport",
    "checked": "y",
    "consent": "y",
}


@pytest.fixture
def account_id(act: Act) -> int:
    with act() as session:
        factories.user(session, "Operator", login="olga", first_name="Ольга", last_name="Белова")
        account = factories.account(session, number="0012345678")
        account.customer.full_name = "Петров Олег Ильич"
        return account.id


@pytest.fixture
def olga(app: Flask, account_id: int) -> Browser:
    return signed_in(app, "olga")


def give(browser: Browser, account_id: int, **values: Any) -> Page:
    return browser.get(f"{DESK}/{account_id}").form("document").submit(**{**GOOD, **values})


def secrets_of(page: Page) -> tuple[str, str]:
    login = re.search(r"0012345678-\w{4}", page.text)
    password = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page.text)
    assert login
    assert password
    return login[0], password[0]


def test_the_slip_opens_the_cabinet_and_the_password_is_changed_at_once(
    olga: Browser, account_id: int, app: Flask, act: Act
) -> None:
    page = olga.get(f"{DESK}?q=12345678")
    page = olga.get(page.link("0012345678"))
    assert page.form("document").values["patronymic"] == "Ильич"
    page = page.form("document").submit(**GOOD)
    assert page.heading == "Login for the cabinet"
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "201-95-37" in page.text
    login, password = secrets_of(page)
    person = Browser(app, "en")
    assert person.sign_in(login, password, follow=True).path == "/recover/password"
    assert person.get("/cabinet/readings").path == "/recover/password"
    page = person.get("/recover/password").form("password").submit(password=factories.PASSWORD)
    assert page.path == "/cabinet/"
    assert "not given" in person.get("/cabinet/settings").text
    assert ".invalid" not in person.get("/cabinet/settings").text
    assert Browser(app, "en").sign_in(login, password, follow=True).path == "/login/"
    assert Browser(app, "en").sign_in(login, factories.PASSWORD, follow=True).path == "/cabinet/"
    with act() as session:
        trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "gave a password")).one()
        assert trace.detail == {"login": login, "document": "passport", "is_new": True}
        assert password not in str(trace.detail)


def test_the_password_is_shown_once(olga: Browser, account_id: int, act: Act) -> None:
    form = olga.get(f"{DESK}/{account_id}").form("document")
    _login, password = secrets_of(form.submit(**GOOD))
    again = form.submit(**GOOD)
    assert (again.status, password in again.html) == (422, False)
    assert password not in olga.get(f"{DESK}/{account_id}").html
    with act() as session:
        assert len(session.scalars(select(SiteUser.id).where(SiteUser.username.startswith("0012345678"))).all()) == 1


@pytest.mark.parametrize("field", ["whom", "last_name", "first_name", "document", "checked", "consent"])
def test_nothing_is_given_before_everything_is_ticked(olga: Browser, account_id: int, act: Act, field: str) -> None:
    page = give(olga, account_id, **{field: None})
    assert page.status == 422
    assert "summary" in page.html
    with act() as session:
        assert session.scalar(select(SiteUser.id).where(SiteUser.username.startswith("0012345678"))) is None


def test_a_lost_slip_is_printed_anew_for_the_cabinet_that_is_there(
    olga: Browser, account_id: int, app: Flask, act: Act
) -> None:
    login, lost = secrets_of(give(olga, account_id))
    with act() as session:
        user_id = session.scalars(select(SiteUser.id).where(SiteUser.username == login)).one()
    page = give(olga, account_id, whom=str(user_id), consent=None, last_name="", first_name="")
    assert secrets_of(page)[0] == login
    assert secrets_of(page)[1] != lost
    assert Browser(app, "en").sign_in(login, secrets_of(page)[1], follow=True).path == "/recover/password"


def test_an_e_mail_named_at_the_window_is_confirmed_by_its_letter(
    olga: Browser, account_id: int, app: Flask, act: Act
) -> None:
    login, _password = secrets_of(give(olga, account_id, email="Oleg@example.org"))
    link = link_in(delivered(app, "oleg@example.org")[0], "/email/confirm/")
    press(Browser(app), link)
    with act() as session:
        assert session.scalars(select(SiteUser.email).where(SiteUser.username == login)).one() == "oleg@example.org"


def test_whoever_sees_the_account_already_is_told_of_the_new_cabinet(
    olga: Browser, account_id: int, app: Flask, act: Act
) -> None:
    with act() as session:
        holder = factories.user(session, email="holder@example.org", locale="en").id
        session.add(AccountAccess(user_id=holder, account_id=account_id, basis="test", granted_at=clock.now()))
    give(olga, account_id)
    assert "Олег, in an office" in text_of(delivered(app, "holder@example.org")[0])


def test_the_cabinet_of_somebody_else_cannot_be_chosen(olga: Browser, account_id: int, act: Act) -> None:
    with act() as session:
        stranger = factories.user(session).id
    assert give(olga, account_id, whom=str(stranger)).status == 422


def test_an_account_of_a_company_is_not_served_here(olga: Browser, account_id: int, act: Act) -> None:
    with act() as session:
        company = factories.account(session, is_company=True, number="5900000001")
        pk = company.id
    olga.get(f"{DESK}/{pk}", expect=404)
    assert f"{DESK}/{pk}" not in olga.get(f"{DESK}?q=5900000001").html
    olga.get(f"{DESK}/999", expect=404)


@pytest.mark.parametrize("who", ["Customer", "Company", "Cashier", "Manager"])
def test_nobody_but_operators_gives_passwords(account_id: int, app: Flask, act: Act, who: str) -> None:
    with act() as session:
        factories.user(session, who, login="somebody")
    visitor = signed_in(app, "somebody")
    for path in ("", f"/{account_id}"):
        assert visitor.client.get(f"{DESK}{path}").status_code in (302, 403)


def test_a_page_that_came_back_with_errors_leaves_a_trace_too(olga: Browser, account_id: int, act: Act) -> None:
    form = olga.get(f"{DESK}/{account_id}").form("document")
    with act() as session:
        session.execute(delete(AuditEvent))
    assert form.submit().status == 422
    with act() as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["looked"]
