"""Tries are counted once for each person and each network, however they are spelt and however many come at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select

from app import clock
from app.domain import lockout, recovery
from app.domain.lockout import TRIES_PER_ADDRESS, TRIES_PER_LOGIN
from app.extensions import transaction
from app.models import SignInLock
from app.security.scope import SYSTEM, become
from tests import factories
from tests.conftest import Act

HERE = "203.0.113.7"


@pytest.mark.usefixtures("database")
def test_first_tries_of_one_login_at_once_are_all_counted(app: Flask) -> None:
    def enter(_n: int) -> bool:
        with app.app_context():
            become(SYSTEM)
            with transaction() as session:
                return lockout.count_try(session, "nobody", HERE)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(enter, range(8)))
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            assert set(session.scalars(select(SignInLock.failures))) == {8}
            session.execute(delete(SignInLock))


def test_login_and_email_of_one_person_share_their_tries(act: Act) -> None:
    with act() as session:
        factories.user(session, login="firm", email="Firm@example.org")
        for spelling in ("firm", "FIRM ", "firm@example.org", "FIRM@EXAMPLE.ORG", "firm") * 2:
            assert lockout.count_try(session, spelling, HERE)
        assert TRIES_PER_LOGIN == 10
        assert not lockout.count_try(session, "firm@example.org", HERE)
        assert not lockout.count_try(session, "firm", HERE)


def test_login_and_email_of_one_person_share_the_letters_of_recovery(act: Act) -> None:
    with act() as session:
        factories.user(session, login="firm", email="firm@example.org")
        asked = [recovery.request(session, spelling, HERE) for spelling in ("firm", "firm@example.org") * 2]
    assert [each.is_due for each in asked] == [True] * recovery.LETTERS + [False]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("unix:", "unix:", True),
    ],
)
def test_addresses_of_one_network_are_counted_together(first: str, second: str, is_one: bool) -> None:
    assert (lockout.network(first) == lockout.network(second)) is is_one


def test_a_rotating_address_of_one_network_is_held_off(act: Act) -> None:
    with act() as session:
        for n in range(TRIES_PER_ADDRESS):
            assert lockout.count_try(session, f"login{n}", f"2001:db8::{n:x}")
        assert not lockout.count_try(session, "another", "2001:db8::ffff")
        assert lockout.count_try(session, "another", "2001:db8:0:1::1")


def test_a_guess_that_was_right_is_given_back(act: Act) -> None:
    with act() as session:
        for _ in range(5):
            assert lockout.count_guess(session, "fact", most=1)
            lockout.give_back(session, "fact")
        lockout.give_back(session, "never counted")


def test_guesses_may_be_counted_for_a_day(act: Act) -> None:
    with act() as session:
        assert lockout.count_guess(session, "fact", most=1, within=timedelta(days=1))
    with time_machine.travel(clock.now() + timedelta(hours=23), tick=False), act() as session:
        assert not lockout.count_guess(session, "fact", most=1, within=timedelta(days=1))
    with time_machine.travel(clock.now() + timedelta(hours=48), tick=False), act() as session:
        assert lockout.count_guess(session, "fact", most=1, within=timedelta(days=1))
