"""Works done at the same time: all of them are kept, or none."""

from functools import partial
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Locality
from app.parallel import Work, transactions
from app.security.scope import SYSTEM, become

TOWNS = ("one", "two", "three")


def put(key: str, session: Session) -> None:
    session.add(Locality(name=key))


def kept(app: Flask) -> set[str]:
    with app.app_context():
        become(SYSTEM)
        return set(db.session().scalars(select(Locality.name).where(Locality.name.in_(TOWNS))))


@pytest.fixture
def takes_several(app: Flask, database: None) -> bool:
    """Whether the database takes several writers."""
    with app.app_context():
        return bool(db.engine.dialect.name == "postgresql")


def do(app: Flask, *works: Work) -> None:
    with app.app_context():
        become(SYSTEM)
        transactions(works)


def test_one_work_is_a_transaction(app: Flask, database: None) -> None:
    do(app, partial(put, "one"))
    assert kept(app) == {"one"}


def test_works_go_on_beside_each_other(app: Flask, takes_several: bool) -> None:
    first, second = Event(), Event()

    def meet(mine: Event, its: Event, key: str, session: Session) -> None:
        put(key, session)
        session.flush()
        mine.set()
        assert its.wait(10), "the other work has not begun"

    if takes_several:
        do(app, partial(meet, first, second, "one"), partial(meet, second, first, "two"))
        assert kept(app) == {"one", "two"}


@pytest.mark.parametrize("place", range(3))
def test_one_that_fails_takes_the_others_back(app: Flask, takes_several: bool, place: int) -> None:
    def fail(session: Session) -> None:
        session.execute(text("SELECT 1"))
        raise ZeroDivisionError

    if takes_several:
        works: list[Work] = [partial(put, key) for key in TOWNS]
        works[place] = fail
        with pytest.raises(ZeroDivisionError):
            do(app, *works)
        assert kept(app) == set()


def test_one_that_fails_alone_is_raised(app: Flask, database: None) -> None:
    def fail(session: Session) -> None:
        put("one", session)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do(app, fail)
    assert kept(app) == set()
