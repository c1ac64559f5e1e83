"""A customer closes the cabinet: what was its own ends in one act, what the utility must keep stays."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain import account_access, calendar_links
from app.domain.account_access import Limits
from app.models import (
    Account,
    AccountAccess,
    AuditEvent,
    CalendarLink,
    Consent,
    DataArchive,
    EmailSubscription,
    Reading,
    SavedCard,
    SiteUser,
    Subscription,
    UserSession,
)
from app.queries import people as rows
from tests import cards, factories, mail
from tests.page import Browser, Page
from tests.samples import PERIOD

EMAIL = "oleg@example.org"


@pytest.fixture
def oleg(act: Any) -> dict[str, Any]:
    """A customer with one of everything."""
    with act() as session:
        user = factories.user(session, login="oleg", email=EMAIL, first_name="Олег", last_name="Белов")
        account = factories.account(session, user)
        factories.reading(session, factories.meter(session, account), "100", PERIOD)
        cards.saved(session, user, account)
        feed = calendar_links.make(session, user.id, account.id)
        category = rows.mailing_categories(session)[0].id
        now = clock.now()
        known = {"user_id": user.id, "address": "127.0.0.1", "wording": "Да", "version": "1", "given_at": now}
        session.add_all([Consent(**known), Subscription(category_id=category, **known)])
        expires_at = now + timedelta(days=7)
        session.add(DataArchive(user_id=user.id, locale="ru", asked_at=now, expires_at=expires_at, state="ready"))
        session.flush()
        limits = Limits()
        invitation = account_access.invite(session, user.id, account.id, limits).secret
        return {"id": user.id, "account": account.id, "feed": feed, "invitation": invitation}


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(login, factories.PASSWORD)
    return browser


def close(browser: Browser, **changed: Any) -> Page:
    form = browser.get("/cabinet/settings/close").form("current")
    return form.submit(**{"current": factories.PASSWORD, "agreed": "y", **changed})


def open_rows(session: Any, user_id: int) -> dict[str, int]:
    """How many of the user's rows still stand, by table."""
    ends = {
        AccountAccess: AccountAccess.revoked_at,
        CalendarLink: CalendarLink.revoked_at,
        SavedCard: SavedCard.removed_at,
        Subscription: Subscription.withdrawn_at,
        Consent: Consent.withdrawn_at,
        UserSession: UserSession.ended_at,
    }
    return {
        model.__tablename__: session.scalar(
            select(func.count()).select_from(model).where(model.user_id == user_id, end.is_(None))
        )
        for model, end in ends.items()
    }


def test_everything_of_the_cabinet_ends_in_one_act_and_the_account_stays(
    app: Flask, act: Any, oleg: dict[str, Any]
) -> None:
    browser, other = signed_in(app, "oleg"), signed_in(app, "oleg")
    with act() as session:
        assert set(open_rows(session, oleg["id"]).values()) <= {1, 2}
    page = close(browser)
    assert page.path == "/"
    assert browser.get("/cabinet/").path == other.get("/cabinet/").path == "/login/"
    with act() as session:
        assert set(open_rows(session, oleg["id"]).values()) == {0}
        assert session.scalars(select(DataArchive.expires_at)).one() <= clock.now()
        assert session.get_one(Account, oleg["account"]).status == "active"
        assert session.scalar(select(func.count(Reading.id))) == 1
        assert calendar_links.opened(session, oleg["feed"]) is None
        assert account_access.look_up(session, oleg["invitation"]).state != "good"
        user = session.get_one(SiteUser, oleg["id"])
        left = f"{user.username} {user.email} {user.first_name} {user.last_name} {user.patronymic} {user.phone}"
        assert "Олег" not in left
        assert "Белов" not in left
        assert "oleg" not in left
        assert (user.active, user.password) == (False, None)
        assert session.scalars(select(AuditEvent.action)).all().count("closed the cabinet") == 1


def test_a_letter_tells_the_e_mail_that_the_cabinet_had(app: Flask, oleg: dict[str, Any]) -> None:
    close(signed_in(app, "oleg"))
    (letter,) = mail.delivered(app, to=EMAIL)
    for part in (mail.text_of(letter), mail.html_of(letter)):
        assert "Олег" in part
        assert "/register" in part


