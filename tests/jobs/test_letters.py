"""Letters on their way: to a real SMTP server on this machine, and into files where there is none."""

import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import outbox
from app.extensions import queue, transaction
from app.jobs.letters import deliver_letters
from app.models import OutboxMessage, OutboxState
from app.security.scope import NOBODY, SYSTEM, become, principal
from tests import mail
from tests.conftest import Act
from tests.jobs.conftest import Mailbox

pytestmark = pytest.mark.usefixtures("database")


def put(act: Act, *addresses: str) -> None:
    with act() as session:
        for address in addresses:
            outbox.enqueue(session, recipient=address, subject="Тема", body="Вода\n", body_html="<p>Вода</p>")


def work(app: Flask, later: timedelta = timedelta(0)) -> None:
    with time_machine.travel(clock.now() + later, tick=True), app.app_context():
        become(SYSTEM)
        deliver_letters()


def rows(act: Act) -> dict[str, Any]:
    with act() as session:
        found = session.scalars(select(OutboxMessage)).all()
        session.expunge_all()
    return {row.recipient: row for row in found}


def test_letter_arrives_with_both_parts_and_one_message_id(app: Flask, act: Act, mailbox: Mailbox) -> None:
    put(act, "irina@example.org")
    work(app)
    (letter,) = mailbox.letters
    row = rows(act)["irina@example.org"]
    assert letter["Subject"] == "Тема"
    assert letter.get_all("Message-ID") == [f"<rodnik-{row.id}@localhost>"]
    assert letter["From"] == app.config["MAIL_DEFAULT_SENDER"]
    assert mail.text_of(letter) == "Вода\n"
    assert mail.html_of(letter) == "<p>Вода</p>"
    assert row.state is OutboxState.sent
    assert (row.body, row.body_html) == ("", None)


def test_long_russian_subject_arrives_letter_by_letter(app: Flask, act: Act, mailbox: Mailbox) -> None:
    subject = "Одноразовый пароль для входа в личный кабинет абонента и ещё «немного» слов № 5"
    with act() as session:
        outbox.enqueue(session, recipient="irina@example.org", subject=subject, body="Вода")
    work(app)
    assert mailbox.letters[0]["Subject"] == subject


def test_worker_that_finds_nothing_due_sends_nothing(app: Flask, act: Act, mailbox: Mailbox) -> None:
    put(act, "irina@example.org")
    work(app)
    work(app, later=timedelta(days=1))
    assert len(mailbox.letters) == 1


def test_address_refused_for_now_is_tried_later_and_holds_up_nobody(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.answers["busy@example.org"] = "451 4.7.1 Try again later"
    put(act, "busy@example.org", "irina@example.org")
    work(app)
    assert rows(act)["busy@example.org"].state is OutboxState.pending
    assert rows(act)["busy@example.org"].error == "451 4.7.1 Try again later"
    assert [letter["To"] for letter in mailbox.letters] == ["irina@example.org"]
    mailbox.answers.clear()
    work(app)
    assert not mailbox.of("busy@example.org")
    work(app, later=timedelta(minutes=2))
    assert len(mailbox.of("busy@example.org")) == 1


def test_address_refused_for_good_is_dead_with_the_words_of_the_server(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.answers["nobody@example.org"] = "550 5.1.1 No such mailbox"
    put(act, "nobody@example.org", "irina@example.org")
    work(app)
    work(app, later=timedelta(days=2))
    row = rows(act)["nobody@example.org"]
    assert (row.state, row.error, row.attempts) == (OutboxState.dead, "550 5.1.1 No such mailbox", 1)
    assert [letter["To"] for letter in mailbox.letters] == ["irina@example.org"]


def test_letter_of_a_killed_worker_is_taken_over_with_the_same_message_id(
    app: Flask, act: Act, mailbox: Mailbox
) -> None:
    put(act, "irina@example.org")
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            outbox.lease(session)  # and here the worker is killed
    work(app)
    assert not mailbox.letters
    work(app, later=outbox.LEASE + timedelta(seconds=1))
    assert [letter["Message-ID"] for letter in mailbox.letters] == [
        f"<rodnik-{rows(act)['irina@example.org'].id}@localhost>"
    ]


def test_letter_whose_acknowledgement_was_lost_comes_again_with_the_same_message_id(
    app: Flask, act: Act, mailbox: Mailbox
) -> None:
    mailbox.hang_ups = 1
    put(act, "irina@example.org")
    work(app)
    work(app, later=timedelta(minutes=2))
    work(app, later=timedelta(days=1))
    assert len(mailbox.letters) == 2
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 1


def test_server_that_is_away_loses_nothing_and_kills_no_letter(app: Flask, act: Act, mailbox: Mailbox) -> None:
    port = app.config["MAIL_PORT"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        app.config["MAIL_PORT"] = closed.getsockname()[1]
        put(act, "irina@example.org", "olga@example.org")
        for day in range(len(outbox.PAUSES) + 2):
            work(app, later=timedelta(days=2 * day))
        assert {row.attempts for row in rows(act).values()} == {0}
        assert {row.state for row in rows(act).values()} == {OutboxState.pending}
    app.config["MAIL_PORT"] = port
    work(app, later=timedelta(days=2 * day, minutes=2))
    assert {row.state for row in rows(act).values()} == {OutboxState.sent}
    assert len(mailbox.letters) == 2


def test_letter_that_breaks_every_connection_is_dead_in_the_end(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.hang_ups = 100
    put(act, "irina@example.org")
    for day in range(len(outbox.PAUSES) + 2):
        work(app, later=timedelta(days=2 * day))
    assert rows(act)["irina@example.org"].state is OutboxState.dead
    assert len(mailbox.letters) == len(outbox.PAUSES) + 1


def test_letter_is_dead_after_the_last_try(app: Flask, act: Act, mailbox: Mailbox) -> None:
    mailbox.answers["busy@example.org"] = "451 4.7.1 Try again later"
    put(act, "busy@example.org")
    for day in range(len(outbox.PAUSES) + 2):
        work(app, later=timedelta(days=2 * day))
    assert rows(act)["busy@example.org"].state is OutboxState.dead
    assert rows(act)["busy@example.org"].attempts == len(outbox.PAUSES) + 1


def test_two_workers_never_take_one_letter(app: Flask, act: Act, mailbox: Mailbox) -> None:
    put(act, "irina@example.org", "olga@example.org")
    taken = []
    for _ in range(3):
        with act() as session:
            taken.append(outbox.lease(session))
    assert [letter.recipient if letter else None for letter in taken] == ["irina@example.org", "olga@example.org", None]


def test_letters_go_into_files_when_no_server_is_set(app: Flask, act: Act) -> None:
    put(act, "irina@example.org")
    (letter,) = mail.delivered(app, to="irina@example.org")
    assert mail.text_of(letter) == "Вода\n"


def test_waking_the_worker_lends_its_rights_to_nobody(app: Flask, act: Act) -> None:
    with app.app_context():
        assert queue.wake is not None
        queue.wake()
        assert principal() is NOBODY
