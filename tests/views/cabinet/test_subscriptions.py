"""Subscribing by an e-mail alone, confirming by the letter, leaving by one press."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import subscriptions
from app.models import EmailSubscription, MailingCategory, Subscription
from tests import mail, mailings
from tests.domain.test_tokens import at_once
from tests.page import Browser, Page

EMAIL = "guest@example.org"


def ask(browser: Browser, act: Any, *codes: str, email: str = EMAIL) -> Page:
    with act() as session:
        ids = [str(mailings.category(session, code)) for code in codes]
    form = browser.get("/subscribe").form("email")
    data = {"csrf_token": form.values["csrf_token"], "email": email, "categories": ids}
    return browser.post(form.action, data=data)


def rows(act: Any) -> list[EmailSubscription]:
    with act() as session:
        found = session.scalars(select(EmailSubscription).order_by(EmailSubscription.id)).all()
        session.expunge_all()
    return list(found)


def test_nothing_is_ticked_and_reminders_are_for_cabinets(browser: Browser, act: Any) -> None:
    page = browser.get("/subscribe")
    boxes = [field for field in page.elements("input") if field.get("name") == "categories"]
    assert len(boxes) == 4
    assert not [box for box in boxes if box.get("checked") is not None]


def test_a_subscription_counts_once_its_letter_confirms_it(app: Flask, browser: Browser, act: Any) -> None:
    page = ask(browser, act, "news", "works")
    assert page.path == "/subscribe/sent"
    assert [row.confirmed_at for row in rows(act)] == [None, None]
    (letter,) = mail.delivered(app, to=EMAIL)
    assert "Новости" in mail.text_of(letter)
    link = mail.link_in(letter, "/subscribe/confirm/")
    page = Browser(app).get(link)
    assert [row.confirmed_at for row in rows(act)] == [None, None]  # a mail scanner confirms nothing
    page = page.form("csrf_token").submit()
    assert page.status == 200
    for row in rows(act):
        assert row.confirmed_at is not None
        assert (row.email, row.address, row.version) == (EMAIL, "127.0.0.1", "2026-11")
        assert row.wording


def test_the_page_says_the_same_for_an_e_mail_that_is_subscribed(app: Flask, browser: Browser, act: Any) -> None:
    with act() as session:
        mailings.reader(session, EMAIL)
    page = ask(browser, act, "news")
    assert page.path == "/subscribe/sent"
    assert len(rows(act)) == 1
    assert rows(act)[0].confirmed_at is not None


@pytest.mark.parametrize(("email", "field"), [("", "email"), ("не почта", "email"), ("a@b\r\nBcc: c@d.org", "email")])
def test_a_wrong_e_mail_is_told_at_its_field(email: str, field: str, browser: Browser, act: Any, app: Flask) -> None:
    page = ask(browser, act, "news", email=email)
    assert page.status == 422
    assert page.error(field)
    assert not mail.delivered(app)


def test_somebody_who_ticks_nothing_is_asked_to(browser: Browser, act: Any) -> None:
    page = ask(browser, act)
    assert page.status == 422
    assert "summary" in page.html


@pytest.mark.parametrize("code", ["readings", "999999", "abc"])
def test_a_subject_that_is_not_offered_is_refused(code: str, browser: Browser, act: Any) -> None:
    with act() as session:
        key = str(mailings.category(session, code)) if code.isalpha() and code != "abc" else code
    form = browser.get("/subscribe").form("email")
    data = {"csrf_token": form.values["csrf_token"], "email": EMAIL, "categories": [key]}
    assert browser.post(form.action, data=data).status == 422
    assert rows(act) == []


def test_an_e_mail_gets_few_letters_whoever_types_it(app: Flask, browser: Browser, act: Any) -> None:
    pages = [ask(browser, act, "news") for _ in range(5)]
    assert [page.status for page in pages] == [200, 200, 200, 422, 422]
    assert len(mail.delivered(app, to=EMAIL)) == 3


@pytest.mark.parametrize("token", ["x", "WzFd.awNi.abc", "a" * 2000])
def test_an_altered_link_confirms_nothing(token: str, browser: Browser, act: Any) -> None:
    page = browser.get(f"/subscribe/confirm/{token}", expect=410)
    assert not [form for form in page.elements("form") if form.get("method") == "post" and not form.get("action")]


class TestLeaving:
    @pytest.fixture
    def token(self, app: Flask, act: Any) -> str:
        from app.domain import subscriptions

        with act() as session:
            user = mailings.subscriber(session, email="Irina@example.org")
            mailings.reader(session, "irina@example.org")
            mailings.subscribe(session, user, "works")
            key = mailings.category(session)
            return subscriptions.leaving_token(key, user_id=user.id, subscriber_id=None)

    def standing(self, act: Any) -> int:
        with act() as session:
            found = [
                session.scalars(select(model.id).where(model.withdrawn_at.is_(None))).all()
                for model in (Subscription, EmailSubscription)
            ]
            return sum(map(len, found))

    def test_a_look_changes_nothing_and_the_button_leaves_this_subject(
        self, token: str, browser: Browser, act: Any
    ) -> None:
        page = browser.get(f"/unsubscribe/{token}")
        assert self.standing(act) == 3
        form = next(form for form in page.elements("form") if "/unsubscribe/" in (form.get("action") or ""))
        page = browser.post(form.get("action") or "")
        assert page.status == 200
        assert self.standing(act) == 1
        with act() as session:
            gone = session.scalars(select(EmailSubscription)).one()
            assert gone.withdrawn_at is not None
            assert gone.withdrawn_at <= clock.now()

    def test_it_may_be_pressed_again(self, token: str, browser: Browser, act: Any) -> None:
        for _ in range(2):
            answer = browser.client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        assert self.standing(act) == 1

    @pytest.mark.parametrize(
        "change", [lambda t: t[:-1], lambda t: f"x{t}", lambda t: t.swapcase(), lambda t: "9" * 50]
    )
    def test_an_altered_link_leaves_nothing(self, change: Any, token: str, browser: Browser, act: Any) -> None:
        browser.get(f"/unsubscribe/{change(token)}", expect=404)
        browser.post(f"/unsubscribe/{change(token)}", expect=404)
        assert self.standing(act) == 3

    def test_a_link_of_another_purpose_leaves_nothing(self, browser: Browser, act: Any) -> None:
        from app import seal

        browser.get(f"/unsubscribe/{seal.signed('one-tap reading', 0, 1, 1)}", expect=404)


def test_a_subscription_asked_for_eight_times_at_once_is_one(app: Flask, act: Any) -> None:
    with act() as session:
        category = session.scalars(select(MailingCategory.id).where(MailingCategory.is_personal.is_(False))).first()

    def ask(session: Session) -> str:
        return subscriptions.ask(session, "new@example.org", [category or 0], address="192.0.2.7", locale="ru")

    assert len(at_once(app, 8, ask)) == 8
    with act() as session:
        assert session.scalars(select(EmailSubscription.email)).all() == ["new@example.org"]
