"""The page that takes a reading from the link of a reminder."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import one_tap, reminders
from app.domain.errors import DomainError
from app.models import AccountAccess, CampaignLetter, Reading, ReadingState
from tests import factories, mailings
from tests.domain.test_tokens import at_once
from tests.page import Browser


@pytest.fixture(autouse=True)
def _in_the_window() -> Any:
    with time_machine.travel("2026-11-22T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def secret(act: Any) -> str:
    with act() as session:
        user = mailings.subscriber(session, "readings", login="irina")
        account = factories.account(session, user)
        factories.meter(session, account, serial="11112222")
        factories.meter(session, account, code="hot")
        factories.account(session, user)
        reminders.make(session, clock.today())
        found = session.scalars(select(CampaignLetter.id).order_by(CampaignLetter.id)).first()
        return one_tap.token(found or 0)


def test_a_reading_is_sent_without_signing_in(secret: str, browser: Browser, act: Any) -> None:
    page = browser.get(f"/reading/{secret}")
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.response.headers["X-Robots-Tag"] == "noindex"
    with act() as session:
        assert session.scalar(select(Reading.id)) is None
    page = page.form("value").submit(value="7,5")
    assert page.path == f"/reading/{secret}"
    assert "7,5 м³" in page.text
    assert len([form for form in page.elements("form") if form.get("method") == "post"]) == 1


@pytest.mark.parametrize("value", ["", "abc", "-1", "1234567"])
def test_what_is_wrong_is_said_at_the_meter_and_kept(value: str, secret: str, browser: Browser, act: Any) -> None:
    page = browser.get(f"/reading/{secret}").form("value").submit(value=value)
    assert page.status == 422
    assert page.error("value")
    assert page.form("value").values["value"] == value
    with act() as session:
        assert session.scalar(select(Reading.id)) is None


def test_an_unusual_use_is_asked_about_and_taken_when_confirmed(secret: str, browser: Browser, act: Any) -> None:
    page = browser.get(f"/reading/{secret}").form("value").submit(value="90000")
    assert page.status == 422
    page = page.form("value").submit(("act", "confirm"))
    assert page.status == 200
    with act() as session:
        assert session.scalars(select(Reading)).one().state is ReadingState.review


def test_another_s_meter_is_404(secret: str, browser: Browser, act: Any) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session)).id
    token = browser.get(f"/reading/{secret}").form("value").values["csrf_token"]
    browser.post(f"/reading/{secret}/{foreign}", data={"csrf_token": token, "value": "7"}, expect=404)


def test_a_closed_month_is_told_and_takes_nothing(secret: str, browser: Browser, act: Any) -> None:
    form = browser.get(f"/reading/{secret}").form("value")
    with time_machine.travel("2026-11-27T12:00:00+05:00", tick=False):
        page = browser.get(f"/reading/{secret}", expect=410)
        assert "ноябрь" in page.text
        assert form.submit(value="7").status == 422
    with act() as session:
        assert session.scalar(select(Reading.id)) is None


def test_it_is_revoked_with_the_access(secret: str, browser: Browser, act: Any) -> None:
    with act() as session:
        for access in session.scalars(select(AccountAccess)):
            access.revoked_at = clock.now()
    browser.get(f"/reading/{secret}", expect=404)


def test_it_shows_one_account_to_whoever_is_signed_in(secret: str, app: Any, act: Any) -> None:
    """The page looks up as the system: nothing of the switcher may come from that."""
    with act() as session:
        other = factories.user(session, login="oleg")
        factories.account(session, other, number="7777777777")
        factories.account(session, number="8888888888")
    visitor = Browser(app)
    visitor.sign_in("oleg", factories.PASSWORD)
    page = visitor.get(f"/reading/{secret}")
    assert "8888888888" not in page.html


@pytest.mark.parametrize("token", ["x", "W10.a.b", "a" * 3000])
def test_an_altered_link_is_404(token: str, browser: Browser) -> None:
    browser.get(f"/reading/{token}", expect=404)


def test_of_four_values_sent_at_once_by_one_link_one_counts(secret: str, app: Any, act: Any) -> None:
    with act() as session:
        link = one_tap.opened(session, secret)
        assert link
        meter_id = link.taps[0].meter_id
    values = iter((5, 6, 7, 8))

    def send(session: Session) -> bool:
        try:
            return one_tap.send(session, secret, meter_id, Decimal(next(values)), confirmed=False) is not None
        except DomainError:
            return False

    assert sorted(map(bool, at_once(app, 4, send))) == [False, False, False, True]
    with act() as session:
        assert len(session.scalars(select(Reading)).all()) == 1
