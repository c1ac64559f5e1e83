"""Pages of an account of somebody else: three ways in, letters, limits told in words, the end."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain import account_access
from app.domain.registration import LETTERS
from app.models import AccountAccess, AuditEvent, Customer, SignInLock, SiteUser
from app.queries import account_access as queries
from tests import factories, mail
from tests.page import Browser, Form, Page

HOLDER, PAYER = "oleg@example.org", "payer@example.org"


@pytest.fixture
def account(act: Any) -> int:
    with act() as session:
        oleg = factories.user(session, login="oleg", email=HOLDER, first_name="Олег")
        payer = Customer(full_name="Петрова Анна", email=PAYER)
        made = factories.account(session, oleg, number="0012345678", customer=payer)
        factories.meter(session, made, serial="77-001122")
        factories.user(session, login="anna", email="anna@example.org", first_name="Анна")
        return made.id


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app)
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def anna(app: Flask, account: int) -> Browser:
    return signed_in(app, "anna")


@pytest.fixture
def oleg(app: Flask, account: int) -> Browser:
    return signed_in(app, "oleg")


def by_password(browser: Browser, **changed: str) -> Page:
    form = browser.get("/cabinet/accounts/attach/password").form("login")
    return form.submit(**{"login": "oleg", "password": factories.PASSWORD, **changed})


def invitation(app: Flask, oleg: Browser, account: int, **said: Any) -> str:
    """The path of the link that Anna found in her mailbox."""
    form = oleg.get(f"/cabinet/accounts/{account}/invite").form("email")
    page = form.submit(email="anna@example.org", **said)
    assert page.url.endswith(f"/{account}/people"), page.text
    letter = mail.delivered(app, to="anna@example.org")[-1]
    found = re.search(r"http://localhost(/cabinet/invitation/\S+)", mail.text_of(letter))
    assert found
    return found[1]


def press(page: Page, action: str) -> Page:
    """Press the button of the form that leads there."""
    form = next(each for each in page.elements("form") if (each.get("action") or page.path).endswith(action))
    return Form(page, form).submit()


def accepted(browser: Browser, path: str) -> Page:
    return press(browser.get(path), path)


def test_password_opens_the_account_and_the_holder_is_told_by_letter(app: Flask, anna: Browser, act: Any) -> None:
    page = by_password(anna)
    assert "0012345678" in page.text
    for address in (HOLDER, PAYER):
        (letter,) = mail.delivered(app, to=address)
        for part in (mail.text_of(letter), mail.html_of(letter)):
            assert "0012345678" in part
            assert "a•••@example.org" in part
            assert "/people" in part
            assert factories.PASSWORD not in part
    with act() as session:
        assert session.scalars(select(AuditEvent.action)).all().count("attached") == 1


def test_wrong_password_is_refused_kept_out_of_the_page_and_counted_by_the_lock_out(anna: Browser, act: Any) -> None:
    with act() as session:
        oleg = session.scalars(select(SiteUser.id).where(SiteUser.username == "oleg")).one()
    for _try in range(11):
        page = by_password(anna, password="wrong-words-here")
        assert page.status == 422
        assert page.error("password")
        assert "wrong-words-here" not in page.html
    assert by_password(anna).status == 422
    with act() as session:
        assert session.get_one(SignInLock, f"login:{oleg}").locked_until


def test_a_bill_opens_the_account_and_the_holder_is_told(app: Flask, anna: Browser) -> None:
    form = anna.get("/cabinet/accounts/attach/bill").form("fact")
    assert form.submit(account_number="0012345678", fact="1").error("fact")
    assert not mail.delivered(app)
    assert "0012345678" in form.submit(account_number="0012345678", fact="77-001122").text
    assert len(mail.delivered(app, to=HOLDER)) == 1


def test_facts_are_counted_together_with_registration(anna: Browser) -> None:
    form = anna.get("/cabinet/accounts/attach/bill").form("fact")
    pages = [form.submit(account_number="0012345678", fact="1") for _ in range(4)]
    assert [bool(page.error("fact")) for page in pages] == [True, True, True, False]
    assert form.submit(account_number="0012345678", fact="77-001122").status == 422


def test_the_account_attached_twice_is_told(anna: Browser) -> None:
    by_password(anna)
    assert by_password(anna).status == 422


def test_an_invitation_is_accepted_once(app: Flask, anna: Browser, oleg: Browser, account: int, act: Any) -> None:
    path = invitation(app, oleg, account, may=["may_send"], last_day="31.12.2027")
    page = anna.get(path)
    assert "Ленина" in page.text
    assert "0012345678" in press(page, path).text
    with act() as session:
        access = session.scalars(select(AccountAccess).where(AccountAccess.basis == "invitation")).one()
        assert (access.may_send, access.may_pay, access.may_request) == (True, False, False)
        assert access.ends_at is not None
        assert access.ends_at.isoformat() == "2027-12-31T19:00:00+00:00"
    assert anna.get(path, expect=410).heading
    assert mail.delivered(app, to=HOLDER)


def test_an_altered_invitation_is_answered(anna: Browser) -> None:
    assert anna.get("/cabinet/invitation/xyz", expect=404).heading
    assert anna.post("/cabinet/invitation/xyz").status in (400, 404)


def test_a_visitor_with_an_invitation_signs_in_and_comes_to_it(
    app: Flask, oleg: Browser, account: int, browser: Browser
) -> None:
    path = invitation(app, oleg, account)
    page = browser.get(browser.get(path).link("У меня есть кабинет"))
    assert page.form("username").submit(username="anna", password=factories.PASSWORD).url.endswith(path)


@pytest.mark.parametrize("last_day", ["31.02.2027", "2020-01-01", "завтра"])
def test_a_last_day_that_cannot_be_is_refused(oleg: Browser, account: int, last_day: str) -> None:
    form = oleg.get(f"/cabinet/accounts/{account}/invite").form("email")
    page = form.submit(email="anna@example.org", last_day=last_day)
    assert page.error("last_day")


def test_nobodys_mailbox_is_filled_with_invitations(app: Flask, oleg: Browser, account: int) -> None:
    for _number in range(LETTERS):
        invitation(app, oleg, account)
    page = oleg.get(f"/cabinet/accounts/{account}/invite").form("email").submit(email="Anna@example.org")
    assert page.status == 422
    assert page.error("email")
    assert len(mail.delivered(app, to="anna@example.org")) == LETTERS


def test_the_holder_sees_who_looks_and_detaches(anna: Browser, oleg: Browser, account: int) -> None:
    by_password(anna)
    page = oleg.get(f"/cabinet/accounts/{account}/people")
    assert "Анна" in page.text
    assert "anna@example.org" not in page.text
    assert "Анна" not in press(page, "/detach").text
    anna.get(f"/cabinet/accounts/{account}/people", expect=404)
    assert "0012345678" not in anna.get("/cabinet/accounts").text


def test_a_guest_sees_no_other_people_invites_nobody_and_leaves(anna: Browser, account: int) -> None:
    by_password(anna)
    page = anna.get(f"/cabinet/accounts/{account}/people")
    assert "Олег" not in page.text
    anna.get(f"/cabinet/accounts/{account}/invite", expect=404)
    assert press(page, "/detach").url.endswith("/cabinet/accounts")
    anna.get(f"/cabinet/accounts/{account}/people", expect=404)


def test_strangers_find_nothing(anna: Browser, account: int, act: Any) -> None:
    with act() as session:
        access = session.scalars(select(AccountAccess.id)).one()
    for page in ("people", "invite"):
        anna.get(f"/cabinet/accounts/{account}/{page}", expect=404)
    token = anna.get("/cabinet/accounts/attach/password").form("login").values["csrf_token"]
    data = {"csrf_token": token}
    assert anna.post(f"/cabinet/accounts/{account}/people/{access}/detach", data=data).status == 404


def test_what_the_access_does_not_say_is_answered_in_words(
    app: Flask, anna: Browser, oleg: Browser, account: int
) -> None:
    accepted(anna, invitation(app, oleg, account))
    for url in ("/cabinet/readings", "/cabinet/payments", "/cabinet/requests/new"):
        page = anna.get(url, expect=403)
        assert "Ленина" in page.text, url
    for url in ("/cabinet/", "/cabinet/charges", "/cabinet/meters", "/cabinet/requests"):
        anna.get(url)


def test_what_it_says_is_open(app: Flask, anna: Browser, oleg: Browser, account: int) -> None:
    accepted(anna, invitation(app, oleg, account, may=["may_send", "may_pay", "may_request"]))
    for url in ("/cabinet/readings", "/cabinet/payments"):
        anna.get(url)


@pytest.mark.parametrize("by_holder", [True, False])
def test_who_was_a_guest_knows_the_meters_and_comes_back_by_the_holder_alone(
    anna: Browser, account: int, act: Any, by_holder: bool
) -> None:
    with act() as session:
        guest = session.scalars(select(SiteUser.id).where(SiteUser.username == "anna")).one()
        holder = session.scalars(select(SiteUser.id).where(SiteUser.username == "oleg")).one()
        account_access.grant(session, guest, account, queries.INVITATION, account_access.Limits(may_pay=False))
        access = session.scalars(select(AccountAccess.id).where(AccountAccess.user_id == guest)).one()
        account_access.detach(session, holder if by_holder else guest, account, access)
    form = anna.get("/cabinet/accounts/attach/bill").form("fact")
    assert form.submit(account_number="0012345678", fact="77-001122").error("fact")
    anna.get(f"/cabinet/accounts/{account}/people", expect=404)