def test_what_the_e_mail_is_subscribed_to_without_a_cabinet_ends_too(
    app: Flask, act: Any, oleg: dict[str, Any]
) -> None:
    with act() as session:
        category = rows.mailing_categories(session)[0].id
        for email in (EMAIL, "anna@example.org"):
            known = {"email": email, "address": "127.0.0.1", "wording": "Да", "version": "1", "locale": "ru"}
            now = clock.now()
            session.add(EmailSubscription(category_id=category, **known, given_at=now, confirmed_at=now))
    browser = signed_in(app, "oleg")
    assert "без входа в кабинет" in browser.get("/cabinet/settings/close").text
    close(browser)
    with act() as session:
        standing = select(EmailSubscription.email).where(EmailSubscription.withdrawn_at.is_(None))
        assert session.scalars(standing).all() == ["anna@example.org"]
    (letter,) = mail.delivered(app, to=EMAIL)
    for part in (mail.text_of(letter), mail.html_of(letter)):
        assert "без входа в кабинет" in part


def test_signing_in_afterwards_is_answered_like_an_unknown_login(app: Flask, oleg: dict[str, Any]) -> None:
    close(signed_in(app, "oleg"))
    answers = []
    for login in ("oleg", EMAIL, f"closed-{oleg['id']}", "nobody-at-all"):
        page = Browser(app).get("/login/").form("password").submit(username=login, password=factories.PASSWORD)
        answers.append((page.status, page.error("password")))
    assert len(set(answers)) == 1
    assert answers[0][0] == 422


def test_the_e_mail_registers_anew(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    close(signed_in(app, "oleg"))
    with act() as session:
        assert rows.user_by_login(session, EMAIL) is None
        assert rows.user_by_login(session, "oleg") is None
        factories.user(session, login=EMAIL, email=EMAIL)


@pytest.mark.parametrize("changed", [{"current": "wrong-words-here"}, {"agreed": None}, {"current": ""}])
def test_nothing_ends_without_the_password_and_the_tick(
    changed: dict[str, Any], app: Flask, act: Any, oleg: dict[str, Any]
) -> None:
    browser = signed_in(app, "oleg")
    page = close(browser, **changed)
    assert page.status == 422
    assert page.error(next(iter(changed)))
    browser.get("/cabinet/settings")
    with act() as session:
        assert session.get_one(SiteUser, oleg["id"]).active


@pytest.mark.parametrize("has_other_holder", [True, False])
def test_guests_stay_where_somebody_else_holds_the_account(
    has_other_holder: bool, app: Flask, act: Any, oleg: dict[str, Any]
) -> None:
    with act() as session:
        guest, other = factories.user(session), factories.user(session, "Company")
        found = [(guest.id, "invitation")] + [(other.id, "application")] * has_other_holder
        for user_id, basis in found:
            session.add(AccountAccess(user_id=user_id, account_id=oleg["account"], basis=basis, granted_at=clock.now()))
        ids = [user_id for user_id, _basis in found]
    close(signed_in(app, "oleg"))
    with act() as session:
        left = session.scalars(select(AccountAccess.user_id).where(AccountAccess.revoked_at.is_(None))).all()
        assert sorted(left) == (sorted(ids) if has_other_holder else [])


def test_a_company_reads_what_becomes_of_its_other_people(app: Flask, act: Any) -> None:
    with act() as session:
        factories.account(session, factories.user(session, "Company", login="firm"), is_company=True)
    browser = Browser(app, language="en")
    browser.sign_in("firm", factories.PASSWORD)
    assert "Its other people keep their own cabinets" in browser.get("/cabinet/settings/close").text
    assert close(browser).path == "/"


def test_staff_see_that_it_is_closed_and_do_not_open_it_again(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    close(signed_in(app, "oleg"))
    with act() as session:
        factories.user(session, "Admin", login="admin")
    admin = Browser(app, language="en")
    admin.sign_in("admin", factories.PASSWORD)
    page = admin.get(f"/staff/users/show/{oleg['id']}")
    assert "Cabinet closed by its user" in page.text
    again = admin.get(f"/staff/users/edit/{oleg['id']}").form("username").submit(active="y")
    assert again.status == 422
    with act() as session:
        assert not session.get_one(SiteUser, oleg["id"]).active
