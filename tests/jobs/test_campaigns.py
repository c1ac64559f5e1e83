"""Mailings by a real SMTP server: each letter once, whatever the server does."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import campaign_sending as sending
from app.domain import campaigns
from app.jobs.campaigns import make_reminders, send_campaigns
from app.models import Campaign, CampaignLetter, CampaignState, MailState, Reading
from app.security.scope import SYSTEM, become
from tests import factories, mail, mailings
from tests.conftest import Act
from tests.jobs.conftest import Mailbox
from tests.page import Browser

ROOT = Path(__file__).resolve().parents[2]
NOON = "2026-11-22T12:00:00+05:00"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOON):
        yield


def work(app: Flask, later: timedelta = timedelta(0)) -> None:
    with time_machine.travel(clock.now() + later), app.app_context():
        become(SYSTEM)
        send_campaigns()


def start(act: Act, *addresses: str) -> int:
    """A mailing to these addresses that was asked to be sent; the worker has not seen it."""
    with act() as session:
        for address in addresses:
            mailings.reader(session, address)
        made = mailings.campaign(session, subject="Новые цены «на воду»", body="С **января** <b>цены</b> {{7*7}}")
        campaigns.ask(session, made, user_id=factories.user(session, "Operator").id)
        return made.id


def rows(act: Act) -> dict[str, Any]:
    with act() as session:
        found = session.scalars(select(CampaignLetter)).all()
        session.expunge_all()
    return {row.email: row for row in found}


def test_a_letter_has_both_parts_and_a_link_to_leave_by_one_press(app: Flask, act: Act, mailbox: Mailbox) -> None:
    with act() as session:
        mailings.subscriber(session, email="irina@example.org")
    start(act)
    work(app)
    (letter,) = mailbox.letters
    row = rows(act)["irina@example.org"]
    assert letter["Subject"] == "Новые цены «на воду»"
    assert letter["To"] == "irina@example.org"
    assert letter["Message-ID"] == f"<rodnik-mailing-{row.id}@localhost>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(letter["List-Unsubscribe"])
    assert re.fullmatch(r"<http://localhost/unsubscribe/[\w.-]+>", link)
    assert link.strip("<>") in mail.text_of(letter)
    assert "Здравствуйте, Ирина Сергеевна!" in mail.text_of(letter)
    assert "С января <b>цены</b> {{7*7}}" in mail.text_of(letter)
    assert "С <strong>января</strong> &lt;b&gt;цены&lt;/b&gt; {{7*7}}" in mail.html_of(letter)
    assert (row.state, row.attempts) == (MailState.sent, 1)


def test_many_letters_go_over_one_connection_each_once(app: Flask, act: Act, mailbox: Mailbox) -> None:
    addresses = [f"reader{n}@example.org" for n in range(2 * sending.BATCH + 3)]
    made = start(act, *addresses)
    work(app)
    work(app, later=timedelta(hours=1))
    assert sorted(str(letter["To"]) for letter in mailbox.letters) == sorted(addresses)
    assert mailbox.connections == 1
    with act() as session:
        assert session.get_one(Campaign, made).state is CampaignState.done


def test_one_refused_address_stops_nobody_else(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.answers = {"nobody@example.org": "550 5.1.1 No such mailbox", "busy@example.org": "451 4.7.1 Later"}
    start(act, "busy@example.org", "irina@example.org", "nobody@example.org", "olga@example.org")
    work(app)
    found = rows(act)
    assert {str(letter["To"]) for letter in mailbox.letters} == {"irina@example.org", "olga@example.org"}
    assert (found["nobody@example.org"].state, found["nobody@example.org"].error) == (
        MailState.refused,
        "550 5.1.1 No such mailbox",
    )
    assert (found["busy@example.org"].state, found["busy@example.org"].error) == (MailState.pending, "451 4.7.1 Later")
    mailbox.answers.clear()
    work(app, later=timedelta(minutes=6))
    assert len(mailbox.of("busy@example.org")) == 1
    assert not mailbox.of("nobody@example.org")
    assert rows(act)["busy@example.org"].state is MailState.sent


def test_a_letter_whose_answer_was_lost_is_uncertain_and_comes_once(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.hang_ups = 1
    start(act, "irina@example.org", "olga@example.org")
    for hours in range(3):
        work(app, later=timedelta(hours=hours))
    assert sorted(str(letter["To"]) for letter in mailbox.letters) == ["irina@example.org", "olga@example.org"]
    states = sorted(row.state.value for row in rows(act).values())
    assert states == ["sent", "uncertain"]


WORKER = """
import os, time_machine
import config as configuration
from app import create_app
from app.jobs.campaigns import send_campaigns
from app.security.scope import SYSTEM, become
with time_machine.travel(os.environ["NOW"]), create_app(configuration.Testing(os.environ)).app_context():
    become(SYSTEM)
    send_campaigns()
