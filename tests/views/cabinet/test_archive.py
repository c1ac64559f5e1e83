"""The page of the archive: asked for by a button, taken away by its owner alone, for a week."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.models import AuditEvent, DataArchive
from tests import factories
from tests.page import Browser, Form, Page


@pytest.fixture
def oleg(app: Flask, act: Any) -> Browser:
    with act() as session:
        factories.account(session, factories.user(session, login="oleg"))
        factories.account(session, factories.user(session, login="anna"))
    browser = Browser(app, language="en")
    browser.sign_in("oleg", factories.PASSWORD)
    return browser


def ask(browser: Browser) -> Page:
    page = browser.get("/cabinet/settings/archive")
    return Form(page, next(each for each in page.elements("form") if each.get("action") is None)).submit()


def test_the_archive_is_asked_for_and_taken_away(oleg: Browser, act: Any) -> None:
    page = ask(oleg)
    assert "A letter tells when it is ready" in page.text
    link = oleg.get("/cabinet/settings/archive").link("Take the archive")
    answer = oleg.client.get(link)
    assert answer.data.startswith(b"PK")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    answer.close()
    with act() as session:
        assert "took the archive of own data" in session.scalars(select(AuditEvent.action)).all()
    again = ask(oleg)
    assert "One archive a day" in again.text


def test_nobody_else_takes_it(oleg: Browser, app: Flask, act: Any) -> None:
    ask(oleg)
    with act() as session:
        path = f"/cabinet/settings/archive/{session.scalars(select(DataArchive.id)).one()}.zip"
    anna = Browser(app)
    assert anna.get(path).path == "/login/"
    anna.sign_in("anna", factories.PASSWORD)
    anna.get(path, expect=404)


def test_after_a_week_it_is_gone(oleg: Browser, act: Any) -> None:
    page = ask(oleg)
    link = page.link("Take the archive")
    with act() as session:
        session.scalars(select(DataArchive)).one().expires_at = clock.now() - timedelta(seconds=1)
    oleg.get(link, expect=404)
    assert "Take the archive" not in oleg.get("/cabinet/settings/archive").text
