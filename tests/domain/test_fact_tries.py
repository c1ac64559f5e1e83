"""Tries to prove an account by a fact: strangers guess little and close nothing to others alone, the holder is told."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app import clock
from app.domain import registration
from app.domain.errors import DomainError
from app.models import Account
from app.views.cabinet import fact_tries
from tests import factories, mail
from tests.samples import PERIOD
from tests.views.cabinet.newcomer import charge

NUMBER, SERIAL, SUM = "0012345678", "77-001122", "1234,56"
PER_ASKER, BEFORE_SUMS_CLOSE = registration.WRONG_PER_ASKER, registration.WRONG_BEFORE_SUMS_CLOSE


@pytest.fixture(autouse=True)
def account(act: Any) -> None:
    with act() as session:
        holder = factories.user(session, email="oleg@example.org", first_name="Олег")
        made = factories.account(session, holder, number=NUMBER)
        factories.meter(session, made, serial=SERIAL)
        charge(session, made, PERIOD, "1234.56")


def tried(act: Any, fact: str, *, network: int, user_id: int | None = None, number: str = NUMBER) -> str:
    """What became of a try from the network: «proven», «wrong» or «refused»."""
    address = f"192.0.2.{network}"
    with act() as session:
        counted = registration.count_try(session, number, address, user_id)
    if not counted.is_open:
        return "refused"
    try:
        with act() as session:
            found: Account = registration.proven_account(session, number, fact, address, user_id)
            return "proven" if found.number == NUMBER else "another"
    except DomainError:
        return "wrong"


def later(**by: float) -> Any:
    return time_machine.travel(clock.now() + timedelta(**by), tick=True)


def close_sums(act: Any) -> None:
    for n in range(BEFORE_SUMS_CLOSE + 1):
        assert tried(act, f"{n},00", network=n) == "wrong"


@pytest.mark.parametrize("fact", [SUM, SERIAL])
def test_a_stranger_alone_keeps_nobody_else_out(act: Any, fact: str) -> None:
    answers = [tried(act, "1", network=1) for _ in range(registration.WRONG_PER_ACCOUNT + 5)]
    assert answers == ["wrong"] * PER_ASKER + ["refused"] * (len(answers) - PER_ASKER)
    assert tried(act, fact, network=2) == "proven"
    assert tried(act, fact, network=1) == "refused"
    with later(days=31):
        assert tried(act, fact, network=1) == "proven"


def test_whoever_is_signed_in_has_no_more_tries_from_many_networks(act: Any) -> None:
    answers = [tried(act, "1", network=n, user_id=7) for n in range(PER_ASKER + 1)]
    assert answers == ["wrong"] * PER_ASKER + ["refused"]


def test_after_wrong_answers_of_many_the_sum_opens_nothing_for_a_month_and_the_meter_does(act: Any) -> None:
    close_sums(act)
    with later(hours=1):
        assert tried(act, SUM, network=100) == "wrong"
        assert tried(act, SERIAL, network=101) == "proven"
    with later(days=29):
        assert tried(act, SUM, network=102) == "wrong"
    with later(days=31):
        assert tried(act, SUM, network=103) == "proven"


def test_a_short_number_of_a_meter_is_worth_no_more_than_a_sum(act: Any) -> None:
    with act() as session:
        factories.meter(session, session.query(Account).filter_by(number=NUMBER).one(), serial="00123")
    assert tried(act, "123", network=50) == "proven"
    with later(minutes=16):
        close_sums(act)
    with later(hours=1):
        assert tried(act, "123", network=100) == "wrong"


def test_many_strangers_close_an_account_for_a_day_at_most(act: Any) -> None:
    moment = 0
    for n in range(registration.WRONG_PER_ACCOUNT):
        moment = n // registration.TRIES_PER_ACCOUNT * 16
        with later(minutes=moment):
            assert tried(act, "1", network=n) == "wrong"
    with later(minutes=moment + 16):
        assert tried(act, SERIAL, network=100) == "refused"
    with later(hours=26):
        assert tried(act, SERIAL, network=101) == "proven"


def test_right_answers_give_every_try_back(act: Any) -> None:
    for n in range(registration.WRONG_PER_ACCOUNT + 5):
        with later(minutes=16 * n):
            assert tried(act, SUM, network=1, user_id=7) == "proven"


def test_the_holder_is_told_once_when_the_sums_close(app: Flask) -> None:
    for number in ("0099999999", NUMBER):
        for n in range(BEFORE_SUMS_CLOSE + 1):
            assert not mail.delivered(app)
            with app.test_request_context(environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}):
                fact_tries.count(number)
    (letter,) = mail.delivered(app)
    assert letter["To"] == "oleg@example.org"
    for part in (mail.text_of(letter), mail.html_of(letter)):
        assert "Олег" in part
        assert NUMBER in part
        assert "/cabinet/accounts" in part
