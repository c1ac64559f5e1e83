"""The mailbox of a development machine, and that nobody finds it anywhere else."""

from typing import Any

import pytest
from flask import Flask

from app.documents import letters
from tests.page import Browser

PAGES = ("/dev/mail", "/dev/mail/1", "/dev/mail/1/html")


@pytest.fixture
def letter(act: Any) -> None:
    with act() as session:
        letters.enqueue(
            session,
            "password_changed",
            to="irina@example.org",
            locale="ru",
            name="<b>Ирина</b>",
            changed_at=None,
            recover_url="http://localhost/recover",
        )


def test_letters_are_listed_and_opened_with_their_links(letter: None, browser: Browser) -> None:
    page = browser.get("/dev/mail")
    assert "irina@example.org" in page.text
    opened = next(link.get("href") for link in page.elements("a") if "/dev/mail/" in (link.get("href") or ""))
    shown = browser.get(opened or "")
    assert shown.link("http://localhost/recover") == "http://localhost/recover"
    assert "<b>Ирина</b>" in shown.text


def test_html_part_is_drawn_with_its_own_style_and_runs_nothing(letter: None, browser: Browser) -> None:
    page = browser.get("/dev/mail/1/html")
    assert page.response.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "&lt;b&gt;Ирина" in page.html


def test_empty_mailbox_is_a_page(browser: Browser) -> None:
    browser.get("/dev/mail")


@pytest.mark.parametrize("path", ["/dev/mail/2", "/dev/mail/99999999999999999999", "/dev/mail/..%2fsecret_key"])
def test_letter_that_is_not_there_is_404(path: str, letter: None, browser: Browser) -> None:
    browser.get(path, expect=404)


@pytest.mark.parametrize(("key", "value"), [("MAIL_SERVER", "mail.example.org"), ("ENVIRONMENT", "production")])
@pytest.mark.parametrize("path", PAGES)
def test_nobody_finds_it_where_letters_are_sent(
    path: str, key: str, value: str, letter: None, app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, key, value)
    browser.get(path, expect=404)
