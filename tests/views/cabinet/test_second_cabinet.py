"""A further cabinet of an account: whoever sees the account already is told, by whose letter nobody can be deceived."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.domain import account_access
from app.domain.registration import masked
from app.models import AccountAccess, Customer
from app.queries import people
from app.queries.account_access import GUESTS
from tests import factories, mail
from tests.page import Browser
from tests.views.cabinet.entry import press
from tests.views.cabinet.newcomer import letter_link, register

NOW = datetime(2026, 11, 22, 9, 2, tzinfo=UTC)
HOLDER, OWNER = "holder@example.org", "owner@example.org"


@pytest.fixture(autouse=True)
def account(act: Any) -> int:
    """An account that Oleg holds in his cabinet; the utility knows an e-mail of its payer."""
    with act() as session:
        oleg = factories.user(session, login="oleg", email=HOLDER, first_name="Олег", patronymic=None)
        payer = Customer(full_name="Петрова Анна", email=OWNER)
        made = factories.account(session, oleg, number="0012345678", customer=payer)
        factories.meter(session, made, serial="77-001122")
        return made.id


def join(app: Flask, **changed: Any) -> None:
    register(Browser(app), **changed)
    press(Browser(app), letter_link(app))


def subject(app: Flask, to: str) -> list[str]:
    return [str(letter["Subject"]) for letter in mail.delivered(app, to=to)]


def test_holder_and_payer_are_told_who_joined_when_and_what_to_do(app: Flask) -> None:
    with time_machine.travel(NOW, tick=True):
        join(app)
    for address, name in ((HOLDER, "Олег"), (OWNER, "Петрова Анна")):
        (letter,) = mail.delivered(app, to=address)
        for part in (mail.text_of(letter), mail.html_of(letter)):
            for words in (name, "Ирина", "i•••@example.org", "0012345678", "22 ноября 2026", "14:02", "201-95-37"):
                assert words in part.replace("\u00a0", " ")
            assert "irina@example.org" not in part
            assert "Сергеевна" not in part


def test_nobody_is_told_before_the_email_is_confirmed(app: Flask) -> None:
    register(Browser(app))
    assert not mail.delivered(app, to=HOLDER) + mail.delivered(app, to=OWNER)


def test_letter_speaks_the_language_of_its_reader(app: Flask, act: Any) -> None:
    with act() as session:
        holder = people.user_by_login(session, "oleg")
        assert holder
        holder.locale = "en"
    join(app)
    assert subject(app, HOLDER) == ["A cabinet was opened for your account"]
    assert subject(app, OWNER) == ["Для вашего лицевого счёта открыт кабинет"]


@pytest.mark.parametrize("is_held", [True, False])
def test_who_joins_a_held_account_is_a_guest_whom_its_holder_can_detach(app: Flask, act: Any, is_held: bool) -> None:
    with act() as session:
        oleg = people.user_by_login(session, "oleg")
        assert oleg
        oleg.active = is_held
    join(app)
    with act() as session:
        oleg, irina = (people.user_by_login(session, name) for name in ("oleg", "irina@example.org"))
        assert oleg
        assert irina
        access = session.scalars(select(AccountAccess).where(AccountAccess.user_id == irina.id)).one()
        assert (access.basis in GUESTS) is is_held
        if is_held:
            account_access.detach(session, oleg.id, access.account_id, access.id)
            assert access.revoked_at


def test_only_those_who_see_the_account_now_are_told(app: Flask, act: Any) -> None:
    with act() as session:
        oleg = people.user_by_login(session, "oleg")
        assert oleg
        oleg.active = False
        olga = factories.user(session, login="olga", email="olga@example.org")
        account = session.query(AccountAccess).one().account_id
        session.add(AccountAccess(user_id=olga.id, account_id=account, basis="x", granted_at=NOW, revoked_at=NOW))
    join(app)
    assert not mail.delivered(app, to=HOLDER) + mail.delivered(app, to="olga@example.org")


def test_payer_who_registers_is_not_written_to(app: Flask, act: Any) -> None:
    with act() as session:
        session.query(Customer).one().email = "Irina@Example.org"
    join(app)
    assert len(mail.delivered(app, to="irina@example.org")) == 1
    assert len(mail.delivered(app)) == 2


def test_one_who_is_holder_and_payer_gets_one_letter(app: Flask, act: Any) -> None:
    with act() as session:
        session.query(Customer).one().email = "HOLDER@example.org"
    join(app)
    assert len(mail.delivered(app, to=HOLDER)) == 1
    assert len(mail.delivered(app)) == 2


@pytest.mark.parametrize(
    ("email", "shown"), [("irina@example.org", "i•••@example.org"), ("я@пример.рф", "я•••@пример.рф")]
)
def test_email_of_somebody_else_is_shown_in_part(email: str, shown: str) -> None:
    assert masked(email) == shown
