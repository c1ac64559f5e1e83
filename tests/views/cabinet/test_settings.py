"""Settings: each change asks for the current password, tells the owner and keeps nothing it should not."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app import clock
from app.domain import people
from app.models import MailingCategory, SiteUser, Subscription, UserSession
from tests import factories, mail
from tests.factories import PASSWORD
from tests.page import Browser, Page
from tests.views.cabinet.entry import enter, press

NEW_PASSWORD = "тихая лодка под мостом"
EMAIL, NEW_EMAIL = "irina@example.org", "new@example.org"
CONFIRM = "/email/confirm/"


@pytest.fixture(autouse=True)
def irina(act: Any) -> int:
    with act() as session:
        made = factories.user(session, login="irina", email=EMAIL, phone="79121111111")
        factories.account(session, made)
        return made.id


@pytest.fixture
def customer(browser: Browser, irina: int) -> Browser:
    enter(browser, "irina")
    return browser


def stored(act: Any, user_id: int) -> SiteUser:
    with act() as session:
        user = session.get_one(SiteUser, user_id)
        session.expunge(user)
    return user


def change(browser: Browser, what: str, **values: Any) -> Page:
    return browser.get(f"/cabinet/settings/{what}").form("current").submit(**{"current": PASSWORD, **values})


@pytest.mark.parametrize("path", ["", "/password", "/email", "/phone"])
def test_settings_are_for_signed_in_customers(path: str, app: Flask, act: Any, browser: Browser) -> None:
    assert browser.get(f"/cabinet/settings{path}").path == "/login/"
    with act() as session:
        factories.user(session, "Company", login="firm")
        factories.user(session, "Operator", login="vera")
    enter(browser, "firm")
    assert browser.get(f"/cabinet/settings{path}").status == 200
    other = Browser(app)
    enter(other, "vera")
    other.get(f"/cabinet/settings{path}", expect=403)


def test_visitor_who_asks_for_a_page_is_asked_to_sign_in_and_comes_to_it(browser: Browser) -> None:
    page = browser.get("/cabinet/settings")
    notes = [" ".join(each.itertext()) for each in page.elements("p") if "flash" in (each.get("class") or "")]
    assert len(notes) == 1
    assert "flash--info" in page.html
    form = page.form("username", "password")
    answer = browser.post(form.action, data={**form.values, "username": "irina", "password": PASSWORD}, follow=False)
    assert answer.response.location.endswith("/cabinet/settings")


class TestPassword:
    def test_change_ends_the_other_sessions_keeps_this_one_and_writes(
        self, app: Flask, customer: Browser, act: Any, irina: int
    ) -> None:
        elsewhere = Browser(app)
        enter(elsewhere, "irina")
        assert change(customer, "password", password=NEW_PASSWORD).path == "/cabinet/settings"
        assert elsewhere.get("/cabinet/settings").path == "/login/"
        assert check_password_hash(stored(act, irina).password or "", NEW_PASSWORD)
        assert len(mail.delivered(app, to=EMAIL)) == 1

    def test_wrong_current_password_changes_nothing(self, customer: Browser, act: Any, irina: int) -> None:
        page = change(customer, "password", current="wrong-one-1", password=NEW_PASSWORD)
        assert page.status == 422
        assert page.error("current")
        assert page.form("current").values == {**page.form("current").values, "current": "", "password": ""}
        assert check_password_hash(stored(act, irina).password or "", PASSWORD)

    def test_guessing_the_current_password_is_held_off(self, customer: Browser) -> None:
        for _ in range(people.TRIES):
            change(customer, "password", current="wrong-one-1", password=NEW_PASSWORD)
        assert change(customer, "password", password=NEW_PASSWORD).error("current")
        with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
            assert change(customer, "password", password=NEW_PASSWORD).path == "/cabinet/settings"

    @pytest.mark.parametrize("password", ["", "короткий", "x" * 129, "irina@example.org"])
    def test_bad_new_password_is_refused(self, password: str, customer: Browser) -> None:
        page = change(customer, "password", password=password)
        assert (page.status, bool(page.error("password"))) == (422, True)

    def test_both_passwords_are_told_of_at_once(self, customer: Browser) -> None:
        page = change(customer, "password", current="wrong-one-1", password="короткий")
        assert page.error("current")
        assert page.error("password")

    def test_current_password_of_a_thousand_signs_is_refused(self, customer: Browser) -> None:
        page = change(customer, "password", current="x" * 1000, password=NEW_PASSWORD)
        assert (page.status, bool(page.error("current"))) == (422, True)


class TestEmail:
    def test_new_email_holds_once_its_link_is_confirmed_and_the_old_one_is_told(
        self, app: Flask, customer: Browser, act: Any, irina: int
    ) -> None:
        change(customer, "email", email="New@Example.org")
        assert stored(act, irina).email == EMAIL
        link = mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM)
        page = press(Browser(app), link)
        assert page.path == "/login/"
        assert "flash--success" in page.html
        user = stored(act, irina)
        assert (user.email, user.username) == (NEW_EMAIL, "irina")
        assert len(mail.delivered(app, to=EMAIL)) == 1

    def test_opening_the_link_changes_nothing(self, app: Flask, customer: Browser, act: Any, irina: int) -> None:
        change(customer, "email", email=NEW_EMAIL)
        customer.get(mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM))
        assert stored(act, irina).email == EMAIL

    def test_login_that_was_the_old_email_follows(self, app: Flask, act: Any, browser: Browser) -> None:
        with act() as session:
            number = factories.user(session, login="olga@example.org", email="olga@example.org").id
        enter(browser, "olga@example.org")
        change(browser, "email", email=NEW_EMAIL)
        assert press(browser, mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM)).path == "/cabinet/settings"
        assert stored(act, number).username == NEW_EMAIL
        assert enter(Browser(app), NEW_EMAIL).status == 302

    def test_change_ends_the_other_sessions_and_keeps_the_one_that_confirmed_it(
        self, app: Flask, customer: Browser
    ) -> None:
        elsewhere = Browser(app)
        enter(elsewhere, "irina")
        change(customer, "email", email=NEW_EMAIL)
        press(customer, mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM))
        assert elsewhere.get("/cabinet/settings").path == "/login/"
        assert customer.get("/cabinet/settings").path == "/cabinet/settings"

    def test_one_time_password_of_the_old_mailbox_is_worth_nothing_afterwards(
        self, app: Flask, customer: Browser
    ) -> None:
        Browser(app).get("/recover").form("login").submit(login="irina")
        found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", mail.text_of(mail.delivered(app, to=EMAIL)[0]))
        assert found
        change(customer, "email", email=NEW_EMAIL)
        press(customer, mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM))
        assert enter(Browser(app), NEW_EMAIL, found[0]).status == 422

    def test_used_expired_and_altered_links_say_so(self, app: Flask, customer: Browser) -> None:
        change(customer, "email", email=NEW_EMAIL)
        link = mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM)
        with time_machine.travel(clock.now() + timedelta(hours=49), tick=True):
            Browser(app).get(link, expect=410)
        press(Browser(app), link)
        Browser(app).get(link, expect=410)
        Browser(app).get(link + "x", expect=404)

    def test_link_dies_with_the_password_of_the_time(self, app: Flask, customer: Browser) -> None:
        change(customer, "email", email=NEW_EMAIL)
        change(customer, "password", password=NEW_PASSWORD)
        customer.get(mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM), expect=410)

    def test_taken_email_gets_the_answer_of_a_free_one_and_only_its_owner_learns(
        self, app: Flask, customer: Browser, act: Any, irina: int
    ) -> None:
        with act() as session:
            factories.user(session, login="olga", email="olga@example.org")
        pages = [change(customer, "email", email=email) for email in (NEW_EMAIL, "Olga@example.org")]
        assert pages[0].text == pages[1].text.replace("olga@example.org", NEW_EMAIL)
        assert CONFIRM not in mail.text_of(mail.delivered(app, to="olga@example.org")[0])

    def test_email_taken_before_the_link_was_confirmed_stays_with_the_other(
        self, app: Flask, customer: Browser, act: Any, irina: int
    ) -> None:
        change(customer, "email", email=NEW_EMAIL)
        with act() as session:
            factories.user(session, login="olga", email=NEW_EMAIL)
        assert press(customer, mail.link_in(mail.delivered(app, to=NEW_EMAIL)[0], CONFIRM)).status == 410
        assert stored(act, irina).email == EMAIL

    def test_letters_to_one_address_are_limited(self, app: Flask, customer: Browser) -> None:
        for _ in range(6):
            change(customer, "email", email=NEW_EMAIL)
        assert len(mail.delivered(app, to=NEW_EMAIL)) == 3

    @pytest.mark.parametrize("email", ["", "irina", "a@b", "ирина@example.org", "x@example.org\r\nBcc: a@b.ru"])
    def test_bad_email_is_refused(self, email: str, app: Flask, customer: Browser) -> None:
        page = change(customer, "email", email=email)
        assert (page.status, bool(page.error("email"))) == (422, True)
        assert not mail.delivered(app)


class TestPhone:
    @pytest.mark.parametrize("typed", ["8 912 345-67-89", "+79123456789", "9123456789"])
    def test_phone_is_saved_as_it_is_dialled(self, typed: str, customer: Browser, act: Any, irina: int) -> None:
        assert change(customer, "phone", phone=typed).path == "/cabinet/settings"
        assert stored(act, irina).phone == "79123456789"

    def test_change_ends_the_other_sessions(self, app: Flask, customer: Browser) -> None:
        elsewhere = Browser(app)
        enter(elsewhere, "irina")
        change(customer, "phone", phone="8 912 345-67-89")
        assert elsewhere.get("/cabinet/settings").path == "/login/"
        assert customer.get("/cabinet/settings").path == "/cabinet/settings"

    def test_seven_digits_are_local(self, customer: Browser, act: Any, irina: int) -> None:
        change(customer, "phone", phone="201-95-37")
        assert stored(act, irina).phone == "73422019537"

    def test_wrong_password_keeps_the_phone_that_was_typed(self, customer: Browser, act: Any, irina: int) -> None:
        page = change(customer, "phone", phone="8 912 345-67-89", current="wrong-one-1")
        assert (page.status, page.form("phone").values["phone"]) == (422, "8 912 345-67-89")
        assert stored(act, irina).phone == "79121111111"

    @pytest.mark.parametrize("typed", ["", "abc", "9" * 40])
    def test_bad_phone_is_refused_and_kept(self, typed: str, customer: Browser) -> None:
        page = change(customer, "phone", phone=typed)
        assert (page.status, page.form("phone").values["phone"]) == (422, typed)
        assert page.error("phone")


class TestSessions:
    def test_devices_are_listed_and_each_other_one_can_be_signed_out(
        self, app: Flask, customer: Browser, act: Any
    ) -> None:
        elsewhere = Browser(app)
        elsewhere.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
        enter(elsewhere, "irina")
        page = customer.get("/cabinet/settings")
        assert "Firefox, Windows" in page.text
        ends = [form for form in page.elements("form") if (form.get("action") or "").endswith("/end")]
        assert len(ends) == 1
        action = ends[0].get("action") or ""
        token = page.form("csrf_token").values["csrf_token"]
        assert customer.post(action, data={"csrf_token": token}).path == "/cabinet/settings"
        assert elsewhere.get("/cabinet/settings").path == "/login/"

    def test_all_others_are_signed_out_at_once(self, app: Flask, customer: Browser) -> None:
        others = [Browser(app), Browser(app)]
        for other in others:
            enter(other, "irina")
        token = customer.get("/cabinet/settings").form("csrf_token").values["csrf_token"]
        customer.post("/cabinet/settings/sessions/end-others", data={"csrf_token": token})
        assert [other.get("/cabinet/settings").path for other in others] == ["/login/"] * 2
        assert customer.get("/cabinet/settings").path == "/cabinet/settings"

    def test_session_of_somebody_else_is_not_there(self, app: Flask, customer: Browser, act: Any) -> None:
        with act() as session:
            olga = factories.user(session, login="olga").id
        other = Browser(app)
        enter(other, "olga")
        with act() as session:
            number = session.scalars(select(UserSession.id).where(UserSession.user_id == olga)).one()
        token = customer.get("/cabinet/settings").form("csrf_token").values["csrf_token"]
        for pk in (number, 999999, "99999999999999999999"):
            customer.post(f"/cabinet/settings/sessions/{pk}/end", data={"csrf_token": token}, expect=404)
            customer.post(f"/cabinet/settings/sessions/{'9' * 20}/end", data={"csrf_token": token}, expect=404)
        assert other.get("/cabinet/settings").path == "/cabinet/settings"


class TestLanguage:
    def test_language_of_pages_and_letters_is_kept_with_the_user(
        self, app: Flask, customer: Browser, act: Any, irina: int
    ) -> None:
        page = customer.get("/cabinet/settings").form("language").submit(language="en")
        assert page.elements("html")[0].get("lang") == "en"
        assert stored(act, irina).locale == "en"
        change(customer, "password", password=NEW_PASSWORD)
        assert "The password of your cabinet was changed" in mail.delivered(app, to=EMAIL)[0]["Subject"]
        again = Browser(app)
        enter(again, "irina", NEW_PASSWORD)
        assert again.get("/cabinet/settings").elements("html")[0].get("lang") == "en"

    def test_unknown_language_is_refused(self, customer: Browser) -> None:
        form = customer.get("/cabinet/settings").form("language")
        assert form.submit(language="xx").status == 400


class TestSubscriptions:
    def ticked(self, page: Page) -> set[str]:
        return {
            field.get("value", "")
            for field in page.elements("input")
            if field.get("name") == "categories" and field.get("checked") is not None
        }

    def save(self, browser: Browser, *categories: str) -> Page:
        form = browser.get("/cabinet/settings").form("categories")
        return browser.post(form.action, data={"csrf_token": form.values["csrf_token"], "categories": list(categories)})

    def numbers(self, act: Any) -> list[str]:
        with act() as session:
            return [str(number) for number in session.scalars(select(MailingCategory.id).order_by(MailingCategory.id))]

    def test_nothing_is_ticked_before_the_customer_ticks_it(self, customer: Browser) -> None:
        assert self.ticked(customer.get("/cabinet/settings")) == set()

    def test_ticked_subjects_are_saved_with_words_time_and_address(
        self, customer: Browser, act: Any, irina: int
    ) -> None:
        first, second, *_ = self.numbers(act)
        assert self.ticked(self.save(customer, first, second)) == {first, second}
        with act() as session:
            rows = session.scalars(select(Subscription)).all()
            assert {(row.user_id, str(row.category_id), row.address) for row in rows} == {
                (irina, first, "127.0.0.1"),
                (irina, second, "127.0.0.1"),
            }
            assert all(row.wording and row.version for row in rows)

    def test_withdrawal_stays_as_history_and_saving_again_adds_nothing(self, customer: Browser, act: Any) -> None:
        first, second, *_ = self.numbers(act)
        self.save(customer, first, second)
        self.save(customer, first)
        assert self.ticked(self.save(customer, first)) == {first}
        self.save(customer, first, second)
        with act() as session:
            rows = session.scalars(select(Subscription)).all()
            assert sorted((str(row.category_id), row.withdrawn_at is None) for row in rows) == [
                (first, True),
                (second, False),
                (second, True),
            ]

    @pytest.mark.parametrize("category", ["999999", "abc", "-1", "9" * 20])
    def test_subject_that_is_not_there_is_refused(self, category: str, customer: Browser, act: Any) -> None:
        assert self.save(customer, category).status == 422
        with act() as session:
            assert not session.scalars(select(Subscription)).all()


def test_a_consent_that_was_saved_twice_at_once_is_withdrawn_whole(act: Any, irina: int) -> None:
    with act() as session:
        category = session.scalars(select(MailingCategory.id)).first()
        assert category
        for _click in range(2):
            session.add(people._consent_to(session.get_one(MailingCategory, category), irina, "192.0.2.7"))
    with act() as session:
        people.save_subscriptions(session, irina, [], address="192.0.2.7")
    with act() as session:
        assert None not in session.scalars(select(Subscription.withdrawn_at)).all()
