"""Charges put right by hand: who may, what is refused, what the account's page and the first page tell."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import corrections, ledger, months
from app.domain.calendar import previous_month
from app.domain.corrections import Wish
from app.models import (
    Account,
    AuditEvent,
    ChargeMethod,
    Correction,
    CorrectionState,
    EntryKind,
    LedgerEntry,
    PayerGroup,
    Period,
    PeriodState,
)
from app.queries import ledger as ledger_queries
from app.queries import people
from tests import billed, factories, periods
from tests.conftest import Act
from tests.page import Page
from tests.views.staff.desk import form_to, has_form, signed_in

DESK = "/staff/desk/corrections"
S = CorrectionState


@pytest.fixture(autouse=True)
def _staff(act: Act) -> None:
    with act() as session:
        for login, role in (("first", "Manager"), ("second", "Manager"), ("operator", "Operator"), ("cash", "Cashier")):
            factories.user(session, role, login=login, first_name=login.title(), last_name="Iva")


@pytest.fixture
def account_id(act: Act) -> int:
    """Owes 9,000.00 for cold water, has an advance of 300.00 of sewerage."""
    with act() as session:
        account = factories.account(session)
        month = previous_month(clock.today().replace(day=1))
        for code, kind, amount in (
            ("cold", EntryKind.charge, "9000.00"),
            ("sewerage", EntryKind.charge, "400.00"),
            ("sewerage", EntryKind.payment, "-700.00"),
        ):
            ledger.post(
                session,
                account_id=account.id,
                service_id=factories.service(session, code).id,
                period=month,
                kind=kind,
                amount=Decimal(amount),
                source=f"test:{code}:{kind}",
            )
        session.flush()
        periods.close(session, month)
        return account.id


def page_of(app: Flask, account_id: int, login: str = "first") -> Page:
    return signed_in(app, login).get(f"{DESK}/account/{account_id}")


def send(page: Page, act: Act, code: str = "cold", **values: str) -> Page:
    with act() as session:
        service = str(factories.service(session, code).id)
    given = {"side": "less", "amount": "120,50", "reason": "Recalculated for October 2026", **values}
    return form_to(page, page.path).submit(service=service, **given)


def state(act: Act) -> list[CorrectionState]:
    with act() as session:
        return list(session.scalars(select(Correction.state).order_by(Correction.id)))


def balance(act: Act, account_id: int) -> dict[str, Decimal]:
    with act() as session:
        return {service.code: sum_ for service, sum_ in ledger_queries.balances(session, account_id)}


class TestWhoMay:
    @pytest.mark.parametrize("login", ["operator", "cash"])
    def test_others_than_managers_correct_nothing(self, app: Flask, act: Act, account_id: int, login: str) -> None:
        waiting = ask(act, account_id, "-6000.00")
        browser = signed_in(app, login)
        page = browser.get(f"/staff/accounts/show/{account_id}")
        assert DESK not in page.html
        assert "Corrections by hand" not in page.text
        paths = (DESK, f"{DESK}/{waiting}", f"{DESK}/account/{account_id}", "/staff/corrections/list/")
        for path in paths:
            assert browser.client.get(path).status_code in (302, 403, 404)
        token = browser.get("/staff/").form().values["csrf_token"]
        data = {"csrf_token": token, "act": "approve", "side": "less", "amount": "1", "reason": "Because"}
        for path in (f"{DESK}/{waiting}/answer", f"{DESK}/account/{account_id}"):
            browser.post(path, data={**data, "service": "1"}, follow=False)
        assert state(act) == [S.asked]

    def test_what_is_not_there_is_a_missing_page(self, app: Flask, act: Act, account_id: int) -> None:
        waiting = ask(act, account_id, "-6000.00")
        browser = signed_in(app, "first")
        token = browser.get("/staff/").form().values["csrf_token"]
        for number in (waiting + 1000, 2**31, "x"):
            for path in (f"{DESK}/{number}", f"{DESK}/account/{number}"):
                assert browser.client.get(path).status_code == 404
            data = {"csrf_token": token, "act": "approve"}
            assert browser.client.post(f"{DESK}/{number}/answer", data=data).status_code == 404


def ask(act: Act, account_id: int, amount: str, login: str = "second") -> int:
    with act() as session:
        user = people.user_by_login(session, login)
        assert user is not None
        wish = Wish(factories.service(session).id, Decimal(amount), "Recalculated for October 2026")
        return corrections.ask(session, account_id, wish, user_id=user.id, known_id=0).id


class TestAsking:
    @pytest.mark.parametrize("amount", ["120,50", " 120.5 ", "120,50\u00a0"])
    def test_money_in_any_clothing_is_taken_off(self, app: Flask, act: Act, account_id: int, amount: str) -> None:
        page = send(page_of(app, account_id), act, amount=amount)
        assert "In the ledger" in page.text
        assert "Recalculated for October 2026" in page.text
        assert balance(act, account_id)["cold"] == Decimal("8879.50")

    def test_more_is_owed(self, app: Flask, act: Act, account_id: int) -> None:
        send(page_of(app, account_id), act, side="more")
        assert balance(act, account_id)["cold"] == Decimal("9120.50")

    def test_an_advance_covers_a_debt(self, app: Flask, act: Act, account_id: int) -> None:
        with act() as session:
            cold = str(factories.service(session).id)
        page = send(page_of(app, account_id), act, "sewerage", side="offset", to_service=cold, amount="300")
        assert "Advance of “Sewerage” for the debt of “Cold water”" in page.text
        assert balance(act, account_id) == {"cold": Decimal(8700), "sewerage": Decimal(0)}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"amount": "0"}, "amount"),
            ({"amount": "-5"}, "amount"),
            ({"amount": ""}, "amount"),
            ({"amount": "33,333"}, "amount"),
            ({"amount": "9 000 000 000"}, "amount"),
            ({"amount": "9000,01"}, "amount"),
            ({"side": "more", "amount": "900000000"}, "amount"),
            ({"reason": ""}, "reason"),
            ({"reason": "x" * 5000}, "reason"),
            ({"reason": "Bell \x07"}, "reason"),
            ({"reason": "card 4111 1111 1111 1111"}, "reason"),
            ({"side": "offset", "amount": "1"}, "to_service"),
            ({"side": "nothing"}, "side"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_and_what_was_typed_stays(
        self, app: Flask, act: Act, account_id: int, values: dict[str, str], field: str
    ) -> None:
        refused = send(page_of(app, account_id), act, **values)
        assert refused.status == 422
        if field != "side":
            assert refused.error(field)
        assert "4111" not in refused.html
        typed, other = {"amount": "120,50", "reason": "Recalculated for October 2026", **values}, "amount"
        if field == "amount":
            other = "reason"
        assert form_to(refused, refused.path).values[other] == typed[other]
        assert state(act) == []

    def test_a_double_click_and_a_second_tab_count_once(self, app: Flask, act: Act, account_id: int) -> None:
        page = page_of(app, account_id)
        other_tab = page.browser.get(page.url)
        paths = {send(each, act).path for each in (page, page, other_tab)}
        assert len(paths) == 1
        assert balance(act, account_id)["cold"] == Decimal("8879.50")
        refused = send(page, act, amount="5,00")
        assert (refused.status, form_to(refused, refused.path).values["amount"]) == (422, "5,00")
        send(refused, act, amount="5,00")
        assert balance(act, account_id)["cold"] == Decimal("8874.50")

    def test_two_tabs_at_the_same_moment_count_once(
        self, app: Flask, act: Act, account_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tabs = [page_of(app, account_id) for _ in range(2)]
        if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):  # there one writer waits for the other
            barrier, original = threading.Barrier(2, timeout=20), months.open_month
            monkeypatch.setattr(months, "open_month", lambda *given: (barrier.wait(), original(*given))[1])
        answers: list[str] = []
        threads = [threading.Thread(target=lambda page=tab: answers.append(send(page, act).path)) for tab in tabs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert (len(answers), len({*answers})) == (2, 1)
        assert balance(act, account_id)["cold"] == Decimal("8879.50")

    @pytest.mark.parametrize("month_state", [PeriodState.calculating, PeriodState.calculated, PeriodState.approved])
    def test_a_month_that_is_being_calculated_takes_none(
        self, app: Flask, act: Act, account_id: int, month_state: PeriodState
    ) -> None:
        with act() as session:
            periods.in_state(session, clock.today().replace(day=1), month_state)
        refused = send(page_of(app, account_id), act)
        assert (refused.status, state(act)) == (422, [])
        assert "is being calculated or approved" in refused.text


class TestApproval:
    def test_above_the_limit_another_person_approves(self, app: Flask, act: Act, account_id: int) -> None:
        own = send(page_of(app, account_id), act, amount="6000")
        assert "Another person has to approve" in own.text
        assert balance(act, account_id)["cold"] == Decimal(9000)
        own_form = form_to(own, "/answer")
        assert own_form.submit(("act", "approve")).status == 422
        assert state(act) == [S.asked]

        second = signed_in(app, "second")
        start = second.get("/staff/")
        assert DESK in start.html
        waiting = second.get(second.get(DESK).link(_number(act, account_id)))
        done = form_to(waiting, "/answer").submit(("act", "approve"))
        assert "Second Iva" in done.text
        assert not has_form(done, "/answer")
        assert balance(act, account_id)["cold"] == Decimal(3000)
        assert form_to(waiting, "/answer").submit(("act", "approve")).status == 422
        assert balance(act, account_id)["cold"] == Decimal(3000)

    def test_it_is_turned_down_with_a_reason(self, app: Flask, act: Act, account_id: int) -> None:
        pk = ask(act, account_id, "-6000.00", "first")
        page = signed_in(app, "second").get(f"{DESK}/{pk}")
        refused = form_to(page, "/answer").submit(("act", "decline"))
        assert (refused.status, bool(refused.error("reason"))) == (422, True)
        done = form_to(refused, "/answer").submit(("act", "decline"), reason="The wrong service")
        assert "The wrong service" in done.text
        assert (state(act), balance(act, account_id)["cold"]) == ([S.declined], Decimal(9000))

    def test_a_button_that_the_page_does_not_have_does_nothing(self, app: Flask, act: Act, account_id: int) -> None:
        pk = ask(act, account_id, "-6000.00", "first")
        page = signed_in(app, "second").get(f"{DESK}/{pk}")
        assert form_to(page, "/answer").submit(act="delete").status == 400
        assert state(act) == [S.asked]


def _number(act: Act, account_id: int) -> str:
    with act() as session:
        return session.get_one(Account, account_id).number


def test_the_accounts_page_lists_them_and_leads_there(app: Flask, act: Act, account_id: int) -> None:
    posted = send(page_of(app, account_id), act)
    page = posted.browser.get(f"/staff/accounts/show/{account_id}")
    assert page.link("Correct the charges").endswith(f"{DESK}/account/{account_id}")
    for said in (
        "Corrections by hand",
        "In the ledger",
        "−120.50",
        "Cold water: less is owed",
        "Recalculated for October 2026",
        "First Iva",
    ):
        assert said in page.text, said


def test_each_act_leaves_a_trace(app: Flask, act: Act, account_id: int) -> None:
    send(page_of(app, account_id), act, amount="6000")
    page = signed_in(app, "second").get(DESK)
    form_to(page.browser.get(page.link(_number(act, account_id))), "/answer").submit(("act", "approve"))
    with act() as session:
        traces = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "correction").order_by(AuditEvent.id)
        ).all()
        assert [(each.action, each.detail["amount"]) for each in traces] == [
            ("asked", "-6000.00"),
            ("approved", "-6000.00"),
        ]
        assert len({each.user_id for each in traces}) == 2
        assert session.scalars(select(LedgerEntry.reason).where(LedgerEntry.source.like("correction:%"))).all() == [
            "Recalculated for October 2026"
        ]


class TestBillsThatStand:
    """Facts that came after the month was approved."""

    @pytest.fixture
    def month(self) -> date:
        return previous_month(clock.today().replace(day=1))

    @pytest.fixture
    def of_people(self, act: Act, month: date) -> int:
        """An account that the last month was charged by its people."""
        with act() as session:
            factories.user(session, "Admin", login="boss")
            account = factories.account(session)
            billed.line(session, account, "300.00", month, method=ChargeMethod.normative, volume=Decimal("7.762"))
            session.flush()
            periods.close(session, month)
            return account.id

    def put(self, app: Flask, of_people: int, month: date, login: str) -> Page:
        form = signed_in(app, login).get("/staff/residents/add").form("account")
        return form.submit(account=str(of_people), valid_from=f"{month.replace(day=10)}", residents="5")

    def test_the_clerk_is_told_and_led_to_the_correction(
        self, app: Flask, act: Act, of_people: int, month: date
    ) -> None:
        saved = self.put(app, of_people, month, "boss")
        assert "is approved already: it is not counted anew." in saved.text
        page = saved.browser.get(saved.link("Correct the charges of account"))
        assert page.path == f"{DESK}/account/{of_people}"
        assert page.form("reason").values["reason"] == f"The number of residents: {month:%B %Y}"
        done = send(page, act, reason=page.form("reason").values["reason"])
        assert balance(act, of_people)["cold"] == Decimal("179.50")
        with act() as session:
            assert session.scalars(select(Correction.reason)).one() == f"The number of residents: {month:%B %Y}"
        path = saved.path.replace("show", "delete")
        gone = form_to(done.browser.get(f"{path}/confirm"), path).submit()
        assert "it is not counted anew" in gone.text

    def test_who_may_not_correct_learns_who_does(self, app: Flask, of_people: int, month: date) -> None:
        saved = self.put(app, of_people, month, "operator")
        assert saved.link("A manager corrects the charges").endswith(f"/staff/accounts/show/{of_people}")
        assert DESK not in saved.html

    def test_a_change_of_the_open_month_is_only_saved(self, app: Flask, of_people: int, month: date) -> None:
        saved = self.put(app, of_people, clock.today().replace(day=1), "boss")
        assert saved.path.startswith("/staff/residents/show/")
        assert "not counted anew" not in saved.text
        changed = saved.browser.get(saved.path.replace("show", "edit")).form("residents").submit(residents="4")
        assert "not counted anew" not in changed.text

    def test_an_interruption_leads_to_the_accounts_of_the_house(
        self, app: Flask, act: Act, of_people: int, month: date
    ) -> None:
        with act() as session:
            account = session.get_one(Account, of_people)
            house, service, number = account.premises.house_id, factories.service(session).id, account.number
            factories.account(session)  # charged for nothing
            firm = factories.account(session, is_company=True)  # its bill is a draft: it will be counted anew
            billed.line(session, firm, "300.00", month, method=ChargeMethod.normative, volume=Decimal("7.762"))
            draft = select(Period).where(Period.first_on == month, Period.payer_group == PayerGroup.other)
            session.scalars(draft).one().state = PeriodState.calculated
        form = signed_in(app, "boss").get(f"/staff/interruptions/add?_flt_0_house={house}").form("began_at")
        day = month.replace(day=5)
        saved = form.submit(service=str(service), began_at=f"{day}T00:00", ended_at=f"{day}T20:00")
        page = saved.browser.get(saved.link("Correct the charges of the accounts of"))
        assert f"Interruption of supply: {month:%B %Y}." in page.text
        links = [element.get("href") or "" for element in page.elements("a")]
        assert [link for link in links if "/corrections/account/" in link] == [
            f"{DESK}/account/{of_people}?about=interruption&since={month:%Y-%m}&until={month:%Y-%m}"
        ]
        reason = page.browser.get(page.link(number)).form("reason").values["reason"]
        assert reason == f"Interruption of supply: {month:%B %Y}"

    @pytest.mark.parametrize("query", ["about=x&since=2026-10&until=2026-10", "about=fault", "about=fault&since=x"])
    def test_an_address_that_says_nothing_is_a_missing_page(self, app: Flask, account_id: int, query: str) -> None:
        assert signed_in(app, "first").client.get(f"{DESK}/account/{account_id}?{query}").status_code == 404
