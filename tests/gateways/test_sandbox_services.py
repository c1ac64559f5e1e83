"""The sandbox's own interface, its operator's page, saved cards and the calls that go wrong, over real HTTP."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from queue import Empty

import pytest
import time_machine

from app import clock
from app.gateways.base import NoAnswerError, OperationStatus, PaymentOrder, RefundOrder, RequestRefused
from app.gateways.moneta import Moneta
from tests.gateways.browser import Browser
from tests.gateways.utility import Utility

PAYS = "4111 1111 1111 1111"
NEVER = "5200 8282 8282 8210"
MANY = "6011 1111 1111 1117"
WRONG_AMOUNT = "3530 1113 3330 0000"
FORGED = "6011 0009 9013 9424"

Pay = Callable[..., Browser]


def confirm(browser: Browser) -> Browser:
    return browser.submit(code=browser.code)


@pytest.fixture
def paid(gateway: Moneta, pay: Pay, order: PaymentOrder) -> str:
    """The number of an operation that brought 1240.50."""
    confirm(pay(PAYS))
    (fact,) = gateway.find(order.number, clock.now())
    return fact.operation_id


def refund(operation_id: str, amount: str = "100.00", number: str = "RF-0000000001") -> RefundOrder:
    return RefundOrder(number=number, operation_id=operation_id, amount=Decimal(amount), description="Возврат")


def switch(sandbox_url: str, trouble: str) -> None:
    assert Browser().post(f"{sandbox_url}/operator", {"trouble": trouble}).status in (200, 303)


class TestInterface:
    def test_nobody_without_the_password_is_told_anything(self, gateway: Moneta, paid: str) -> None:
        for wrong in ({"api_password": "guess"}, {"api_user": "other"}):
            stranger = Moneta(replace(gateway._settings, **wrong))
            with pytest.raises(NoAnswerError):
                stranger.operation(paid)
            with pytest.raises(RequestRefused):
                stranger.refund(refund(paid))

    @pytest.mark.parametrize("body", ["", "[]", "{}", '{"Envelope": {"Body": {"A": 1, "B": 2}}}', "\\0"])
    def test_noise_is_a_fault(self, sandbox_url: str, body: str) -> None:
        browser = Browser().post(f"{sandbox_url}/services", {"x": body})
        assert browser.status == 500
        assert "faultDetail" in browser.text

    def test_the_day_is_listed_with_its_refunds(self, gateway: Moneta, paid: str) -> None:
        gateway.refund(refund(paid))
        day = timedelta(days=1)
        facts = gateway.operations(clock.now() - day, clock.now() + day)
        assert [(fact.is_refund, fact.amount) for fact in facts] == [
            (False, Decimal("1240.50")),
            (True, Decimal("100.00")),
        ]
        assert not gateway.operations(clock.now() - 2 * day, clock.now() - day)

    def test_no_more_goes_back_than_came(self, gateway: Moneta, paid: str) -> None:
        assert gateway.refund(refund(paid, "1240.00")).status is OperationStatus.succeeded
        with pytest.raises(RequestRefused):
            gateway.refund(refund(paid, "0.51", "RF-0000000002"))
        gateway.refund(refund(paid, "0.50", "RF-0000000003"))

    @pytest.mark.parametrize("amount", ["0.00", "-1.00"])
    def test_nothing_and_less_cannot_go_back(self, gateway: Moneta, paid: str, amount: str) -> None:
        with pytest.raises(RequestRefused):
            gateway.refund(refund(paid, amount))

    def test_an_operation_that_is_not_there_cannot_be_returned(self, gateway: Moneta, paid: str) -> None:
        with pytest.raises(RequestRefused):
            gateway.refund(refund("123456"))
        assert gateway.operation("123456") is None


class TestOperator:
    def test_a_gateway_that_is_down_answers_nothing_until_it_is_up(
        self, gateway: Moneta, sandbox_url: str, paid: str
    ) -> None:
        asked = clock.now()
        with time_machine.travel(asked, tick=False):
            assert gateway.is_reachable()
            switch(sandbox_url, "down")
            assert gateway.is_reachable()  # its answer is remembered for some seconds
        with time_machine.travel(asked + timedelta(seconds=6), tick=False):
            assert not gateway.is_reachable()
        with pytest.raises(NoAnswerError):
            gateway.operation(paid)
        switch(sandbox_url, "none")
        assert gateway.operation(paid)

    def test_a_silent_interface_does_what_it_is_asked(self, gateway: Moneta, sandbox_url: str, paid: str) -> None:
        switch(sandbox_url, "silent")
        with pytest.raises(NoAnswerError):
            gateway.refund(refund(paid))
        switch(sandbox_url, "none")
        (fact,) = gateway.find("RF-0000000001", clock.now())
        assert (fact.is_refund, fact.amount) == (True, Decimal("100.00"))

    def test_a_refusing_interface_returns_nothing(self, gateway: Moneta, sandbox_url: str, paid: str) -> None:
        switch(sandbox_url, "refusing")
        with pytest.raises(RequestRefused):
            gateway.refund(refund(paid))

    def test_an_unknown_switch_is_refused(self, sandbox_url: str, browser: Browser) -> None:
        assert browser.post(f"{sandbox_url}/operator", {"trouble": "other"}).status == 400
        assert browser.post(f"{sandbox_url}/operator", {"tell": "other"}).status == 404

    def test_a_call_that_never_came_is_made_from_the_page(
        self, gateway: Moneta, pay: Pay, utility: Utility, sandbox_url: str, order: PaymentOrder
    ) -> None:
        confirm(pay(NEVER))
        page = Browser().open(f"{sandbox_url}/operator")
        assert order.number in page.text
        token = page.text.split('name="tell" value="')[1].split('"')[0]
        page.post(f"{sandbox_url}/operator", {"tell": token})
        assert utility.answers.payments.get(timeout=5).order == order.number
        page.post(f"{sandbox_url}/operator", {"take_back": token})
        assert utility.answers.payments.get(timeout=5).command == "CANCELLED_DEBIT"


class TestSavedCard:
    @pytest.fixture
    def again(self, gateway: Moneta, order: PaymentOrder) -> PaymentOrder:
        return replace(order, number=gateway.new_order_number(18), amount=Decimal("50.00"))

    def test_the_card_is_charged_with_its_three_digits_alone(
        self, gateway: Moneta, paid: str, again: PaymentOrder, utility: Utility
    ) -> None:
        utility.answers.payments.get(timeout=5)
        operation_id = gateway.charge(again, f"0{paid}")
        (fact,) = gateway.find(again.number, clock.now())
        assert (fact.operation_id, fact.status) == (operation_id, OperationStatus.in_progress)
        browser = Browser().open(gateway.card_page(again, operation_id))
        assert 'name="number"' not in browser.text
        assert "411111******1111" in browser.text
        assert browser.submit(cvv="").status == 422
        browser.submit(cvv="123")
        confirm(browser)
        assert browser.left_for.startswith(again.success_url)
        told = utility.answers.payments.get(timeout=5)
        assert (told.order, told.operation_id, told.amount) == (again.number, operation_id, Decimal("50.00"))

    def test_it_is_of_no_use_to_anybody_else(self, gateway: Moneta, paid: str, again: PaymentOrder) -> None:
        for stranger, token in (("payer-18", f"0{paid}"), ("payer-17", "0123456"), ("payer-17", "")):
            with pytest.raises(RequestRefused):
                gateway.charge(replace(again, subscriber=stranger), token)

    def test_a_repeated_request_begins_no_second_operation(
        self, gateway: Moneta, paid: str, again: PaymentOrder
    ) -> None:
        assert gateway.charge(again, f"0{paid}") == gateway.charge(again, f"0{paid}")

    def test_an_unknown_operation_has_no_page(self, gateway: Moneta, again: PaymentOrder) -> None:
        assert Browser().open(gateway.card_page(again, "123456")).status == 404

    def test_its_page_returns_to_the_utility_alone(self, gateway: Moneta, paid: str, again: PaymentOrder) -> None:
        operation_id = gateway.charge(again, f"0{paid}")
        evil = replace(again, success_url="https://evil.test/")
        assert Browser().open(gateway.card_page(evil, operation_id)).status == 400


class TestCalls:
    def test_twenty_calls_come_at_once(self, pay: Pay, utility: Utility) -> None:
        confirm(pay(MANY))
        assert len({utility.answers.payments.get(timeout=5).operation_id for _ in range(20)}) == 1
        with pytest.raises(Empty):
            utility.answers.payments.get(timeout=0.2)

    def test_one_kopeck_less_is_told_and_the_truth_when_asked(
        self, gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
    ) -> None:
        confirm(pay(WRONG_AMOUNT))
        assert utility.answers.payments.get(timeout=5).amount == Decimal("1240.49")
        (fact,) = gateway.find(order.number, clock.now())
        assert fact.amount == Decimal("1240.50")

    def test_a_forged_message_comes_before_the_true_one(self, pay: Pay, utility: Utility) -> None:
        confirm(pay(FORGED))
        assert utility.answers.payments.get(timeout=5).amount == Decimal("1240.50")
        assert utility.answers.refused == 1