"""


def test_a_worker_killed_inside_a_batch_loses_no_letter_and_sends_none_twice(
    app: Flask, act: Act, mailbox: Mailbox, database_url: str, data_dir: Path
) -> None:
    addresses = [f"reader{n:02d}@example.org" for n in range(sending.BATCH + 5)]
    made = start(act, *addresses)
    mailbox.silent_at = 8
    places = {"DATABASE_URL": database_url, "DATA_DIR": str(data_dir), "QUEUE_URL": "memory://", "NOW": NOON}
    server = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(app.config["MAIL_PORT"])}
    process = subprocess.Popen([sys.executable, "-c", WORKER], env={**os.environ, **places, **server}, cwd=ROOT)
    assert mailbox.fell_silent.wait(30)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert Counter(row.state for row in rows(act).values()) == {
        MailState.sent: 7,
        MailState.sending: sending.BATCH - 7,
        MailState.pending: 5,
    }
    work(app, later=timedelta(hours=1))
    assert sorted(str(letter["To"]) for letter in mailbox.letters) == addresses
    in_flight = str(mailbox.letters[7]["To"])
    found = rows(act)
    assert {address for address, row in found.items() if row.state is MailState.uncertain} == {in_flight}
    assert Counter(row.state for row in found.values())[MailState.sent] == len(addresses) - 1

    with act() as session:
        campaigns.send_again(session, session.get_one(Campaign, made), None, shown=1)
    work(app, later=timedelta(hours=2))
    assert len(mailbox.letters) == len(addresses) + 1
    assert len(mailbox.of(in_flight)) == 2
    assert {letter["Message-ID"] for letter in mailbox.of(in_flight)} == {mailbox.letters[7]["Message-ID"]}
    assert {row.state for row in rows(act).values()} == {MailState.sent}
    with act() as session:
        assert session.get_one(Campaign, made).state is CampaignState.done


def test_a_mailing_that_is_stopped_inside_a_batch_sends_no_letter_more(
    app: Flask, act: Act, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = start(act, *(f"reader{n}@example.org" for n in range(5)))
    begin, begun = sending.begin, []

    def stopping(*args: Any) -> bool:
        begun.append(1)
        if len(begun) == 3:
            campaigns.stop(args[0], args[0].get_one(Campaign, made))
        return begin(*args)

    monkeypatch.setattr(sending, "begin", stopping)
    work(app)
    assert len(mailbox.letters) == 2
    assert Counter(row.state for row in rows(act).values()) == {MailState.sent: 2, MailState.dropped: 3}


def test_a_server_that_is_away_loses_nothing_and_is_told_of(app: Flask, act: Act, mailbox: Mailbox) -> None:
    port = app.config["MAIL_PORT"]
    made = start(act, "irina@example.org", "olga@example.org")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        app.config["MAIL_PORT"] = closed.getsockname()[1]
        for minutes in range(3):
            work(app, later=timedelta(minutes=minutes))
    assert {(row.state, row.attempts) for row in rows(act).values()} == {(MailState.pending, 0)}
    with act() as session:
        assert "refused" in (session.get_one(Campaign, made).trouble or "")
    app.config["MAIL_PORT"] = port
    work(app, later=timedelta(minutes=3))
    assert len(mailbox.letters) == 2
    with act() as session:
        assert session.get_one(Campaign, made).trouble is None


def test_a_server_that_is_too_slow_keeps_the_letters_waiting(
    app: Flask, act: Act, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(act, "irina@example.org")
    monkeypatch.setitem(app.config, "MAIL_TIMEOUT", 0.2)
    with socket.socket() as silent:  # takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setitem(app.config, "MAIL_PORT", silent.getsockname()[1])
        work(app)
    assert rows(act)["irina@example.org"].state is MailState.pending
    assert not mailbox.letters


def test_quiet_hours_prepare_and_send_nothing(app: Flask, act: Act, mailbox: Mailbox) -> None:
    start(act, "irina@example.org")
    work(app, later=timedelta(hours=10))
    assert rows(act)["irina@example.org"].state is MailState.pending
    assert not mailbox.letters
    work(app, later=timedelta(hours=22))
    assert len(mailbox.letters) == 1


def test_one_press_of_a_mail_program_leaves(app: Flask, act: Act, mailbox: Mailbox) -> None:
    """RFC 8058: a POST with a body of its own, no cookie, no token of ours, no redirect."""
    start(act, "irina@example.org")
    work(app)
    address = urlsplit(str(mailbox.letters[0]["List-Unsubscribe"]).strip("<>")).path
    answer = app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with act() as session:
        made = mailings.campaign(session)
        assert campaigns.count(session, made) == 0


def test_a_reminder_arrives_and_its_link_takes_the_reading(app: Flask, act: Act, mailbox: Mailbox) -> None:
    with act() as session:
        user = mailings.subscriber(session, "readings", email="irina@example.org")
        factories.meter(session, factories.account(session, user))
    with app.app_context():
        become(SYSTEM)
        make_reminders()
        make_reminders()
    work(app)
    (letter,) = mailbox.letters
    page = Browser(app).get(mail.link_in(letter, "/reading/"))
    assert len(page.elements("form")) == 1 + len([f for f in page.elements("form") if f.get("method") != "post"])
    page = page.form("value").submit(value="7")
    assert page.status == 200
    with act() as session:
        assert session.scalars(select(Reading)).one().value == 7


def test_a_reminder_of_what_is_done_already_is_not_sent(app: Flask, act: Act, mailbox: Mailbox) -> None:
    with act() as session:
        user = mailings.subscriber(session, "readings", email="irina@example.org")
        meter = factories.meter(session, factories.account(session, user))
        meter_id = meter.id
    with app.app_context():
        become(SYSTEM)
        make_reminders()
    with act() as session:
        from app.models import Meter

        factories.reading(session, session.get_one(Meter, meter_id), "5", clock.today().replace(day=1))
    work(app)
    assert not mailbox.letters
    assert rows(act)["irina@example.org"].state is MailState.dropped
