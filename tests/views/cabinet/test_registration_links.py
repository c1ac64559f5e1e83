"""The link of a registration letter: used once, for a while, by whoever got it; a cabinet that was never opened."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain import registration
from app.models import (
    AccountAccess,
    SiteUser,
)
from tests import factories, mail
from tests.page import Browser
from tests.views.cabinet.entry import enter, press
from tests.views.cabinet.newcomer import CONFIRM, PASSWORD, letter_link, register
from tests.views.cabinet.newcomer import account as account


@pytest.mark.usefixtures("account")
class TestLinks:
    def test_opening_a_link_changes_nothing(self, app: Flask, browser: Browser) -> None:
        register(browser)
        assert browser.get(letter_link(app)).status == 200
        assert enter(browser, "irina@example.org", PASSWORD).status == 422

    def test_used_link_says_so(self, app: Flask, browser: Browser) -> None:
        register(browser)
        press(browser, letter_link(app))
        page = browser.get(letter_link(app), expect=410)
        assert page.link("") is not None
        assert not [form for form in page.elements("form") if (form.get("action") or "") == ""]

    @pytest.mark.parametrize("secret", ["x", "a" * 43, "%D0%B2%D0%BE%D0%B4%D0%B0", pytest.param("0" * 2000, id="long")])
    def test_altered_link_says_so(self, secret: str, browser: Browser) -> None:
        browser.get(CONFIRM + secret, expect=404)

    def test_expired_link_says_so_and_sends_a_new_one(self, app: Flask, browser: Browser) -> None:
        register(browser)
        with time_machine.travel(clock.now() + timedelta(hours=49), tick=True):
            browser.get(letter_link(app), expect=410)
            assert press(browser, letter_link(app)).path == "/register/sent"
            assert len(mail.delivered(app, to="irina@example.org")) == 2
            assert press(browser, letter_link(app)).path == "/login/"
            assert enter(browser, "irina@example.org", PASSWORD).status == 302

    def test_letter_is_sent_once_more_and_either_link_works(self, app: Flask, browser: Browser) -> None:
        register(browser).form("csrf_token").submit()
        assert len(mail.delivered(app, to="irina@example.org")) == 2
        assert press(browser, letter_link(app, 0)).path == "/login/"
        browser.get(letter_link(app, 1), expect=410)

    def test_letters_to_one_address_are_limited(self, app: Flask, browser: Browser) -> None:
        page = register(browser)
        for _ in range(5):
            page = page.form("csrf_token").submit()
            assert page.path == "/register/sent"
        assert len(mail.delivered(app, to="irina@example.org")) == registration.LETTERS

    def test_asking_again_for_a_confirmed_cabinet_sends_no_link(self, app: Flask, browser: Browser) -> None:
        page = register(browser)
        press(Browser(app), letter_link(app))
        page.form("csrf_token").submit()
        assert CONFIRM not in mail.text_of(mail.delivered(app, to="irina@example.org")[-1])

    def test_page_of_the_letter_leads_to_the_form_when_nothing_was_sent(self, browser: Browser) -> None:
        assert browser.get("/register/sent").path == "/register"
        form = browser.get("/register").form("account_number")
        answer = browser.post("/register/resend", data={"csrf_token": form.values["csrf_token"]})
        assert answer.path == "/register"

    def test_link_opened_by_a_signed_in_customer_shows_only_their_own_accounts(
        self, app: Flask, act: Any, browser: Browser
    ) -> None:
        register(browser)
        with act() as session:
            olga = factories.user(session, login="olga")
            factories.account(session, olga, number="0055555555")
        visitor = Browser(app)
        enter(visitor, "olga")
        page = visitor.get(letter_link(app))
        assert "0055555555" in page.text
        assert "0012345678" not in page.text


class TestSleepingCabinet:
    def test_registering_anew_replaces_all_of_the_earlier_try(self, app: Flask, act: Any, account: int) -> None:
        with act() as session:
            other = factories.account(session, number="0055555555")
            factories.meter(session, other, serial="55")
        register(Browser(app), account_number="0055555555", fact="55", password="чужой пароль захватчика")
        earlier = letter_link(app)
        register(Browser(app))
        browser = Browser(app)
        browser.get(earlier, expect=410)
        assert press(browser, letter_link(app)).path == "/login/"
        assert enter(browser, "irina@example.org", "чужой пароль захватчика").status == 422
        assert enter(browser, "irina@example.org", PASSWORD).status == 302
        with act() as session:
            open_ones = select(AccountAccess.account_id).where(AccountAccess.revoked_at.is_(None))
            assert session.scalars(open_ones).all() == [account]

    def test_same_answers_sent_twice_make_one_cabinet(self, app: Flask, act: Any, account: int) -> None:
        register(Browser(app))
        register(Browser(app))
        with act() as session:
            assert session.scalar(select(func.count()).select_from(SiteUser)) == 1
        assert press(Browser(app), letter_link(app)).path == "/login/"

    @pytest.mark.usefixtures("account")
    def test_letter_that_is_not_sent_leaves_the_links_sent_before(self, app: Flask) -> None:
        for n in range(registration.LETTERS + 1):
            page = register(Browser(app), password=f"тихая лодка под мостом {n}")
            assert page.path == "/register/sent"
        assert "flash--warning" in page.html
        assert press(Browser(app), letter_link(app)).path == "/login/"
        assert enter(Browser(app), "irina@example.org", "тихая лодка под мостом 2").status == 302

    @pytest.mark.usefixtures("account")
    def test_user_whom_staff_stopped_is_not_woken_by_registering(self, app: Flask, act: Any) -> None:
        with act() as session:
            factories.user(session, "Operator", login="stopped", email="irina@example.org", active=False)
        register(Browser(app))
        (letter,) = mail.delivered(app, to="irina@example.org")
        assert CONFIRM not in mail.text_of(letter)
