"""A forgotten password: a letter for whoever is known, one answer for all, and what the one-time password does."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain import recovery
from app.extensions import queue
from app.models import OneTimeToken, OutboxMessage, SiteUser, UserSession
from tests import factories, mail
from tests.page import Browser, Page
from tests.statements import recorded
from tests.views.cabinet.entry import enter

NEW_PASSWORD = "тихая лодка под мостом"
EMAIL = "irina@example.org"


@pytest.fixture(autouse=True)
def irina(act: Any) -> int:
    with act() as session:
        return factories.user(session, login="irina", email=EMAIL).id


@pytest.fixture
def without_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a worker of its own would send the letters."""
    monkeypatch.setattr(queue, "wake", None)


def ask(browser: Browser, login: str = "irina") -> Page:
    return browser.get("/recover").form("login").submit(login=login)


def one_time_password(app: Flask, number: int = -1) -> str:
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b", mail.text_of(mail.delivered(app, to=EMAIL)[number]))
    assert found
    return found[0]


def choose(browser: Browser, password: str = NEW_PASSWORD) -> Page:
    form = browser.get("/recover/password").form("password")
    return browser.post(form.action, follow=False, data={**form.values, "password": password})


@pytest.mark.parametrize("login", ["irina", "IRINA", EMAIL, "Irina@Example.ORG", "  irina  "])
def test_letter_goes_to_the_bound_email_by_login_or_email(login: str, app: Flask, browser: Browser) -> None:
    assert ask(browser, login).path == "/recover/sent"
    (letter,) = mail.delivered(app)
    assert letter["To"] == EMAIL
    assert "http://localhost/login/" in mail.text_of(letter)


def test_unknown_blocked_and_known_logins_get_one_answer(app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, login="stopped", active=False)
    answers = [ask(Browser(app), login) for login in ("irina", "nobody", "stopped", "no@example.org")]
    assert {(page.status, page.path, page.html) for page in answers} == {(200, "/recover/sent", answers[0].html)}
    assert len(mail.delivered(app)) == 1


@pytest.mark.usefixtures("without_worker")
def test_letter_to_nobody_is_drawn_written_and_taken_back(app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, login="stopped", active=False)
    told = []
    for login in ("irina", "nobody", "stopped"):
        form = Browser(app).get("/recover").form("login")
        with recorded() as sent:
            form.submit(login=login)
        told.append(Counter(" ".join(each.split()[:3]) for each in sent))
    assert told[1] == told[2]
    assert told[0] - told[1] == Counter(["INSERT INTO one_time_token"])
    assert told[1] - told[0] == Counter(["DELETE FROM outbox_message"])
    with act() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
        assert session.scalar(select(func.count()).select_from(OneTimeToken)) == 1


def test_letters_to_one_login_are_limited_and_the_answer_stays(app: Flask, browser: Browser) -> None:
    for _ in range(recovery.LETTERS + 2):
        assert ask(browser).path == "/recover/sent"
    assert len(mail.delivered(app)) == recovery.LETTERS


def test_one_time_password_is_stored_as_a_hash_only(app: Flask, act: Any, browser: Browser) -> None:
    ask(browser)
    with act() as session:
        token = session.scalars(select(OneTimeToken)).one()
        assert one_time_password(app) not in str(token.__dict__)


def test_old_password_lives_until_the_new_one_is_used(app: Flask, browser: Browser) -> None:
    ask(browser)
    assert enter(Browser(app), "irina").status == 302
    assert enter(browser, "irina", one_time_password(app)).status == 302
    assert enter(Browser(app), "irina").status == 422


@pytest.mark.parametrize("form", ["{0}", "  {0} ", "lower", "plain"])
def test_one_time_password_may_be_typed_over_in_any_form(form: str, app: Flask, browser: Browser) -> None:
    ask(browser)
    secret = one_time_password(app)
    typed = {"lower": secret.lower(), "plain": secret.replace("-", "")}.get(form, form.format(secret))
    assert enter(browser, EMAIL.upper(), typed).status == 302


def test_one_time_password_works_once(app: Flask, browser: Browser) -> None:
    ask(browser)
    assert enter(browser, "irina", one_time_password(app)).status == 302
    assert enter(Browser(app), "irina", one_time_password(app)).status == 422


def test_one_time_password_opens_the_door_of_its_owner_only(app: Flask, act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, login="olga")
    ask(browser)
    assert enter(browser, "olga", one_time_password(app)).status == 422
    assert enter(browser, "irina", one_time_password(app)).status == 302


def test_one_time_password_expires_in_a_day(app: Flask, browser: Browser) -> None:
    ask(browser)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        assert enter(browser, "irina", one_time_password(app)).status == 422
        assert enter(browser, "irina").status == 302


