"""Links for calendars: made, read by a calendar program, revoked, cut with the access."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from app import clock
from app.domain import calendar_links
from app.models import Account, AccountAccess, CalendarLink, Meter, SiteUser, WorkState
from tests import factories
from tests.household import household
from tests.page import Browser

PAGE = "/cabinet/settings/calendar"


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel("2026-11-22T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def account_id(act: Any) -> int:
    """Irina's account: bills, two meters."""
    with act() as session:
        owner = factories.user(session, login="irina", locale="en")
        return household(session, owner)[1].id  # type: ignore[no-any-return]


@pytest.fixture
def irina(account_id: int, app: Flask) -> Browser:
    browser = Browser(app, "en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def made(irina: Browser) -> str:
    """The path of a new link."""
    page = irina.get(PAGE)
    form = next(form for form in _forms(page) if form.endswith("/make"))
    page = irina.post(form, data={"csrf_token": page.form("csrf_token").values["csrf_token"]})
    (field,) = [each for each in page.elements("input") if each.get("id") == "address"]
    return str(field.get("value")).removeprefix("http://localhost")


def _forms(page: Any) -> list[str]:
    return [form.get("action") or "" for form in page.elements("form")]


def events(app: Flask, path: str) -> dict[str, Any]:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    return {str(event["UID"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}


def status(app: Flask, path: str, **headers: str) -> int:
    return app.test_client().get(path, headers=headers).status_code


def test_a_calendar_shows_works_the_window_the_term_and_verifications(
    irina: Browser, app: Flask, act: Any, account_id: int
) -> None:
    with act() as session:
        account = session.get_one(Account, account_id)
        house = account.premises.house
        mine = [factories.work_range(session, house.street.name, house.number)]
        here = factories.work(session, "У дома", ranges=mine, is_everywhere=False)
        other = [factories.work_range(session, house.street.name, "999")]
        factories.work(session, "У соседей", ranges=other, is_everywhere=False)
        factories.work(session, "Черновик", state=WorkState.draft)
        off = factories.work(session, "Отменили", state=WorkState.canceled)
        factories.work(session, "Давно", days=-40)
        keys, starts = (f"work-{here.id}", f"work-{off.id}"), here.starts_at
    found = events(app, made(irina))
    works = {key: event for key, event in found.items() if key.startswith("work")}
    assert set(works) == set(keys)
    assert works[keys[0]]["DTSTART"].dt == starts
    assert works[keys[1]]["STATUS"] == "CANCELLED"
    window = next(event for key, event in found.items() if key.startswith("window-2026-11"))
    assert (window["DTSTART"].dt, window["DTEND"].dt) == (date(2026, 11, 20), date(2026, 11, 27))
    assert any(key.startswith("window-2026-12") for key in found)
    term = next(event for key, event in found.items() if key.startswith("bill-2026-10"))
    assert term["DTSTART"].dt == date(2026, 11, 16)
    assert sum(key.startswith("meter") for key in found) == 2


def test_nothing_of_the_person_stands_in_it(irina: Browser, app: Flask, act: Any, account_id: int) -> None:
    text = app.test_client().get(made(irina)).get_data(as_text=True).replace("\r\n ", "")
    with act() as session:
        account = session.get_one(Account, account_id)
        private = [account.number, account.premises.address, account.customer.full_name, "₽"]
        private += [meter.serial for meter in session.scalars(select(Meter))]
        private += [user.email for user in session.scalars(select(SiteUser))]
    assert [word for word in private if word in text] == []


def test_the_address_is_shown_once_and_kept_as_a_hash(irina: Browser, act: Any) -> None:
    path = made(irina)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in irina.get(PAGE).html
    with act() as session:
        row = session.scalars(select(CalendarLink)).one()
        assert secret not in {str(value) for value in vars(row).values()}
        assert len(row.token_hash) == 64


def test_a_removed_link_opens_nothing_and_the_others_go_on(irina: Browser, app: Flask) -> None:
    first, second = made(irina), made(irina)
    page = irina.get(PAGE)
    newest = next(form for form in _forms(page) if form.endswith("/revoke"))
    token = page.form("csrf_token").values["csrf_token"]
    irina.post(newest, data={"csrf_token": token})
    assert (status(app, first), status(app, second)) == (200, 404)
    assert irina.post(newest, data={"csrf_token": token}).status == 404


def test_a_change_of_owner_cuts_the_link_for_ever(irina: Browser, app: Flask, act: Any, account_id: int) -> None:
    path = made(irina)
    with act() as session:
        access = session.scalars(select(AccountAccess).where(AccountAccess.account_id == account_id)).one()
        access.revoked_at, user_id = clock.now(), access.user_id
    assert status(app, path) == 404
    with time_machine.travel("2026-11-23T12:00:00+05:00", tick=False):
        with act() as session:
            session.add(AccountAccess(user_id=user_id, account_id=account_id, basis="test", granted_at=clock.now()))
        assert status(app, path) == 404


def test_a_user_who_may_not_sign_in_has_no_calendar(irina: Browser, app: Flask, act: Any) -> None:
    path = made(irina)
    with act() as session:
        session.scalars(select(SiteUser).where(SiteUser.username == "irina")).one().active = False
    assert status(app, path) == 404


@pytest.mark.parametrize("secret", ["x", "a" * 43, "a" * 5000, "%00", "../x", "'--"])
def test_a_link_that_nobody_made_is_404(app: Flask, database: None, secret: str) -> None:
    assert status(app, f"/calendar/{secret}.ics") == 404


def test_another_s_link_is_neither_seen_nor_removed(irina: Browser, app: Flask, act: Any) -> None:
    path = made(irina)
    with act() as session:
        factories.account(session, factories.user(session, login="other"))
        number = session.scalars(select(CalendarLink.id)).one()
    other = Browser(app, "en")
    other.sign_in("other", factories.PASSWORD)
    page = other.get(PAGE)
    assert not any(form.endswith("/revoke") for form in _forms(page))
    token = page.form("csrf_token").values["csrf_token"]
    other.post(f"{PAGE}/{number}/revoke", data={"csrf_token": token}, expect=404)
    assert status(app, path) == 200


def test_who_has_it_already_is_told_so_until_something_changes(irina: Browser, app: Flask, act: Any) -> None:
    path = made(irina)
    first = app.test_client().get(path)
    tag = first.headers["ETag"]
    assert "public" not in first.headers["Cache-Control"]
    assert status(app, path, **{"If-None-Match": tag}) == 304
    with act() as session:
        factories.work(session, starts_at=clock.now() + timedelta(days=1))
    assert status(app, path, **{"If-None-Match": tag}) == 200


def test_links_have_a_limit_that_is_said(irina: Browser, act: Any) -> None:
    for _each in range(calendar_links.MOST):
        made(irina)
    page = irina.get(PAGE)
    token = page.form("csrf_token").values["csrf_token"]
    page = irina.post(f"{PAGE}/make", data={"csrf_token": token})
    assert "You have 10 links" in page.text
    assert 'id="address"' not in page.html
    with act() as session:
        assert len(session.scalars(select(CalendarLink)).all()) == calendar_links.MOST


def test_settings_lead_there(irina: Browser) -> None:
    assert irina.get("/cabinet/settings").link("Links for calendars").endswith(PAGE)


def test_an_account_without_meters_has_no_days_for_readings(act: Any, app: Flask) -> None:
    with act() as session:
        owner = factories.user(session, login="bare")
        account = factories.account(session, owner)
        secret = calendar_links.make(session, owner.id, account.id)
    assert events(app, f"/calendar/{secret}.ics") == {}
