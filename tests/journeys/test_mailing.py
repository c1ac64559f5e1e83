"""Letters for somebody without a cabinet: subscribe, confirm by the letter, get a mailing, leave by one press."""

import re
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Stack, sign_in

pytestmark = pytest.mark.xdist_group("journeys")

EMAIL = "reader@example.net"


def test_a_reader_subscribes_gets_a_mailing_and_leaves_by_one_press(page: Page, stack: Stack) -> None:
    page.goto("/procurements")
    page.locator("main a[href='/subscribe']").click()
    page.fill("[name=email]", EMAIL)
    page.locator("label.tick", has_text="Закупки").click()
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/subscribe/sent"))
    letter = stack.mailbox.wait_for(EMAIL)
    link = re.search(r"http://\S+/subscribe/confirm/\S+", _text(letter))
    assert link
    page.goto(link[0])
    page.locator("main form button").click()
    expect(page.locator("h1")).to_have_text("Вы подписаны")

    _no_quiet_hours(stack)
    sign_in(page, "operator")
    page.goto("/staff/campaigns/new")
    page.select_option("[name=category]", label="Закупки")
    page.fill("[name=subject]", "Закупка труб № 7")
    page.fill("[name=body]", "Заявки принимаем **до пятницы**.")
    page.press("[name=subject]", "Enter")
    expect(page.locator("main")).to_contain_text(EMAIL)
    page.locator("form[action$='/send'] button").click()
    mailing = stack.mailbox.with_subject("Закупка труб № 7")
    assert mailing["To"] == EMAIL
    assert mailing["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    press = Request(str(mailing["List-Unsubscribe"]).strip("<>"), b"List-Unsubscribe=One-Click", method="POST")
    with urlopen(press, timeout=10) as answer:
        assert answer.status == 200
    row = stack.row("SELECT confirmed_at, withdrawn_at FROM email_subscription WHERE email = ?", EMAIL)
    assert all(row)


def _text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _no_quiet_hours(stack: Stack) -> None:
    """The journey may be walked at night."""
    with closing(sqlite3.connect(stack.data_dir / "rodnik.db", timeout=10)) as connection, connection:
        connection.execute("UPDATE setting SET value = '0' WHERE key LIKE 'mailings.quiet%'")
