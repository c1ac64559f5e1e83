"""Sign-in: what everybody is told, how guessing is held off, how sessions end."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app import clock
from app.models import SignInLock, SiteUser, UserSession
from tests import factories
from tests.factories import PASSWORD
from tests.page import Browser


@pytest.fixture
def customer(act: Any) -> str:
    with act() as session:
        user = factories.user(session, "Customer", login="irina", email="Irina@Example.org")
        factories.account(session, user)
    return "irina"


@pytest.mark.parametrize("login", ["irina", "IRINA", " irina ", "irina@example.org", "IRINA@EXAMPLE.ORG"])
def test_login_and_email_are_taken_in_any_letter_case(login: str, customer: str, browser: Browser) -> None:
    assert browser.sign_in(login, PASSWORD).path == "/cabinet/"


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
    assert browser.sign_in("irina", PASSWORD).status == 422
    assert Browser(browser.app).sign_in("oleg", PASSWORD).status == 200


def test_a_lock_ends_by_itself(customer: str, browser: Browser) -> None:
    for _ in range(11):
        browser.sign_in("irina", "wrong-one-1")
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        assert browser.sign_in("irina", PASSWORD).path == "/cabinet/"


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


def test_a_bearer_token_dies_with_the_password(customer: str, act: Any, browser: Browser) -> None:
    body = {"username": "irina", "password": PASSWORD, "provider": "db"}
    token = browser.client.post("/api/v1/security/login", json=body).json["access_token"]
    with act() as session:
        session.execute(update(SiteUser).values(password_changed_at=clock.now() + timedelta(seconds=2)))
    answer = browser.client.get("/api/v1/accounts/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_right_password_forgives_the_tries_before(customer: str, act: Any, browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("irina", "wrong-one-1")
    browser.sign_in("irina", PASSWORD)
    with act() as session:
        assert [row.key for row in session.scalars(select(SignInLock)) if row.key.startswith("login:")] == []


def test_the_old_cookie_is_worth_nothing_after_sign_out(customer: str, browser: Browser) -> None:
    page = browser.sign_in("irina", PASSWORD)
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
    "target", ["https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
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
    page = browser.sign_in("irina", PASSWORD)
    headers = page.response.headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    cookie = browser.client.get_cookie("session")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
