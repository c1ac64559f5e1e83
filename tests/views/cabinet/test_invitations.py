"""Whoever is invited and has no cabinet opens one by the link; invitations that wait are seen and withdrawn."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.models import AccountAccess, Consent, OneTimeToken, SiteUser
from tests import factories, mail
from tests.page import Browser, Page
from tests.views.cabinet.test_account_access import HOLDER, accepted, account, invitation, oleg, press, signed_in

__all__ = ["account", "oleg"]  # fixtures
ME = {
    "last_name": "Новикова",
    "first_name": "Вера",
    "phone": "+7 342 201-95-37",
    "password": "three-green-lamps-17",
    "consent": "y",
}


@pytest.fixture
def vera(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def link(app: Flask, oleg: Browser, account: int, act: Any) -> str:
    """To an e-mail without a cabinet."""
    path = invitation(app, oleg, account, may=["may_send"])
    with act() as session:
        anna = session.scalars(select(SiteUser).where(SiteUser.username == "anna")).one()
        anna.email, anna.username = "other@example.org", "other"
    return path


def joined(browser: Browser, link: str, **changed: Any) -> Page:
    form = browser.get(f"{link}/join").form("password")
    return form.submit(**{**ME, **changed})


def test_a_cabinet_is_opened_by_the_link_with_the_account_in_it(
    app: Flask, vera: Browser, link: str, account: int, act: Any
) -> None:
    page = vera.get(link)
    assert "/join" in page.link("Открыть кабинет")
    page = joined(vera, link)
    assert page.path == "/cabinet/accounts"
    assert "0012345678" in page.text
    with act() as session:
        made = session.scalars(select(SiteUser).where(SiteUser.email == "anna@example.org")).one()
        assert (made.active, made.username, made.first_name) == (True, "anna@example.org", "Вера")
        assert made.email_confirmed_at is not None
        assert [role.name for role in made.roles] == ["Customer"]
        access = session.scalars(select(AccountAccess).where(AccountAccess.user_id == made.id)).one()
        assert (access.basis, access.may_send, access.may_pay) == ("invitation", True, False)
        assert session.scalars(select(Consent.user_id)).all() == [made.id]
    assert len(mail.delivered(app, to=HOLDER)) == 1
    again = Browser(app)
    again.sign_in("anna@example.org", ME["password"])
    assert "0012345678" in again.get("/cabinet/accounts").text


def test_the_link_opens_one_cabinet(app: Flask, vera: Browser, link: str) -> None:
    joined(vera, link)
    other = Browser(app)
    other.get(link, expect=410)
    assert "/join" not in other.get(f"{link}/join", expect=410).path


def test_a_weak_password_keeps_what_was_typed_and_the_link(vera: Browser, link: str) -> None:
    page = joined(vera, link, password="short")
    assert page.status == 422
    assert page.error("password")
    assert page.form("password").values["last_name"] == "Новикова"
    assert joined(vera, link).path == "/cabinet/accounts"


def test_whoever_has_a_cabinet_signs_in_instead(app: Flask, vera: Browser, oleg: Browser, account: int) -> None:
    path = invitation(app, oleg, account)
    page = vera.get(path)
    assert "/join" not in page.html
    assert f"next={path}" in page.link("войти").replace("%2F", "/")
    assert vera.get(f"{path}/join").path == path
    accepted(signed_in(app, "anna"), path)


def test_a_cabinet_that_was_opened_meanwhile_is_not_taken_over(vera: Browser, link: str, act: Any) -> None:
    form = vera.get(f"{link}/join").form("password")
    with act() as session:
        factories.user(session, email="anna@example.org", login="anna@example.org")
    page = form.submit(**ME)
    assert page.path == link
    with act() as session:
        assert session.scalars(select(OneTimeToken.used_at)).all() == [None]


def test_a_registration_that_was_never_confirmed_gives_way(vera: Browser, link: str, act: Any) -> None:
    with act() as session:
        sleeping = factories.user(
            session, email="anna@example.org", login="anna@example.org", active=False, email_confirmed_at=None
        )
        another = factories.account(session, sleeping, number="0099999999").id
    page = joined(vera, link)
    assert "0012345678" in page.text
    assert "0099999999" not in page.text
    with act() as session:
        rows = session.scalars(select(AccountAccess.revoked_at).where(AccountAccess.account_id == another))
        assert None not in rows.all()


def test_a_page_of_an_invitation_shows_no_account_of_others(app: Flask, oleg: Browser, account: int, act: Any) -> None:
    with act() as session:
        factories.account(session, factories.user(session), number="0055555555")
    page = signed_in(app, "anna").get(invitation(app, oleg, account))
    assert "0055555555" not in page.text
    assert "0012345678" not in page.text


def test_staff_accept_no_invitations(app: Flask, oleg: Browser, account: int, act: Any) -> None:
    path = invitation(app, oleg, account)
    with act() as session:
        factories.user(session, "Operator", login="clerk")
    signed_in(app, "clerk").get(path, expect=403)


def test_the_holder_sees_who_is_waited_for_and_withdraws_it(app: Flask, oleg: Browser, account: int, link: str) -> None:
    page = oleg.get(f"/cabinet/accounts/{account}/people")
    assert "anna@example.org" in page.text
    page = press(page, "/withdraw")
    assert "anna@example.org" not in page.text
    Browser(app).get(link, expect=410)
    assert "/withdraw" not in page.html


def test_an_invitation_that_was_accepted_waits_no_more(vera: Browser, oleg: Browser, account: int, link: str) -> None:
    joined(vera, link)
    assert "/withdraw" not in oleg.get(f"/cabinet/accounts/{account}/people").html


def test_only_holders_of_the_account_withdraw(app: Flask, oleg: Browser, account: int, link: str, act: Any) -> None:
    with act() as session:
        guest = factories.user(session, login="guest")
        session.add(AccountAccess(user_id=guest.id, account_id=account, basis="invitation", granted_at=clock.now()))
        token = session.scalars(select(OneTimeToken.id)).one()
        stranger = factories.account(session, factories.user(session, login="stranger")).id
    for login, of in (("guest", account), ("stranger", account), ("stranger", stranger)):
        browser = signed_in(app, login)
        page = browser.get("/cabinet/settings").form("language")
        data = {"csrf_token": page.values["csrf_token"]}
        browser.post(f"/cabinet/accounts/{of}/people/invitations/{token}/withdraw", expect=404, data=data)
    assert "anna@example.org" not in signed_in(app, "guest").get(f"/cabinet/accounts/{account}/people").text
    Browser(app).get(link)
