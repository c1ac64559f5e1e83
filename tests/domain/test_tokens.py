"""Links and one-time passwords: once, for their purpose, for a while, for the password and the e-mail of their time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import registration, tokens
from app.domain.registration import Applicant
from app.domain.tokens import TokenState
from app.extensions import transaction
from app.models import AccountAccess, SiteUser
from app.security.scope import SYSTEM, become
from tests import factories
from tests.conftest import Act

HOUR = timedelta(hours=1)


@pytest.fixture
def secret(act: Act) -> str:
    with act() as session:
        user = factories.user(session, login="irina")
        return tokens.issue(session, user, "email", lifetime=HOUR, payload={"email": "new@example.org"}).secret


def test_good_token_brings_its_user_and_payload(act: Act, secret: str) -> None:
    with act() as session:
        found = tokens.use(session, "email", secret)
        assert found.state is TokenState.good
        assert found.user is not None
        assert found.user.username == "irina"
        assert found.payload is not None
        assert found.payload["email"] == "new@example.org"


def test_looking_up_does_not_use_it_up(act: Act, secret: str) -> None:
    for _ in range(2):
        with act() as session:
            assert tokens.look_up(session, "email", secret).state is TokenState.good


def test_second_use_finds_it_used(act: Act, secret: str) -> None:
    with act() as session:
        tokens.use(session, "email", secret)
    with act() as session:
        assert tokens.use(session, "email", secret).state is TokenState.used


def test_token_of_another_purpose_is_unknown(act: Act, secret: str) -> None:
    with act() as session:
        assert tokens.use(session, "password", secret).state is TokenState.unknown


def test_token_expires_at_its_moment(act: Act, secret: str) -> None:
    with time_machine.travel(clock.now() + HOUR, tick=True), act() as session:
        assert tokens.use(session, "email", secret).state is TokenState.expired


@pytest.mark.parametrize("changed", ["password", "email"])
def test_change_of_the_password_or_the_email_makes_it_worthless(changed: str, act: Act, secret: str) -> None:
    with act() as session:
        setattr(session.scalars(select(SiteUser)).one(), changed, "other")
    with act() as session:
        assert tokens.use(session, "email", secret).state is TokenState.used


def at_once(app: Flask, times: int, act: Callable[[Session], object]) -> list[object]:
    """The same act by several processes at once, each in a transaction of its own."""

    def run(_n: int) -> object:
        with app.app_context():
            become(SYSTEM)
            with transaction() as session:
                return act(session)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_of_eight_uses_at_once_one_finds_it_good(app: Flask, secret: str) -> None:
    states = at_once(app, 8, lambda session: tokens.use(session, "email", secret).state)
    assert sorted(states) == [TokenState.good, *[TokenState.used] * 7]


def test_registration_sent_eight_times_at_once_makes_one_cabinet(app: Flask, act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0012345678")
        factories.meter(session, account, serial="77")
    applicant = Applicant(
        account_number="12345678",
        fact="77",
        last_name="Петрова",
        first_name="Ирина",
        patronymic=None,
        email="irina@example.org",
        phone="79121234567",
        password_hash=factories.PASSWORD_HASH,
        locale="ru",
        consent="Согласна",
        consent_version="1",
        address="127.0.0.1",
    )
    invited = at_once(app, 8, lambda session: registration.register(session, applicant) is not None)
    assert sum(map(bool, invited)) == registration.LETTERS
    with act() as session:
        assert len(session.scalars(select(SiteUser)).all()) == 1
        assert len(session.scalars(select(AccountAccess).where(AccountAccess.revoked_at.is_(None))).all()) == 1
