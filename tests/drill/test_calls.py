"""What the gateway says and when: in order, late, twice, never, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine

from app import clock
from app.models import PaymentState
from tests.drill.stage import MANY, NEVER, NO_MONEY, NOTHING, ONCE, TWICE, Stage

S = PaymentState


def code(body: str) -> str:
    return ElementTree.fromstring(body).findtext("MNT_RESULT_CODE") or ""


class TestCallAndReturn:
    def test_the_call_comes_and_then_the_return(self, stage: Stage) -> None:
        payment = stage.start()
        browser = stage.pay(payment)
        assert browser.left_for.startswith(f"{stage.site}/payments/status/{payment.status_token}")
        assert "succeeded" in stage.seen(payment)
        assert stage.counts() == ONCE

    def test_the_return_comes_first_and_proves_nothing(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        assert "redirected" in stage.seen(payment)
        assert stage.counts() == NOTHING
        stage.operator(payment, tell="1")
        assert "succeeded" in stage.seen(payment)
        assert stage.counts() == ONCE


class TestNoCall:
    def test_money_that_the_gateway_has_is_found(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        stage.reconcile()
        assert (stage.state(payment), stage.counts()) == (S.succeeded, ONCE)
        stage.operator(payment, tell="1")
        stage.reconcile(minutes=31)
        assert stage.counts() == ONCE

    def test_where_there_is_none_another_payment_is_possible(self, stage: Stage) -> None:
        payment = stage.start()
        stage.reconcile(minutes=61)
        assert stage.state(payment) is S.expired
        assert stage.start("another", of=payment).id != payment.id
        assert stage.counts() == NOTHING

    def test_a_declined_card_ends_the_payment_without_money(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NO_MONEY)
        stage.reconcile()
        assert (stage.state(payment), stage.counts()) == (S.canceled, NOTHING)

    def test_two_jobs_at_once_do_the_same_as_one(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        with time_machine.travel(clock.now() + timedelta(minutes=11)), ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _turn: stage.reconcile(0), range(4)))
        assert stage.counts() == ONCE


class TestRepeated:
    @pytest.mark.parametrize("card", [TWICE, MANY], ids=["twice", "twenty at once"])
    def test_one_posting_and_success_each_time(self, stage: Stage, card: str) -> None:
        payment = stage.start()
        browser = stage.pay(payment, card)
        assert browser.left_for.endswith(f"?result=wait&MNT_TRANSACTION_ID={payment.order_number}")
        assert "succeeded" in stage.seen(payment)
        assert stage.counts() == ONCE


class TestOutOfOrder:
    def test_a_check_of_a_paid_order_is_answered_that_it_is_paid(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        assert code(stage.call(payment, "check").body) == "200"
        assert stage.state(payment) is S.succeeded

    def test_a_payment_that_was_never_checked_is_posted(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        stage.operator(payment, tell="1")
        assert code(stage.call(payment, "check").body) == "200"
        assert stage.counts() == ONCE


class TestLate:
    @pytest.mark.parametrize("end", [S.expired, S.canceled, S.failed])
    def test_real_money_after_an_end_is_posted_and_flagged(self, stage: Stage, end: PaymentState) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        with stage.act() as session:
            session.get_one(type(payment), payment.id).state = end
        stage.operator(payment, tell="1")
        assert (stage.state(payment), stage.alert(payment)) == (S.succeeded, "late")
        assert stage.counts() == ONCE


class TestTakenBack:
    def test_money_that_goes_back_is_for_a_person_and_nothing_is_unposted(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment)
        stage.operator(payment, take_back="1")
        assert (stage.state(payment), stage.alert(payment)) == (S.review, "reversed")
        assert stage.counts() == ONCE
        assert stage.balance(payment) == Decimal(-100)


class TestConfirmation:
    """Where the gateway can be asked, it is asked before anything is posted."""

    @pytest.mark.parametrize("changes", [{}, {"MNT_OPERATION_ID": "7654321"}], ids=str)
    def test_a_well_signed_call_about_no_operation_posts_nothing(self, stage: Stage, changes: dict[str, Any]) -> None:
        payment = stage.start()
        assert stage.call(payment, **changes).body == "FAIL"
        assert (stage.state(payment), stage.alert(payment)) == (S.review, "unconfirmed")
        assert stage.counts() == NOTHING

    def test_the_operation_of_another_order_posts_nothing(self, stage: Stage) -> None:
        first, second = stage.start(), stage.start("another")
        stage.pay(first, NEVER)
        (fact,) = stage.gateway.find(first.order_number or "", clock.now())
        assert stage.call(second, MNT_OPERATION_ID=fact.operation_id).body == "FAIL"
        assert stage.state(second) is S.review
        assert stage.counts() == NOTHING

    def test_an_operation_without_money_posts_nothing_and_is_asked_about_again(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NO_MONEY)
        (fact,) = stage.gateway.find(payment.order_number or "", clock.now())
        assert stage.call(payment, MNT_OPERATION_ID=fact.operation_id).status == 503
        assert stage.counts() == NOTHING
        stage.reconcile(0.1)
        assert stage.state(payment) is S.canceled

    def test_a_gateway_that_does_not_answer_is_told_to_call_again(self, stage: Stage) -> None:
        payment = stage.start()
        stage.pay(payment, NEVER)
        (fact,) = stage.gateway.find(payment.order_number or "", clock.now())
        stage.operator(trouble="down")
        answer = stage.call(payment, MNT_OPERATION_ID=fact.operation_id)
        assert (answer.status, answer.body) == (503, "")
        assert (stage.state(payment), stage.counts()) == (S.processing, NOTHING)
        stage.operator(trouble="none")
        stage.reconcile(0.1)
        assert (stage.state(payment), stage.counts()) == (S.succeeded, ONCE)
