"""Three people attach one account at the same moment: exactly what the rules allow, and words for the others."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.domain import account_access
from app.domain.errors import DomainError
from app.extensions import transaction
from app.models import Account
from app.queries import account_access as queries
from app.security.scope import SYSTEM, become
from tests import factories
from tests.domain.test_account_access import World, by_password, sees
from tests.domain.test_account_access import world as world


def attached_at_once(app: Flask, world: World, people: list[int], patch: pytest.MonkeyPatch) -> list[str]:
    """What each of the people is told who attach the account at one moment: that after the password was found right.
    SQLite has one writer, who begins before that: there they go in one after another."""
    start, said = threading.Barrier(len(people)), []
    inside = threading.Barrier(len(people) if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else 1)
    hold = queries.hold

    def together(*args: Any) -> Account:
        inside.wait(30)
        return hold(*args)

    patch.setattr(queries, "hold", together)

    def attach(user_id: int) -> None:
        with app.app_context():
            become(SYSTEM)
            start.wait(30)
            try:
                with transaction() as session:
                    by_password(session, replace(world, guest=user_id))
                said.append("attached")
            except DomainError:
                said.append("told why not")
            except Exception as error:
                said.append(repr(error))

    threads = [threading.Thread(target=attach, args=(user_id,)) for user_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(said)


@pytest.mark.parametrize(("free", "attached"), [(20, 3), (2, 2)], ids=["room for all", "room for two"])
def test_three_people_at_once_get_exactly_what_the_rules_allow(
    world: World, act: Any, app: Flask, monkeypatch: pytest.MonkeyPatch, free: int, attached: int
) -> None:
    monkeypatch.setattr(account_access, "MOST_GUESTS", free)
    with act() as session:
        people = [factories.user(session).id for _person in range(3)]
    said = attached_at_once(app, world, people, monkeypatch)
    assert said == ["attached"] * attached + ["told why not"] * (3 - attached)
    with act() as session:
        assert queries.guests(session, world.account) == attached
    assert sum(sees(act, person) for person in people) == attached


def test_one_person_three_times_at_once_is_attached_once(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = attached_at_once(app, world, [world.guest] * 3, monkeypatch)
    assert said == ["attached", "told why not", "told why not"]
