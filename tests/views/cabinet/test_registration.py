"""Registration: who gets a cabinet, what everybody else is told, and what a link of a letter is worth."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, event, func, select

from app import clock
from app.domain import ledger, registration
from app.extensions import appbuilder
from app.models import (
    AccountAccess,
    AccountStatus,
    Consent,
    EntryKind,
    OneTimeToken,
    SiteUser,
)
from app.security import roles
from tests import factories, mail
from tests.page import Browser, Page
from tests.views.cabinet.entry import enter, press
from tests.views.cabinet.newcomer import ANSWERS, CONFIRM, PASSWORD, charge, letter_link, register
from tests.views.cabinet.newcomer import account as account


@pytest.mark.usefixtures("account")
class TestTheWayIn:
    def test_customer_registers_confirms_by_the_letter_and_signs_in(self, app: Flask, browser: Browser) -> None:
        sent = register(browser)
        assert (sent.path, sent.status) == ("/register/sent", 200)
        assert "irina@example.org" in sent.text
        assert enter(browser, "irina@example.org", PASSWORD).status == 422
        confirmed = press(browser, letter_link(app))
        assert confirmed.path == "/login/"
        assert enter(browser, "Irina@EXAMPLE.org", PASSWORD).status == 302

    def test_cabinet_holds_what_was_typed_and_what_was_agreed_to(
        self, act: Any, browser: Browser, account: int
    ) -> None:
        register(browser)
        with act() as session:
            user = session.scalars(select(SiteUser).where(SiteUser.email == "irina@example.org")).one()
            assert (user.last_name, user.greeting_name, user.phone) == ("Петрова", "Ирина Сергеевна", "79123456789")
            assert (user.active, user.email_confirmed_at, user.locale) == (False, None, "ru")
            assert [role.name for role in user.roles] == [roles.CUSTOMER] == [registration.ROLE]
            access = session.scalars(select(AccountAccess)).one()
            assert (access.user_id, access.account_id, access.basis) == (user.id, account, "registration")
            consent = session.scalars(select(Consent)).one()
            assert (consent.user_id, consent.version, consent.address) == (user.id, "2026-11", "127.0.0.1")
            assert "Водоканал" in consent.wording

    def test_secret_of_the_link_is_stored_as_a_hash_only(self, app: Flask, act: Any, browser: Browser) -> None:
        register(browser)
        secret = letter_link(app).removeprefix(CONFIRM)
        with act() as session:
            assert secret not in session.scalars(select(OneTimeToken.token_hash)).one()

    @pytest.mark.parametrize("number", ["0012345678", "12345678", " 0012 345 678 "])
    def test_number_is_taken_with_and_without_zeros_and_spaces(self, number: str, browser: Browser) -> None:
        assert register(browser, account_number=number).path == "/register/sent"

    @pytest.mark.parametrize("fact", ["77-001122", "77001122", " 77 001122 "])
    def test_number_of_a_meter_is_taken_in_any_clothing(self, fact: str, browser: Browser) -> None:
        assert register(browser, fact=fact).path == "/register/sent"

    def test_sum_of_the_last_bill_is_a_fact_of_an_account_with_a_meter_too(self, browser: Browser) -> None:
        assert register(browser, fact="1234,56").path == "/register/sent"

    def test_patronymic_is_optional(self, browser: Browser) -> None:
        assert register(browser, patronymic="").path == "/register/sent"

    def test_signed_in_customer_is_led_home(self, act: Any, browser: Browser) -> None:
        with act() as session:
            factories.user(session, login="olga")
        enter(browser, "olga")
        assert browser.get("/register", follow=False, expect=302).response.location == "/cabinet/"


class TestFacts:
    def opened(self, act: Any, *, opening: str | None = None, charged: str | None = None, **values: Any) -> None:
        with act() as session:
            made = factories.account(session, number="0012345678", **values)
            for code, amount in (("cold", opening), ("cold", charged)):
                if amount is None:
                    continue
                if amount is opening:
                    ledger.post(
                        session,
                        account_id=made.id,
                        service_id=factories.service(session, code).id,
                        period=date(2026, 1, 1),
                        kind=EntryKind.opening,
                        amount=Decimal(amount),
                        source="opening:1",
                    )
                else:
                    charge(session, made, date(2026, 10, 1), amount)

    @pytest.mark.parametrize("fact", ["1234,56", "1 234.56", "1 234,56 ₽", "１２３４,56"])
    def test_sum_of_the_last_bill_is_taken_in_any_clothing(self, fact: str, act: Any, browser: Browser) -> None:
        self.opened(act, charged="1234.56")
        assert register(browser, fact=fact).path == "/register/sent"

    def test_sums_of_the_normative_cannot_be_tried_one_after_the_other(self, app: Flask, act: Any) -> None:
        self.opened(act, charged="444.44")
        for fact in ("111,11", "222,22", "333,33"):
            assert register(Browser(app), fact=fact).status == 422
        assert register(Browser(app), fact="444,44").status == 422
        assert not mail.delivered(app)

    def test_opening_balance_is_the_bill_where_nothing_was_charged_yet(self, act: Any, browser: Browser) -> None:
        self.opened(act, opening="500.10")
        assert register(browser, fact="500,10").path == "/register/sent"

    def test_opening_balance_is_no_fact_once_there_is_a_charge(self, act: Any, browser: Browser) -> None:
        self.opened(act, opening="500.10", charged="7.00")
        assert register(browser, fact="500,10").status == 422
        assert register(browser, fact="7").path == "/register/sent"

    def test_overpayment_is_typed_without_a_sign(self, act: Any, browser: Browser) -> None:
        self.opened(act, opening="-500.10")
        assert register(browser, fact="500,10").path == "/register/sent"

    @pytest.mark.parametrize("fact", ["0", "0,00", "-"])
    def test_bill_of_nothing_proves_nothing(self, fact: str, act: Any, browser: Browser) -> None:
        self.opened(act, charged="0.00")
        assert register(browser, fact=fact).status == 422

    def test_removed_meter_proves_nothing(self, act: Any, browser: Browser) -> None:
        with act() as session:
            made = factories.account(session, number="0012345678")
            factories.meter(session, made, serial="77-001122", removed_on=date(2026, 1, 1))
        assert register(browser).status == 422

    def test_account_of_a_company_is_refused_like_a_wrong_one(self, act: Any, browser: Browser) -> None:
        with act() as session:
            made = factories.account(session, number="0012345678", is_company=True)
            factories.meter(session, made, serial="77-001122")
        refused = register(browser)
        assert refused.status == 422
        assert refused.error("fact") == register(browser, account_number="999").error("fact")

    def test_closed_account_is_refused(self, act: Any, browser: Browser) -> None:
        self.opened(act, charged="5.00", status=AccountStatus.closed)
        assert register(browser, fact="5").status == 422


def anonymous(page: Page) -> str:
    """The page without what differs between any two requests: tokens, the request's number."""
    without_token = re.sub(r'name="csrf_token" value="[^"]*"', "", page.html)
    return re.sub(r"nonce=\"[^\"]*\"|[0-9a-f]{32}", "", without_token)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that were sent inside."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield told
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts how many passwords were hashed."""
    counted: list[str] = []
    original = appbuilder.sm.hash_password
    monkeypatch.setattr(appbuilder.sm, "hash_password", lambda text: counted.append(text) or original(text))
    return counted


@pytest.mark.usefixtures("account")
class TestNobodyLearnsWhoExists:
    def test_wrong_account_and_wrong_fact_get_one_answer_after_one_work(
        self, app: Flask, browser: Browser, hashes: list[str]
    ) -> None:
        answers = [
            register(Browser(app), account_number="0012345678", fact="wrong"),
            register(Browser(app), account_number="0012345679", fact="wrong"),
        ]
        assert [page.status for page in answers] == [422, 422]
        assert answers[0].error("fact")
        texts = {anonymous(page).replace("0012345678", "N").replace("0012345679", "N") for page in answers}
        assert len(texts) == 1
        assert len(hashes) == 2

    def test_wrong_account_costs_the_statements_of_a_wrong_fact(self, app: Flask) -> None:
        counts = []
        for number in ("0012345678", "0012345679"):
            form = Browser(app).get("/register").form("account_number")
            with statements() as told:
                form.submit(**{**ANSWERS, "account_number": number, "fact": "wrong"})
            counts.append(len(told))
        assert counts[0] == counts[1] > 0

    def test_taken_email_gets_the_page_of_a_new_one_after_one_work(
        self, app: Flask, act: Any, hashes: list[str]
    ) -> None:
        with act() as session:
            factories.user(session, login="taken", email="Taken@Example.org")
        answers = [register(Browser(app), email=email) for email in ("taken@example.org", "fresh@example.org")]
        assert [page.path for page in answers] == ["/register/sent"] * 2
        assert len({anonymous(page).replace("taken@", "fresh@") for page in answers}) == 1
        assert len(hashes) == 2

    def test_owner_of_a_taken_email_learns_of_the_cabinet_by_letter(
        self, app: Flask, act: Any, browser: Browser
    ) -> None:
        with act() as session:
            before = factories.user(session, login="taken", email="taken@example.org").password
        register(browser, email="taken@example.org")
        (letter,) = mail.delivered(app, to="taken@example.org")
        assert CONFIRM not in mail.text_of(letter)
        assert "http://localhost/recover" in mail.text_of(letter)
        with act() as session:
            user = session.scalars(select(SiteUser).where(SiteUser.username == "taken")).one()
            assert user.password == before
            assert session.scalar(select(func.count()).select_from(AccountAccess)) == 0

    def test_guessing_the_fact_is_held_off_even_when_it_is_right_at_last(self, app: Flask) -> None:
        for n in range(registration.WRONG_PER_ASKER):
            assert register(Browser(app), fact=f"{n}").status == 422
        assert register(Browser(app)).status == 422
        assert not mail.delivered(app)
        with time_machine.travel(clock.now() + timedelta(days=29), tick=True):
            assert register(Browser(app)).status == 422
        with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
            assert register(Browser(app)).path == "/register/sent"

    def test_holding_off_says_the_same_of_an_account_that_is_not_there(self, app: Flask) -> None:
        pages = []
        for number in ("0012345678", "0099999999"):
            for _ in range(registration.WRONG_PER_ASKER + 1):
                page = register(Browser(app), account_number=number, fact="wrong")
            pages.append(anonymous(page).replace(number, "N"))
        assert pages[0] == pages[1]

    def test_zeros_before_the_number_give_no_more_tries(self, app: Flask) -> None:
        for n in range(registration.WRONG_PER_ASKER):
            register(Browser(app), account_number="0" * n + "12345678", fact="wrong")
        assert register(Browser(app)).status == 422

    def test_one_address_may_not_try_many_accounts(self, app: Flask) -> None:
        browser = Browser(app)
        for n in range(registration.WRONG_PER_ADDRESS):
            register(browser, account_number=f"77{n:04d}", fact="wrong")
        assert register(browser).status == 422

    def test_one_network_may_not_try_many_accounts_from_many_addresses(self, app: Flask) -> None:
        browser = Browser(app)
        for n in range(registration.WRONG_PER_ADDRESS):
            browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{n:x}"
            register(browser, account_number=f"77{n:04d}", fact="wrong")
        browser.client.environ_base["REMOTE_ADDR"] = "2001:db8::ffff"
        assert register(browser).status == 422

    def test_right_answers_are_not_counted_as_guesses(self, app: Flask) -> None:
        for n in range(registration.WRONG_PER_ASKER + 1):
            assert register(Browser(app), email=f"irina{n}@example.org").path == "/register/sent"


@pytest.mark.usefixtures("account")
class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("account_number", ""),
            ("account_number", "   "),
            ("account_number", "не помню"),
            ("account_number", "9" * 40),
            ("account_number", "１２"),
            ("fact", ""),
            ("fact", "9" * 41),
            ("last_name", ""),
            ("last_name", "   "),
            ("last_name", "http://evil.example"),
            ("first_name", "evil.example/x"),
            ("first_name", "я" * 65),
            ("patronymic", "{{7*7}}"),
            ("email", ""),
            ("email", "irina"),
            ("email", "irina@example.org\r\nBcc: a@b.ru"),
            ("email", "ирина@example.org"),
            ("email", "a" * 400 + "@example.org"),
            ("phone", ""),
            ("phone", "звоните вечером"),
            ("phone", "9" * 40),
            ("password", ""),
            ("password", "короткий"),
            ("password", "Водоканал2026"),
            ("password", "irina@example.org"),
            ("password", "x" * 129),
            ("consent", None),
        ],
    )
    def test_it_is_said_at_the_field_and_everything_typed_is_kept_but_the_password(
        self, field: str, typed: str | None, app: Flask, browser: Browser
    ) -> None:
        page = register(browser, **{field: typed})
        assert page.status == 422
        assert page.error(field)
        form = page.form("account_number")
        for name in set(ANSWERS) - {field, "password", "email", "consent"}:
            assert form.values[name] == ANSWERS[name]
        assert form.values["password"] == ""
        if typed and field != "password" and "\r" not in typed:
            assert form.values[field].replace(" ", "") == typed.replace(" ", "")
        assert not mail.delivered(app)

    def test_all_errors_are_said_at_once_in_the_order_of_the_page(self, browser: Browser) -> None:
        page = register(browser, **dict.fromkeys(ANSWERS, ""))
        assert all(page.error(name) for name in ANSWERS if name != "patronymic")
        summary = next(each for each in page.elements("div") if each.get("class") == "summary")
        links = [link.get("href", "").removeprefix("#") for link in summary.iter("a")]
        fields = [field.get("name") for field in page.elements("input") if field.get("name") in links]
        assert links == fields

    def test_a_good_password_is_asked_for_once_more(self, browser: Browser) -> None:
        def asks(page: Page) -> bool:
            hint = next(each for each in page.elements("p") if each.get("id") == "password-hint")
            return hint.find("strong") is not None

        assert not asks(browser.get("/register"))
        assert asks(register(browser, email=""))
        assert not asks(register(browser, password=""))

    @pytest.mark.parametrize("fact", ["1e309", "NaN", "-1", "9" * 40, "'; DROP TABLE account", "٣٤", "<b>"])
    def test_strange_facts_are_wrong_facts(self, fact: str, browser: Browser) -> None:
        page = register(browser, fact=fact)
        assert (page.status, page.form("account_number").values["fact"]) == (422, fact)

    def test_long_email_makes_a_cabinet_too(self, app: Flask, browser: Browser) -> None:
        email = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.org"
        assert register(browser, email=email).path == "/register/sent"
        press(browser, mail.link_in(mail.delivered(app, to=email)[0], CONFIRM))
        assert enter(browser, email, PASSWORD).status == 302

    def test_extra_fields_are_ignored(self, act: Any, browser: Browser) -> None:
        register(browser, active="y", roles="Admin", email_confirmed_at="2026-01-01", username="admin")
        with act() as session:
            user = session.scalars(select(SiteUser)).one()
            assert (user.active, user.email_confirmed_at, user.username) == (False, None, "irina@example.org")
