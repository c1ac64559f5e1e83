"""Sign-in: what everybody is told, how guessing is held off, how sessions end."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select, update

from app import clock
from app.models import SignInLock, SiteUser, UserSession
from app.queries import people
from tests import factories
from tests.factories import PASSWORD
from tests.page import Browser
from tests.views.cabinet.entry import enter


@pytest.fixture
def customer(act: Any) -> str:
    with act() as session:
        user = factories.user(session, "Customer", login="irina", email="Irina@Example.org")
        factories.account(session, user)
    return "irina"


@pytest.mark.parametrize("login", ["irina", "IRINA", " irina ", "irina@example.org", "IRINA@EXAMPLE.ORG"])
def test_login_and_email_are_taken_in_any_letter_case(login: str, customer: str, browser: Browser) -> None:
    assert browser.sign_in(login, PASSWORD, follow=True).path == "/cabinet/"


def test_a_wrong_password_an_unknown_login_and_an_unconfirmed_one_get_one_answer(
    customer: str, act: Any, browser: Browser
) -> None:
    with act() as session:
        factories.user(session, "Customer", login="sleeping", active=False, email_confirmed_at=None)
    answers = [
        browser.sign_in(*pair) for pair in (("irina", "wrong-one-1"), ("nobody", PASSWORD), ("sleeping", PASSWORD))
    ]
    assert {page.status for page in answers} == {422}
    assert len({page.error("password") for page in answers}) == 1
    assert answers[0].form("username", "password").values["username"] == "irina"


def test_guessing_is_held_off_while_another_login_still_gets_in(customer: str, act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, "Customer", login="oleg")
    for _ in range(11):
        browser.sign_in("irina", "wrong-one-1")
    assert browser.sign_in("irina", PASSWORD, follow=True).status == 422
    assert Browser(browser.app).sign_in("oleg", PASSWORD, follow=True).status == 200


def test_a_lock_ends_by_itself(customer: str, browser: Browser) -> None:
    for _ in range(11):
        browser.sign_in("irina", "wrong-one-1")
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        assert browser.sign_in("irina", PASSWORD, follow=True).path == "/cabinet/"


def test_rest_sign_in_is_held_off_by_the_same_counter(customer: str, browser: Browser) -> None:
    body = {"username": "irina", "password": "wrong-one-1", "provider": "db"}
    for _ in range(11):
        assert browser.client.post("/api/v1/security/login", json=body).status_code == 401
    body["password"] = PASSWORD
    assert browser.client.post("/api/v1/security/login", json=body).status_code == 401


@pytest.mark.parametrize("sign", ["\\ud800", "\\u0000"])
@pytest.mark.parametrize("field", ["username", "password"])
def test_rest_sign_in_with_signs_that_no_text_has_is_a_wrong_one(
    field: str, sign: str, customer: str, browser: Browser
) -> None:
    values = {"username": "irina", "password": PASSWORD, "provider": "db", field: "irina-SIGN-1"}
    body = json.dumps(values).replace("SIGN", sign)
    answer = browser.client.post("/api/v1/security/login", data=body, content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "field"), [("/login/", "username"), ("/login/", "password"), ("/recover", "login"), ("/register", "fact")]
)
def test_nul_byte_is_dropped_from_every_form(path: str, field: str, customer: str, browser: Browser) -> None:
    form = browser.get(path).form(field)
    answer = browser.client.post(path, data={**form.values, "username": "irina", field: "iri\x00na"})
    assert answer.status_code < 500
    assert "iri\x00na" not in answer.text and (field == "password" or path == "/recover" or "irina" in answer.text)


@pytest.mark.parametrize("value", [5, ["irina"], {"a": 1}, None])
def test_form_takes_no_json(value: Any, customer: str, browser: Browser) -> None:
    token = browser.get("/recover").form("login").values["csrf_token"]
    answer = browser.client.post("/recover", json={"login": value}, headers={"X-CSRFToken": token})
    assert answer.status_code == 422


class Program:
    """A program that signed in through REST, with the tokens it was given."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        body = {"username": "vera", "password": PASSWORD, "provider": "db", "refresh": True}
        self.tokens = self.client.post("/api/v1/security/login", json=body).json or {}

    def reads(self) -> int:
        return self.client.get("/api/v1/accounts/", headers=self._bearer("access_token")).status_code

    def refreshes(self) -> int:
        answer = self.client.post("/api/v1/security/refresh", headers=self._bearer("refresh_token"))
        self.tokens |= answer.json or {}
        return answer.status_code

    def _bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}


@pytest.fixture
def program(app: Flask, act: Any) -> Program:
    with act() as session:
        factories.user(session, "Operator", login="vera")
    return Program(app)


def test_a_bearer_reads_and_is_refreshed_while_its_session_is_open(program: Program) -> None:
    assert (program.reads(), program.refreshes(), program.reads()) == (200, 200, 200)


