"""The day's register: what was counted here against what the gateway and the banks say of the day."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import clock
from app.domain import payments, refunds
from app.jobs.registers import list_yesterday
from app.models import (
    BankOperation,
    BankOperationState,
    GatewayOperation,
    Payment,
    Refund,
    RegisterDay,
    RegisterLine,
)
from tests import factories
from tests.conftest import Act
from tests.domain.test_unidentified import assign, waiting
from tests.drill.stage import NEVER, Stage
from tests.page import Browser, Form, Page
from tests.payments import OPERATION, customer, deposited, word
from tests.statements import recorded
from tests.views.staff.desk import employ, signed_in

URL = "/staff/registers"


def cashier(stage: Stage) -> Browser:
    employ(stage.act)
    return signed_in(stage.app, "cashier")


def today(browser: Browser, **arguments: str) -> Page:
    return browser.get(URL, query_string={"day": f"{clock.today()}", **arguments})


def ask(page: Page) -> Page:
    form = next(Form(page, each) for each in page.elements("form") if "/ask?" in (each.get("action") or ""))
    return form.submit()


def figures(page: Page) -> dict[str, list[str]]:
    """The totals: the words of a row → operations, here, there."""
    body = page.elements("tbody")[0]
    rows = [["".join(cell.itertext()).strip() for cell in row if cell.tag.endswith(("th", "td"))] for row in body]
    return {name: [each.replace("\u00a0", " ") for each in cells] for name, *cells in rows}


def rows(page: Page) -> list[list[str]]:
    found = page.elements("tbody")[1:]
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row if cell.tag.endswith(("th", "td"))]
        for body in found
        for row in body
    ]


class TestGateway:
    def test_a_day_without_trouble_matches(self, stage: Stage) -> None:
        for key in ("first", "second"):
            stage.pay(stage.start(key))
        browser = cashier(stage)
        assert "was not asked about this day yet" in today(browser).text
        page = ask(today(browser))
        totals = figures(page)
        assert (totals["What matches"][0], totals["Only here"][0], totals["Only there"][0]) == ("2", "0", "0")
        assert totals["What matches"][1] == totals["What matches"][2]
        assert "200.00" in totals["What matches"][1]
        assert rows(page) == []
        assert len(rows(today(browser, match="both"))) == 2

    def test_money_that_only_the_gateway_has_is_told(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        page = ask(today(cashier(stage)))
        ((_operation, order, here, there, result),) = rows(page)
        assert (order, here, result) == (payment.order_number, "—", "Only there")
        assert "100.00" in there
        stage.reconcile()
        assert figures(today(page.browser))["What matches"][0] == "1"

    def test_money_that_only_we_have_is_told(self, stage: Stage) -> None:
        payment = stage.start()
        with stage.act() as session:
            payments.apply_event(session, word(session.get_one(Payment, payment.id)))
        page = ask(today(cashier(stage)))
        ((operation, order, _here, there, result),) = rows(page)
        assert (operation, order, there, result) == (OPERATION, payment.order_number, "—", "Only here")
        assert page.link(payment.order_number or "?").endswith(f"/staff/desk/payments/{payment.id}")

    def test_another_sum_is_told(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        with stage.act() as session:
            session.execute(update(GatewayOperation).values(amount=Decimal("99.99")))
        page = ask(today(cashier(stage)))
        assert [row[-1] for row in rows(page)] == ["Different sums"]
        assert ("99.99" in rows(page)[0][2], "100.00" in rows(page)[0][3]) == (True, True)

    def test_money_that_the_gateway_canceled_after_it_was_counted_differs(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        browser = cashier(stage)
        ask(today(browser))
        with stage.act() as session:
            session.execute(update(RegisterLine).values(is_paid=False))
        ((*_rest, there, result),) = rows(today(browser))
        assert (there, result) == ("—", "Different sums")

    def test_refunds_match_by_their_number_and_count_below_zero(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        browser = cashier(stage)
        with stage.act() as session:
            clerk = factories.user(session, "Cashier")
            refunds.ask(session, payment.id, amount=Decimal(30), reason="Оплачено дважды", user_id=clerk.id)
        stage.send_refunds()
        totals = figures(ask(today(browser)))
        assert totals["What matches"][0] == "2"
        assert all("70.00" in each for each in totals["What matches"][1:])

    def test_a_refund_that_the_gateway_does_not_know_is_only_ours(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        browser = cashier(stage)
        ask(today(browser))
        with stage.act() as session:
            clerk = factories.user(session, "Cashier")
            refund = refunds.ask(session, payment.id, amount=Decimal(30), reason="Дважды", user_id=clerk.id)
            number = refunds.number_of(refund)
        stage.send_refunds()
        ((operation, order, *_rest, result),) = rows(today(browser))
        assert (order, result, "refund" in operation) == (number, "Only here", True)

    def test_what_was_counted_on_the_next_day_matches_on_the_gateways_day(self, stage: Stage) -> None:
        """One operation stands in one register: that of the day that the gateway gives it."""
        payment = stage.start()
        stage.pay(payment)
        with stage.act() as session:
            session.execute(update(GatewayOperation).values(counted_at=clock.now() + timedelta(days=1)))
        browser = cashier(stage)
        assert figures(ask(today(browser)))["What matches"][0] == "1"
        tomorrow = figures(browser.get(URL, query_string={"day": f"{clock.today() + timedelta(days=1)}"}))
        assert [numbers[0] for numbers in tomorrow.values()] == ["0"] * 4

    def test_what_stands_in_no_list_of_the_day_is_asked_about_by_its_number(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        back = timedelta(days=3)
        with stage.act() as session:
            session.execute(update(GatewayOperation).values(counted_at=clock.now() - back))
        browser = cashier(stage)
        page = ask(browser.get(URL, query_string={"day": f"{clock.today() - back}"}))
        assert figures(page)["Only here"][0] == "0"
        assert figures(today(browser))["What matches"][0] == "1"

    def test_a_gateway_that_is_silent_is_said_and_what_it_said_before_stays(self, stage: Stage) -> None:
        stage.pay(stage.start())
        browser = cashier(stage)
        ask(today(browser))
        stage.operator(trouble="silent")
        page = ask(today(browser))
        assert "did not answer" in page.text
        assert figures(page)["What matches"][0] == "1"
        stage.operator(trouble="none")
        assert "did not answer" not in ask(today(browser)).text

    def test_asking_again_takes_the_new_list(self, stage: Stage) -> None:
        stage.pay(stage.start())
        browser = cashier(stage)
        ask(today(browser))
        with stage.act() as session:
            session.add(line(operation="777", changed_at=clock.now()))
        assert figures(today(browser))["Only there"][0] == "1"
        assert figures(ask(today(browser)))["Only there"][0] == "0"

    def test_the_night_asks_about_yesterday(self, stage: Stage) -> None:
        stage.pay(stage.start())
        stage._work(list_yesterday, timedelta(days=1))
        with stage.act() as session:
            assert session.scalars(select(RegisterDay.day)).all() == [clock.today()]
            assert session.scalars(select(RegisterLine.amount)).all() == [Decimal(100)]


def line(**values: Any) -> RegisterLine:
    known = {"gateway": "sandbox", "order_number": "", "is_refund": False, "amount": Decimal(5), "is_paid": True}
    return RegisterLine(**{**known, **values})


class TestBanks:
    @pytest.fixture
    def day(self, act: Act) -> date:
        """A line that was assigned, one that waits, one whose payment was changed, one of a registry taken back, and a
        payment that no registry has."""
        employ(act)
        at = clock.at(date(2026, 11, 20), 12)
        with act() as session:
            _user, account = customer(session, number="0048213507")
            first = waiting(session)
            first.paid_at = at
            assign(session, first)
            for number, state in (("18", "unidentified"), ("19", "posted"), ("20", "undone")):
                session.add(like(first, number, at, BankOperationState(state)))
            session.flush()
            other = deposited(session, account, "10.00", at=at, cause="bank:19")
            session.execute(update(BankOperation).where(BankOperation.operation == "19").values(payment_id=other.id))
            deposited(session, account, "7.77", at=at, cause="till:99")
        return date(2026, 11, 20)

    def test_each_line_is_beside_the_payment_that_it_became(self, app: Flask, day: date) -> None:
        browser = signed_in(app, "cashier")
        page = browser.get(URL, query_string={"day": f"{day}", "side": "banks"})
        totals = figures(page)
        assert {name: numbers[0] for name, numbers in totals.items()} == {
            "What matches": "1",
            "Only here": "1",
            "Only there": "1",
            "Different sums": "1",
        }
        assert sorted(row[-1] for row in rows(page)) == ["Different sums", "Only here", "Only there"]
        assert "Ask about this day" not in page.text
        empty = figures(browser.get(URL, query_string={"day": "2026-11-19", "side": "banks"}))
        assert [numbers[0] for numbers in empty.values()] == ["0"] * 4

    def test_the_list_is_taken_away_as_a_file(self, app: Flask, day: date) -> None:
        browser = signed_in(app, "cashier")
        link = browser.get(URL, query_string={"day": f"{day}", "side": "banks"}).link("CSV")
        answer = browser.client.get(link)
        lines = answer.get_data(as_text=True).splitlines()
        assert (answer.mimetype, len(lines)) == ("text/csv", 4)
        assert any('"99"' not in each and '"7.77"' in each and "only here" in each for each in lines)
        assert '"17"' in browser.client.get(f"{link}&match=both").get_data(as_text=True)


def like(row: BankOperation, number: str, at: datetime, state: BankOperationState) -> BankOperation:
    return BankOperation(
        source=row.source,
        operation=number,
        account_number="0048213507",
        amount=Decimal("12.00"),
        credited=Decimal("12.00"),
        fee=Decimal(0),
        paid_at=at,
        state=state,
        import_batch_id=row.import_batch_id,
    )


@pytest.mark.parametrize("day", ["", "yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-21' OR 1=1"])
def test_what_is_no_day_is_said_at_its_field(app: Flask, act: Act, day: str) -> None:
    employ(act)
    browser = signed_in(app, "cashier")
    page = browser.get(URL, expect=422, query_string={"day": day, "side": "banks"})
    assert page.error("day")
    assert browser.client.get(f"{URL}/export.csv", query_string={"day": day}).status_code == 422


def test_a_day_that_has_not_come_is_not_asked_about(stage: Stage) -> None:
    browser = cashier(stage)
    page = ask(browser.get(URL, query_string={"day": f"{clock.today() + timedelta(days=2)}"}))
    assert (page.status, bool(page.error("day"))) == (422, True)


@pytest.mark.parametrize("login", ["operator", "manager"])
def test_registers_are_for_cashiers(app: Flask, act: Act, login: str) -> None:
    employ(act)
    browser = signed_in(app, login)
    assert URL not in browser.get("/staff/").html
    for path in (URL, f"{URL}/export.csv"):
        assert browser.client.get(path).status_code in (302, 403, 404)


def test_a_long_day_is_shown_by_the_page_with_few_statements_and_by_its_indexes(app: Flask, act: Act) -> None:
    employ(act)
    at = clock.at(date(2026, 11, 20), 12)
    with act() as session:
        session.add_all(line(operation=f"{1000 + number}", changed_at=at) for number in range(120))
    browser = signed_in(app, "cashier")
    with recorded() as statements:
        page = browser.get(URL, query_string={"day": "2026-11-20"})
    assert len(rows(page)) == 50
    assert len(statements) <= 8
    second = browser.get(page.link("Further"))
    third = browser.get(second.link("Further"))
    shown = [row[0] for each in (page, second, third) for row in rows(each)]
    assert shown == [f"{1000 + number}" for number in range(120)]
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        with act() as session:
            plan = plans(session, [each for each in statements if "register_line" in each])
        assert "SCAN register_line" not in plan
        assert "SCAN gateway_operation" not in plan
        assert "SCAN refund" not in plan


def plans(session: Any, statements: list[str]) -> str:
    connection = session.connection().connection
    found = []
    for each in statements:
        cursor = connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {each}", [None] * each.count("?"))
        found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_a_refund_named_by_the_gateway_that_is_not_there_breaks_nothing(app: Flask, act: Act) -> None:
    employ(act)
    at = clock.at(date(2026, 11, 20), 12)
    with act() as session:
        session.add(
            line(operation="5", order_number="RF-9999999999", refund_id=9999999999, is_refund=True, changed_at=at)
        )
        assert session.scalars(select(Refund)).all() == []
    page = signed_in(app, "cashier").get(URL, query_string={"day": "2026-11-20"})
    assert [row[-1] for row in rows(page)] == ["Only there"]
