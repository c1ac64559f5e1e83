"""The second factor in the browser and for programs: setting it, signing in with it, losing it."""

import re
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import recovery, second_factor
from app.models import SiteUser
from app.seal import sealed
from app.security.views import CODE_WITHIN
from tests import factories, mail
from tests.conftest import Act
from tests.factories import PASSWORD
from tests.page import Browser, Page

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _standing_clock() -> Any:
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture
def clerk(act: Act) -> str:
    with act() as session:
        factories.user(session, "Operator", login="olga")
    return "olga"


@pytest.fixture
def required(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "STAFF_SECOND_FACTOR", "required")


def code_of(secret: str, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * later)


def set_in_browser(browser: Browser) -> tuple[str, list[str]]:
    """The secret and the codes on paper that the pages show."""
    start = browser.get("/staff/second-factor/")
    shown = re.search(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", start.text)
    assert shown
    secret = shown[0].replace(" ", "")
    done = start.form("code").submit(code=code_of(secret))
    return secret, re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", done.text)


def sign_in(app: Flask, code: str) -> Page:
    browser = Browser(app)
    step = browser.sign_in("olga", PASSWORD, follow=True)
    assert step.path == "/login/code"
    return step.form("code").submit(code=code)


def test_the_password_alone_opens_nothing_once_it_is_set(app: Flask, clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, codes = set_in_browser(browser)
    assert len(codes) == second_factor.CODES
    visitor = Browser(app)
    visitor.sign_in(clerk, PASSWORD)
    assert visitor.get("/staff/", expect=None).path == "/login/"
    assert sign_in(app, code_of(secret, later=1)).path == "/staff/"
    assert sign_in(app, codes[0]).path == "/staff/"
    refused = sign_in(app, codes[0])
    assert (refused.status, refused.path) == (422, "/login/code")
    assert refused.error("code")


def test_a_wrong_first_code_keeps_the_secret_that_was_shown(clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    start = browser.get("/staff/second-factor/")
    again = start.form("code").submit(code="000000")
    assert again.status == 422
    assert again.error("code")
    assert again.form("code").values["offered"] == start.form("code").values["offered"]


def test_guessing_the_code_is_held_off(app: Flask, clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, _codes = set_in_browser(browser)
    step = Browser(app).sign_in(clerk, PASSWORD, follow=True)
    for _ in range(second_factor.TRIES):
        step = step.form("code").submit(code="000000")
    assert step.form("code").submit(code=code_of(secret, later=1)).status == 422


def test_the_password_is_asked_again_after_a_while(app: Flask, clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, _codes = set_in_browser(browser)
    step = Browser(app).sign_in(clerk, PASSWORD, follow=True)
    with time_machine.travel(clock.now() + CODE_WITHIN * 1.1, tick=False):
        assert step.form("code").submit(code=code_of(secret)).path == "/login/"


def test_the_second_step_is_nothing_without_the_first(browser: Browser) -> None:
    assert browser.get("/login/code").path == "/login/"


def test_where_it_is_required_the_panel_waits_for_it(clerk: str, browser: Browser, required: None) -> None:
    assert browser.sign_in(clerk, PASSWORD, follow=True).path == "/staff/second-factor/"
    assert browser.get("/staff/accounts/list/").path == "/staff/second-factor/"
    secret, _codes = set_in_browser(browser)
    state = browser.get("/staff/second-factor/")
    assert "formaction" not in state.html
    off = browser.post("/staff/second-factor/off", data={**state.form("code").values, "code": code_of(secret, later=1)})
    assert off.status == 422
    assert browser.get("/staff/accounts/list/").path == "/staff/accounts/list/"


def test_a_customer_is_not_asked_for_one(act: Act, browser: Browser, required: None) -> None:
    with act() as session:
        factories.account(session, factories.user(session, "Customer", login="irina"))
    assert browser.sign_in("irina", PASSWORD, follow=True).path == "/cabinet/"
    assert browser.get("/staff/second-factor/", expect=None).status in (403, 404)


def test_it_is_turned_off_with_a_code_and_not_without(clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, _codes = set_in_browser(browser)
    state = browser.get("/staff/second-factor/").form("code")
    assert browser.post("/staff/second-factor/off", data={**state.values, "code": "000000"}).status == 422
    browser.post("/staff/second-factor/off", data={**state.values, "code": code_of(secret, later=1)})
    assert Browser(browser.app).sign_in(clerk, PASSWORD, follow=True).path == "/staff/"


def test_new_codes_on_paper_take_the_place_of_the_old_ones(app: Flask, clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, codes = set_in_browser(browser)
    page = browser.get("/staff/second-factor/").form("code").submit(code=code_of(secret, later=1))
    assert len(re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page.text)) == second_factor.CODES
    assert sign_in(app, codes[0]).status == 422


def test_an_administrator_turns_it_off_for_whoever_lost_the_phone(act: Act, app: Flask, browser: Browser) -> None:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        clerk = factories.user(session, "Operator", login="olga")
        second_factor_set(clerk)
        clerk_id = clerk.id
    browser.sign_in("boss", PASSWORD)
    users = browser.get("/staff/users/list/").form("rowid")
    users.submit(("action", "forget_second_factor"), rowid=str(clerk_id))
    assert Browser(app).sign_in("olga", PASSWORD, follow=True).path == "/staff/"


def second_factor_set(user: SiteUser) -> None:
    user.totp_secret, user.totp_since = sealed(SECRET), clock.now()


def test_programs_bring_the_code_beside_the_password(act: Act, browser: Browser) -> None:
    with act() as session:
        second_factor_set(factories.user(session, "Operator", login="olga"))
    body: dict[str, Any] = {"username": "olga", "password": PASSWORD, "provider": "db"}
    ask = browser.client.post
    assert ask("/api/v1/security/login", json=body).status_code == 401
    for code in ("000000", 1, None, ["1"]):
        assert ask("/api/v1/security/login", json={**body, "code": code}).status_code == 401
    assert ask("/api/v1/security/login", json={**body, "code": code_of(SECRET)}).status_code == 200
    assert ask("/api/v1/security/login", json={**body, "code": code_of(SECRET)}).status_code == 401


def test_programs_of_staff_without_one_are_refused_where_it_is_required(
    clerk: str, browser: Browser, required: None
) -> None:
    body = {"username": clerk, "password": PASSWORD, "provider": "db"}
    assert browser.client.post("/api/v1/security/login", json=body).status_code == 401


def test_whoever_knew_the_password_alone_is_signed_out_when_it_is_set(app: Flask, clerk: str, browser: Browser) -> None:
    thief = Browser(app)
    thief.sign_in(clerk, PASSWORD)
    browser.sign_in(clerk, PASSWORD)
    set_in_browser(browser)
    assert thief.get("/staff/", expect=None).path == "/login/"
    assert browser.get("/staff/").path == "/staff/"


def test_a_changed_password_ends_the_second_step(act: Act, app: Flask, clerk: str, browser: Browser) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, _codes = set_in_browser(browser)
    step = Browser(app).sign_in(clerk, PASSWORD, follow=True)
    with act() as session:
        session.scalars(select(SiteUser).where(SiteUser.username == clerk)).one().password = "another"
    assert step.form("code").submit(code=code_of(secret, later=1)).status == 422


def test_a_one_time_password_is_used_up_by_the_right_code_only(
    act: Act, app: Flask, clerk: str, browser: Browser
) -> None:
    browser.sign_in(clerk, PASSWORD)
    secret, _codes = set_in_browser(browser)
    with act() as session:
        once = recovery.request(session, clerk, "127.0.0.1").issued.secret
    step = Browser(app).sign_in(clerk, once, follow=True)
    assert step.form("code").submit(code="000000").status == 422
    assert sign_in(app, "000000").status == 422  # the old password still leads to the second step
    again = Browser(app).sign_in(clerk, once, follow=True)
    assert again.form("code").submit(code=code_of(secret, later=1)).path == "/recover/password"
    assert Browser(app).sign_in(clerk, once, follow=True).path == "/login/"


def test_an_administrator_does_not_turn_off_their_own_without_a_code(act: Act, browser: Browser) -> None:
    with act() as session:
        boss = factories.user(session, "Admin", login="boss").id
    browser.sign_in("boss", PASSWORD)
    set_in_browser(browser)
    users = browser.get("/staff/users/list/").form("rowid")
    users.submit(("action", "forget_second_factor"), rowid=str(boss))
    assert Browser(browser.app).sign_in("boss", PASSWORD, follow=True).path == "/login/code"


def test_each_change_is_told_by_letter(act: Act, app: Flask, browser: Browser) -> None:
    with act() as session:
        clerk_id = factories.user(session, "Operator", login="olga", email="olga@example.org").id
        factories.user(session, "Admin", login="root")
    browser.sign_in("olga", PASSWORD)
    secret, codes = set_in_browser(browser)
    browser.get("/staff/second-factor/").form("code").submit(code=code_of(secret, later=1))
    admin = Browser(app)
    admin.sign_in("root", PASSWORD)
    admin.get("/staff/users/list/").form("rowid").submit(("action", "forget_second_factor"), rowid=str(clerk_id))
    told = [mail.text_of(letter) for letter in mail.delivered(app, to="olga@example.org")]
    assert ["включён" in told[0], "новые коды" in told[1], "выключен" in told[2]] == [True] * len(told)
    assert not any(code in text for code in (secret, *codes) for text in told)