def test_using_it_ends_all_sessions(app: Flask, browser: Browser) -> None:
    elsewhere = Browser(app)
    enter(elsewhere, "irina")
    ask(browser)
    enter(browser, "irina", one_time_password(app))
    assert "/login/" in elsewhere.get("/cabinet/settings", follow=False, expect=302).response.location


def test_using_it_opens_a_locked_login(app: Flask, browser: Browser) -> None:
    for _ in range(11):
        enter(browser, "irina", "wrong-one-1")
    assert enter(browser, "irina").status == 422
    ask(browser)
    assert enter(browser, EMAIL, one_time_password(app)).status == 302
    choose(browser)
    assert enter(Browser(app), "irina", NEW_PASSWORD).status == 302


def test_guessing_one_time_passwords_is_counted_like_any_guess(app: Flask, browser: Browser) -> None:
    for _ in range(11):
        enter(browser, "irina", "AAAA-BBBB-CCCC")
    assert enter(browser, "irina").status == 422


@pytest.mark.parametrize("path", ["/cabinet/settings", "/", "/register", "/offices", "/recover", "/lang/en"])
def test_until_a_new_password_is_chosen_every_page_leads_to_it(path: str, app: Flask, browser: Browser) -> None:
    ask(browser)
    enter(browser, "irina", one_time_password(app))
    assert browser.get(path).path == "/recover/password"


def test_member_of_staff_is_led_to_it_too(app: Flask, act: Any, browser: Browser) -> None:
    with act() as session:
        factories.user(session, "Operator", login="vera", must_change_password=True)
    enter(browser, "vera")
    assert browser.get("/staff/").path == "/recover/password"
    assert choose(browser).response.location == "/staff/"


def test_signing_out_is_possible_before_a_new_password_is_chosen(app: Flask, browser: Browser) -> None:
    ask(browser)
    enter(browser, "irina", one_time_password(app))
    form = browser.get("/recover/password").form("password")
    out = browser.post("/logout/", data={"csrf_token": form.values["csrf_token"]})
    assert out.path == "/"


def test_new_password_ends_the_detour_and_is_told_by_letter(app: Flask, act: Any, browser: Browser) -> None:
    ask(browser)
    enter(browser, "irina", one_time_password(app))
    answer = choose(browser)
    assert (answer.status, answer.response.location) == (303, "/cabinet/")
    browser.get("/cabinet/settings")
    assert "http://localhost/recover" in mail.text_of(mail.delivered(app, to=EMAIL)[-1])
    assert enter(Browser(app), "irina", NEW_PASSWORD).status == 302
    with act() as session:
        user = session.scalars(select(SiteUser).where(SiteUser.username == "irina")).one()
        assert (user.must_change_password, user.password_changed_at is not None) == (False, True)
        assert len(session.scalars(select(UserSession).where(UserSession.ended_at.is_(None))).all()) == 2


def test_change_of_the_password_makes_letters_sent_before_worthless(app: Flask, browser: Browser) -> None:
    ask(browser)
    ask(browser)
    enter(browser, "irina", one_time_password(app, 0))
    choose(browser)
    assert enter(Browser(app), "irina", one_time_password(app, 1)).status == 422


@pytest.mark.parametrize("password", ["", "короткий", "x" * 129, "irina@example.org", "Петрова"])
def test_bad_new_password_is_refused_and_never_kept_on_the_page(password: str, app: Flask, browser: Browser) -> None:
    ask(browser)
    enter(browser, "irina", one_time_password(app))
    page = choose(browser, password)
    assert page.status == 422
    assert page.error("password")
    assert page.form("password").values["password"] == ""


@pytest.mark.parametrize("login", ["", "x" * 321])
def test_login_that_cannot_be_one_is_refused_and_kept(login: str, browser: Browser) -> None:
    page = ask(browser, login)
    assert (page.status, page.form("login").values["login"]) == (422, login)
    assert page.error("login")


def test_page_of_the_new_password_is_closed_to_whoever_needs_none(app: Flask, browser: Browser) -> None:
    assert browser.get("/recover/password").path == "/login/"
    enter(browser, "irina")
    assert browser.get("/recover/password", follow=False, expect=302).response.location == "/cabinet/"


def test_one_time_password_gives_no_bearer_token_that_works(app: Flask, browser: Browser) -> None:
    ask(browser)
    body = {"username": "irina", "password": one_time_password(app), "provider": "db"}
    token = (browser.client.post("/api/v1/security/login", json=body).json or {}).get("access_token", "")
    answer = browser.client.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (401, 422)