def test_a_bearer_dies_when_its_owner_is_signed_out_everywhere(program: Program, app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        vera = session.scalars(select(SiteUser.id).where(SiteUser.username == "vera")).one()
    boss = Browser(app)
    boss.sign_in("boss", PASSWORD)
    token = boss.get("/staff/users/list/").form("csrf_token").values["csrf_token"]
    data = {"csrf_token": token, "action": "end_sessions", "rowid": str(vera)}
    assert boss.client.post("/staff/users/action", data=data).status_code == 303
    assert (program.reads(), program.refreshes()) == (401, 401)
    assert Program(app).reads() == 200


def test_a_bearer_dies_with_the_password(program: Program, app: Flask) -> None:
    vera = Browser(app)
    vera.sign_in("vera", PASSWORD)
    form = vera.get("/staff/password").form("password")
    form.submit(current=PASSWORD, password="тихая лодка под мостом")
    assert (program.reads(), program.refreshes()) == (401, 401)


def test_a_program_is_one_of_the_devices_and_is_signed_out_alone(program: Program, app: Flask, act: Any) -> None:
    other = Program(app)
    with act() as session:
        first, _second = session.scalars(select(UserSession).order_by(UserSession.id))
        assert "Werkzeug" in first.device
        first.ended_at = clock.now()
    assert (program.reads(), other.reads()) == (401, 200)


def test_an_idle_program_is_signed_out_and_one_that_refreshes_is_not(program: Program, app: Flask) -> None:
    start = clock.now()
    other = Program(app)
    for hours in (8, 16):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            assert other.refreshes() == 200
    with time_machine.travel(start + timedelta(hours=16), tick=True):
        assert program.refreshes() == 401


def test_a_token_of_a_cookie_is_none_of_a_program(app: Flask, browser: Browser, customer: str) -> None:
    """A token signed by us that names no session opens nothing."""
    with app.test_request_context():
        token = jwt.encode(
            {"sub": "1", "type": "access", "jti": "x", "iat": int(clock.now().timestamp()), "fresh": True},
            app.config["SECRET_KEY"],
        )
    answer = browser.client.get("/api/v1/accounts/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.usefixtures("customer")
def test_nothing_of_a_visitor_stays_in_the_cookie_after_sign_in_and_sign_out(browser: Browser) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["registering"], cookie["locale"] = "somebody@example.org", "en"
    browser.sign_in("irina", PASSWORD)
    with browser.client.session_transaction() as cookie:
        assert "registering" not in cookie
        cookie["account_id"] = 5
    browser.post("/logout/", data={"csrf_token": browser.get("/offices").form("csrf_token").values["csrf_token"]})
    with browser.client.session_transaction() as cookie:
        assert set(cookie) <= {"locale", "csrf_token", "_permanent"}
        assert cookie["locale"] == "en"


def test_a_role_that_an_administrator_made_is_staffs(app: Flask, act: Any, browser: Browser) -> None:
    with act() as session:
        reads = {("can_list", "StaffCustomersView"), ("can_show", "StaffCustomersView")}
        pairs = [
            pair for pair in people.permission_pairs(session) if (pair.permission.name, pair.view_menu.name) in reads
        ]
        session.add(Role(name="Readers of customers", permissions=pairs))
        session.flush()
        factories.user(session, "Readers of customers", login="vera")
        pk = factories.account(session).customer_id
    enter(browser, "vera")
    assert browser.get(f"/staff/customers/show/{pk}").status == 200


def test_a_customer_with_a_further_role_stays_a_customer(app: Flask, act: Any, browser: Browser) -> None:
    with act() as session:
        irina = factories.user(session, login="irina")
        mine = factories.account(session, irina).number
        foreign = factories.account(session).number
        irina.roles.append(Role(name="Something more"))
    enter(browser, "irina")
    page = browser.get("/cabinet/accounts")
    assert mine in page.text and foreign not in page.text


def test_a_right_password_forgives_the_tries_before(customer: str, act: Any, browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("irina", "wrong-one-1")
    browser.sign_in("irina", PASSWORD)
    with act() as session:
        assert [row.key for row in session.scalars(select(SignInLock)) if row.key.startswith("login:")] == []


def test_the_old_cookie_is_worth_nothing_after_sign_out(customer: str, browser: Browser) -> None:
    page = browser.sign_in("irina", PASSWORD, follow=True)
    cookie = browser.client.get_cookie("session")
    page.form().submit() if page.form().action.endswith("/logout/") else browser.post("/logout/")
    thief = Browser(browser.app)
    assert cookie is not None
    thief.client.set_cookie("session", cookie.value)
    assert "/login/" in thief.get("/cabinet/", expect=None).url


def test_an_idle_session_ends(customer: str, act: Any, browser: Browser) -> None:
    browser.sign_in("irina", PASSWORD)
    with act() as session:
        session.execute(update(UserSession).values(seen_at=clock.now() - timedelta(hours=13)))
    assert "/login/" in browser.get("/cabinet/", expect=None).url


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "http://rodnik.invalid/x",
        "//rodnik.invalid/x",
        "http:rodnik.invalid",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_next_never_leaves_the_site(target: str, customer: str, browser: Browser) -> None:
    page = browser.get("/login/", query_string={"next": target}).form("username", "password")
    answer = page.page.browser.post(
        page.action, data={**page.values, "username": "irina", "password": PASSWORD}, follow=False
    )
    assert answer.response.location.startswith("/") and not answer.response.location.startswith(("//", "/\\"))


def test_a_foreign_host_is_refused(browser: Browser) -> None:
    assert browser.client.get("/login/", headers={"Host": "evil.example"}).status_code == 400


def test_sign_out_by_a_link_is_not_possible(customer: str, browser: Browser) -> None:
    browser.sign_in("irina", PASSWORD)
    assert browser.client.get("/logout/").status_code == 405


def test_a_post_without_a_token_is_refused(customer: str, browser: Browser) -> None:
    answer = browser.client.post("/login/", data={"username": "irina", "password": PASSWORD})
    assert answer.status_code == 400


def test_headers_hold_on_every_answer(customer: str, browser: Browser) -> None:
    page = browser.sign_in("irina", PASSWORD, follow=True)
    headers = page.response.headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    cookie = browser.client.get_cookie("session")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
