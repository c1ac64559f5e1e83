"""Letters for somebody without a cabinet: subscribe, confirm by the letter, get a mailing, leave by one press."""

import re
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")

EMAIL, ALL = "reader@example.net", "everything@example.net"


def test_a_reader_subscribes_gets_a_mailing_and_leaves_by_one_press(page: Page, stack: Stack) -> None:
    page.goto("/procurements")
    page.locator("main a[href='/subscribe']").click()
    _subscribe(page, stack, EMAIL, "Закупки")
    _no_quiet_hours(stack)
    sign_in(page, "operator")
    _draft(page, "Закупки", "Закупка труб № 7")
    expect(page.locator("main")).to_contain_text(EMAIL)
    _send(page)
    mailing = stack.mailbox.with_subject("Закупка труб № 7")
    assert mailing["To"] == EMAIL
    assert mailing["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    press = Request(str(mailing["List-Unsubscribe"]).strip("<>"), b"List-Unsubscribe=One-Click", method="POST")
    with urlopen(press, timeout=10) as answer:
        assert answer.status == 200
    row = stack.row("SELECT confirmed_at, withdrawn_at FROM email_subscription WHERE email = ?", EMAIL)
    assert all(row)


def test_every_mailing_reaches_who_asked_for_it(page: Page, stack: Stack) -> None:
    page.goto("/subscribe")
    names = page.locator("main label.tick .tick__word").all_inner_texts()
    assert len(names) >= 4
    _subscribe(page, stack, ALL, *names)
    _no_quiet_hours(stack)
    sign_in(page, "operator")
    for name in names:
        _draft(page, name, f"Рассылка «{name}»")
        _send(page)
    for name in names:
        stack.mailbox.with_text(ALL, f"Рассылка «{name}» вышла")


def _subscribe(page: Page, stack: Stack, email: str, *names: str) -> None:
    """On the page for it, and by the letter that comes."""
    page.fill("[name=email]", email)
    for name in names:
        page.locator("label.tick", has_text=name).click()
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/subscribe/sent"))
    link = re.search(r"http://\S+/subscribe/confirm/\S+", _text(stack.mailbox.wait_for(email)))
    assert link
    page.goto(link[0])
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("Вы подписаны")


def _draft(page: Page, category: str, subject: str) -> None:
    page.goto("/staff/campaigns/new")
    page.select_option("[name=category]", label=category)
    page.fill("[name=subject]", subject)
    page.fill("[name=body]", f"{subject} вышла **сегодня**.")
    page.press("[name=subject]", "Enter")


def _send(page: Page) -> None:
    button = page.locator("form[action$='/send'] button")
    button.click()
    expect(button).to_have_count(0)


def _text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _no_quiet_hours(stack: Stack) -> None:
    """The journey may be walked at night."""
    with closing(sqlite3.connect(stack.data_dir / "rodnik.db", timeout=10)) as connection, connection:
        connection.execute("UPDATE setting SET value = '0' WHERE key LIKE 'mailings.quiet%'")
