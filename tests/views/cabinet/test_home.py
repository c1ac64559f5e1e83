"""The customer's home: the balance in words, the pay table, the reading window, what is new."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import ledger
from app.domain.rates import CATEGORY
from app.models import (
    Account,
    ActStatus,
    Article,
    ArticleKind,
    DueDay,
    EntryKind,
    Meter,
    Normative,
    PayerClass,
    PenaltyShare,
    PeriodState,
    Premises,
    Reading,
    RequestState,
    ServiceOffering,
    ServiceRequest,
    WorkState,
)
from app.queries.home import what_is_new
from app.security.scope import SYSTEM, Kind, Principal
from tests import factories
from tests.household import MONTHS, NOVEMBER, TODAY, bill, household, pay
from tests.page import Browser
from tests.periods import in_state
from tests.statements import recorded


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def account_id(act: Any) -> int:
    with act() as session:
        return household(session, factories.user(session, login="irina"))[1].id


@pytest.fixture
def visitor(app: Flask, account_id: int) -> Browser:
    return signed_in(app, "irina")


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def owe(session: Any, account_id: int, amount: str, code: str = "cold", month: date = MONTHS[0]) -> None:
    ledger.post(
        session,
        account_id=account_id,
        service_id=factories.service(session, code).id,
        period=month,
        kind=EntryKind.opening,
        amount=Decimal(amount),
        source=f"test:{code}:{amount}",
    )


def test_the_home_is_where_signing_in_leads(app: Flask, account_id: int) -> None:
    page = Browser(app).sign_in("irina", factories.PASSWORD, follow=True)
    assert page.path == "/cabinet/"
    assert "Ирина Сергеевна" in page.heading


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    with recorded() as statements:
        visitor.get("/cabinet/")
    assert len(statements) <= 10


class TestBalance:
    def test_the_last_bill_is_named_by_its_month_with_its_term(self, visitor: Browser) -> None:
        page = visitor.get("/cabinet/")
        assert "Due for October: 1,240.50 ₽" in page.text
        assert "none if you pay by 16 December inclusive" in page.text  # the 15th of November is a Sunday
        assert "As of 23 November 2026, 09:30" in page.text

    def test_terms_are_remembered_till_they_change(self, visitor: Browser, act: Any) -> None:
        visitor.get("/cabinet/")
        with recorded() as statements:
            visitor.get("/cabinet/")
        assert not any("due_day" in words for words in statements)
        with act() as session:
            session.scalars(select(DueDay).where(DueDay.valid_to.is_(None))).one().day = 12
        assert "none if you pay by 12 December inclusive" in visitor.get("/cabinet/").text
        with act() as session:
            costly = select(PenaltyShare).where(PenaltyShare.payer_class == PayerClass.citizen, PenaltyShare.share > 0)
            min(session.scalars(costly), key=lambda share: share.first_day).first_day = 21
        assert "none if you pay by 2 December inclusive" in visitor.get("/cabinet/").text

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            ("2026-11-16T10:00:00+05:00", "Pay by 16 November inclusive"),
            ("2026-12-16T10:00:00+05:00", "There is no penalty"),
            ("2026-12-17T10:00:00+05:00", "penalties may be added"),
        ],
    )
    def test_what_the_sum_means_depends_on_the_day(self, app: Flask, account_id: int, day: str, words: str) -> None:
        with time_machine.travel(day, tick=False):
            assert words in signed_in(app, "irina").get("/cabinet/").text

    def test_an_older_debt_is_said_and_promises_nothing(self, visitor: Browser, act: Any, account_id: int) -> None:
        with act() as session:
            owe(session, account_id, "300.00")
        text = visitor.get("/cabinet/").text
        assert "To pay: 1,540.50 ₽" in text
        assert "The debt of earlier months is in this sum" in text
        assert "There is no penalty" not in text

    def test_an_overpaid_service_does_not_lower_the_other_one(
        self, visitor: Browser, act: Any, account_id: int
    ) -> None:
        with act() as session:
            owe(session, account_id, "-725.00")
        page = visitor.get("/cabinet/")
        assert "Due for October: 715.50 ₽" in page.text
        assert "Cold water is overpaid by 200.00 ₽" in page.text
        assert [name for name in page.form("account_id").values if name.startswith("wish-")] == [
            f"wish-{_service_id(act, 'sewerage')}"
        ]

    def test_an_overpayment_is_said_in_words(self, visitor: Browser, act: Any, account_id: int) -> None:
        with act() as session:
            owe(session, account_id, "-600.00")
            owe(session, account_id, "-800.00", "sewerage")
        page = visitor.get("/cabinet/")
        assert "Overpaid: 159.50 ₽" in page.text
        assert "The next one comes by 5 December" in page.text
        assert page.link("Pay ahead").endswith("/cabinet/payments")

    def test_nothing_owed_is_said_in_words(self, visitor: Browser, act: Any, account_id: int) -> None:
        with act() as session:
            account = session.get_one(Account, account_id)
            pay(session, account, MONTHS[-1], Decimal("525.00"), date(2026, 11, 20))
            pay(session, account, MONTHS[-1], Decimal("715.50"), date(2026, 11, 20), "sewerage")
        assert "You owe nothing" in visitor.get("/cabinet/").text


def _service_id(act: Any, code: str) -> int:
    with act() as session:
        return int(factories.service(session, code).id)


class TestPayTable:
    def test_each_wish_is_filled_with_the_full_sum_and_no_tick_is_set(
        self, visitor: Browser, act: Any, account_id: int
    ) -> None:
        form = visitor.get("/cabinet/").form("account_id")
        cold, sewerage = _service_id(act, "cold"), _service_id(act, "sewerage")
        assert form.action.endswith("/cabinet/payments/check")
        assert form.values["account_id"] == str(account_id)
        assert (form.values[f"wish-{cold}"], form.values[f"wish-{sewerage}"]) == ("525.00", "715.50")
        assert not any(name.startswith("tick-") for name in form.values)

    def test_each_service_tells_what_its_sum_is_made_of(self, visitor: Browser) -> None:
        assert "12 m³ at 43.75 ₽" in visitor.get("/cabinet/").text


class TestWindow:
    def test_an_open_window_counts_the_days_and_says_what_happens_without_readings(self, visitor: Browser) -> None:
        page = visitor.get("/cabinet/")
        assert "3 days left, until 26 November inclusive" in page.text
        # 10.6 m³ cold by 43,75 ₽ and 16.2 m³ of sewerage by 39,75 ₽
        assert "by the average use, about 1,107.70 ₽" in page.text
        assert "2 meters wait" in page.text

    def test_the_window_tells_what_longer_silence_costs_by_the_normative(
        self, visitor: Browser, app: Flask, act: Any
    ) -> None:
        with act() as session:
            for code, volume in (("cold", "3.881"), ("hot", "2.802")):
                of = factories.service(session, code)
                row = {"valid_from": date(2026, 1, 1), "status": ActStatus.approved, "volume": Decimal(volume)}
                session.add(Normative(category=CATEGORY, service=of, **row))
        # two people: 7.762 m³ cold by 43,75 ₽, and with 5.604 m³ hot 13.366 m³ of sewerage by 39,75 ₽
        told = "from 1 February 2027 on we will charge by the normative: about 870.89 ₽ a month"
        assert told in visitor.get("/cabinet/").text
        with time_machine.travel("2026-11-28T10:00:00+05:00", tick=False):
            assert "by the normative" not in signed_in(app, "irina").get("/cabinet/").text

    def test_the_cost_of_silence_takes_one_statement(self, app: Flask, account_id: int) -> None:
        counts = []
        for day in ("2026-11-15", "2026-11-23"):
            with time_machine.travel(f"{day}T10:00:00+05:00", tick=False):
                visitor = signed_in(app, "irina")
                visitor.get("/cabinet/")
                with recorded() as statements:
                    visitor.get("/cabinet/")
            counts.append(len(statements))
        assert counts[1] == counts[0] + 1

    def test_sent_readings_are_enough(self, visitor: Browser, act: Any) -> None:
        with act() as session:
            for meter in session.scalars(select(Meter)):
                factories.reading(session, meter, "2000", NOVEMBER, volume=Decimal(5))
        text = visitor.get("/cabinet/").text
        assert "Readings are accepted" in text
        assert "If you do nothing" not in text

    def test_a_month_that_is_calculated_takes_no_readings_and_claims_none(self, visitor: Browser, act: Any) -> None:
        with act() as session:
            in_state(session, NOVEMBER, PeriodState.calculated)
        text = visitor.get("/cabinet/").text
        assert "November 2026 is being calculated" in text
        assert "Readings are accepted" not in text

    def test_before_and_after_the_window_the_card_says_when_it_is(self, app: Flask, account_id: int) -> None:
        with time_machine.travel("2026-11-15T10:00:00+05:00", tick=False):
            assert "The window opens in 5 days" in signed_in(app, "irina").get("/cabinet/").text
        with time_machine.travel("2026-11-28T10:00:00+05:00", tick=False):
            text = signed_in(app, "irina").get("/cabinet/").text
            assert "from 20 December to 26 December" in text
            assert "If you do nothing For November" in text

    def test_three_silent_months_are_averages_and_the_fourth_is_the_normative(
        self, visitor: Browser, app: Flask, act: Any
    ) -> None:
        with act() as session:
            for reading in session.scalars(select(Reading).where(Reading.period > date(2026, 8, 1))):
                session.delete(reading)
        assert "For November we will charge by the average use" in visitor.get("/cabinet/").text
        with time_machine.travel("2026-12-21T10:00:00+05:00", tick=False):
            assert "For December we will charge by the normative" in signed_in(app, "irina").get("/cabinet/").text

    def test_without_meters_there_is_no_window(self, app: Flask, act: Any) -> None:
        with act() as session:
            factories.account(session, factories.user(session, login="bare"))
        assert signed_in(app, "bare").get("/cabinet/").link("How to install a meter")


class TestNews:
    def test_works_at_the_house_news_and_open_requests_are_shown(
        self, visitor: Browser, act: Any, account_id: int
    ) -> None:
        with act() as session:
            factories.premises(session, street="ул. Далёкая")
            house = session.get_one(Account, account_id).premises.house
            other = "1–7" if house.number == "8а" else "8а"
            for title, street, houses, day in (
                ("Nothing at the neighbours", house.street.name, other, 23),
                ("No water far away", "ул. Далёкая", "вся улица", 23),
                ("Over already", "", "", 20),
                ("No water anywhere", "", "", 25),
                ("No water here", house.street.name, house.number, 26),
            ):
                ranges = [factories.work_range(session, street, houses)] if street else []
                work(session, title, day, ranges=ranges, is_everywhere=not street)
            work(session, "Only a draft", 23, state=WorkState.draft)
            session.add(Article(kind=ArticleKind.news, title="The old news", body="…", published_on=date(2026, 10, 1)))
            session.add(Article(kind=ArticleKind.news, title="The last news", body="…", published_on=date(2026, 11, 2)))
            session.add(Article(kind=ArticleKind.vacancy, title="A vacancy", body="…", published_on=date(2026, 11, 3)))
            request(session, account_id, RequestState.in_progress)
            request(session, account_id, RequestState.done, "Done long ago")
        text = visitor.get("/cabinet/").text
        for shown in ("No water here", "No water anywhere", "26 November, from 10:00 to 14:00", "The last news"):
            assert shown in text
        assert "Request: Sealing In progress, answer by 26 November" in text
        for hidden in (
            "far away",
            "the neighbours",
            "Only a draft",
            "Over already",
            "The old news",
            "A vacancy",
            "Done long ago",
        ):
            assert hidden not in text

    def test_a_foreign_request_is_not_news(self, act: Any, account_id: int) -> None:
        with act() as session:
            request(session, account_id, RequestState.new)
            house_id = session.get_one(Account, account_id).premises.house_id
            stranger = Principal(Kind.customer, factories.user(session).id)
        account = Account(id=account_id, number="1", premises=Premises(house_id=house_id, address="x"))
        for who, kinds in ((SYSTEM, ["request"]), (stranger, [])):
            with act(who) as session:
                found = what_is_new(session, account, clock.now(), clock.today())
                assert [new.kind for new in found] == kinds

    def test_the_last_payments_lead_to_their_receipts(self, visitor: Browser) -> None:
        page = visitor.get("/cabinet/")
        assert "Last payments" in page.text
        assert "/receipt" in page.link("Receipt")


def work(session: Any, title: str, day: int, **values: Any) -> None:
    times = {"starts_at": clock.at(date(2026, 11, day), 10), "ends_at": clock.at(date(2026, 11, day), 14)}
    factories.work(session, title, **times, **values)


def request(session: Any, account_id: int, state: RequestState, name: str = "Sealing") -> None:
    offering = ServiceOffering(
        code=name, name="Опломбировка", name_en=name, description="", description_en="", term_days=3
    )
    session.add(offering)
    session.flush()
    session.add(
        ServiceRequest(
            account_id=account_id,
            offering_id=offering.id,
            description="Прошу",
            state=state,
            promised_on=date(2026, 11, 26),
            created_at=clock.now(),
            changed_at=clock.now(),
        )
    )


class TestCompany:
    @pytest.fixture
    def company(self, app: Flask, act: Any) -> Browser:
        with act() as session:
            owner = factories.user(session, "Company", login="company")
            first = factories.account(session, owner, is_company=True)
            bill(session, first, MONTHS[-1])
            second = factories.account(session, owner, is_company=True)
            owe(session, second.id, "99.00")
        return signed_in(app, "company")

    def test_it_pays_an_amount_on_a_basis(self, company: Browser) -> None:
        form = company.get("/cabinet/").form("amount", "basis", "account_id")
        assert form.action.endswith("/cabinet/payments/check")
        assert form.values["amount"] == "1240.50"

    def test_it_sees_its_accounts_with_their_balances(self, company: Browser) -> None:
        page = company.get("/cabinet/")
        assert "Your accounts" in page.text
        assert "To pay: 99.00 ₽" in page.text

    def test_no_delay_is_free_for_a_company(self, company: Browser) -> None:
        assert "penalties may be added" in company.get("/cabinet/").text


def test_somebody_without_accounts_is_told_what_to_do(app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, login="nobody")
    assert "no account in your cabinet" in signed_in(app, "nobody").get("/cabinet/").text


def test_names_and_titles_are_text(app: Flask, act: Any) -> None:
    with act() as session:
        owner = factories.user(session, login="evil", first_name="<script>alert(1)</script>")
        factories.account(session, owner)
        work(session, "<img src=x onerror=alert(1)>", 26)
    page = signed_in(app, "evil").get("/cabinet/")
    assert "<script>alert" not in page.html
    assert "<img src=x" not in page.html
