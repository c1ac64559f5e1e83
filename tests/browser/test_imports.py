"""The pages of imports in a real browser: a file is followed by script, every page is fit for everybody."""

from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.extensions import queue
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.domain.exports import ACCOUNTS


def test_a_file_is_followed_from_the_choice_to_the_question_whether_to_take_it_back(
    page: Page, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[Any] = []
    run_import = queue.tasks["run_import"]
    monkeypatch.setitem(queue.tasks, "run_import", lambda pk: wanted.append(pk))
    asked_again = Event()
    sign_in("Operator")

    page.goto("/staff/imports/accounts")
    look(page)
    page.set_input_files("[name=file]", {"name": "пустой.csv", "mimeType": "text/csv", "buffer": b""})
    page.click("form[enctype] button[type=submit]")
    expect(page.locator(".summary")).to_be_focused()
    look(page)

    page.set_input_files("[name=file]", ACCOUNTS)
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url("**/staff/imports/accounts/*")
    look(page)
    page.click("form[action$='/start'] button[type=submit]")
    expect(page.locator("progress")).to_be_visible()
    look(page)

    page.on("response", lambda answer: asked_again.set() if answer.url.endswith("/progress") else None)
    for pk in wanted:
        run_import(pk)
    expect(page.locator("#result-title")).to_be_visible(timeout=15_000)  # the script has seen the end by itself
    assert asked_again.is_set()
    look(page)

    page.click("a[href$='/undo']")
    look(page)

    page.goto("/staff/imports/places")
    look(page)
