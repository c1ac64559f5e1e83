"""People who click twice, come back, open two tabs, change the page, look for what is not theirs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.models import Payment, PaymentState
from tests import factories
from tests.drill.stage import Stage
from tests.page import Browser, Page
from tests.payments import count, customer, owe

S = PaymentState
PAGE = "/cabinet/payments"


class Payer:
    """A customer who owes 300.00 for cold water, at the page where the sum is shown once more."""

    def __init__(self, app: Flask, stage: Stage, **account: Any) -> None:
        self.stage = stage
        with stage.act() as session:
            user, of = customer(session, **account)
            owe(session, of, "300.00")
            self.login, self.cold = user.username, factories.service(session).id
            self.sewerage = factories.service(session, "sewerage").id
        self.browser = Browser(app)
        self.browser.sign_in(self.login, factories.PASSWORD)

    def check(self, **values: Any) -> Page:
        form = self.browser.get(PAGE).form(f"wish-{self.cold}", f"tick-{self.cold}")
        return form.submit(**{f"tick-{self.cold}": "1", f"tick-{self.sewerage}": "1", **values})

    def press(self, page: Page, **changes: Any) -> str:
        """The button of the page with the sum; where it leads."""
        form = page.form("order")
        data = {**form.values, **changes}
        return str(page.browser.post(form.action, data=data, follow=False).response.location)


@pytest.fixture
def payer(app: Flask, stage: Stage) -> Payer:
    return Payer(app, stage)


def payments(stage: Stage) -> list[Payment]:
    with stage.act() as session:
        found = list(session.scalars(select(Payment).order_by(Payment.id)))
        session.expunge_all()
        return found


class TestTwice:
    def test_a_double_click_is_one_payment(self, stage: Stage, payer: Payer) -> None:
        page, start = payer.check(), Barrier(4)

        def press(_turn: int) -> str:
            start.wait()
            return payer.press(page)

        with ThreadPoolExecutor(4) as pool:
            places = set(pool.map(press, range(4)))
        assert len(payments(stage)) == 1
        assert all(place.startswith(stage.sandbox) for place in places)

    def test_back_and_the_button_again_is_the_same_payment(self, stage: Stage, payer: Payer) -> None:
        page = payer.check()
        payer.press(page)
        (payment,) = payments(stage)
        stage.pay(payment)
        assert f"/payments/status/{payment.status_token}" in payer.press(page)
        assert len(payments(stage)) == 1

    def test_a_second_tab_is_told_of_the_first(self, stage: Stage, payer: Payer) -> None:
        first, second = payer.check(), payer.check()
        payer.press(first)
        (payment,) = payments(stage)
        assert f"/payments/status/{payment.status_token}" in payer.press(second)
        assert len(payments(stage)) == 1

    def test_whoever_pays_twice_all_the_same_keeps_every_kopeck(self, stage: Stage, payer: Payer) -> None:
        payer.press(payer.check())
        with time_machine.travel(clock.now() + timedelta(minutes=16)):
            payer.press(payer.check())
        first, second = payments(stage)
        for payment in (first, second):
            stage.pay(payment)
        assert stage.balance(first) == Decimal(-300)
        assert [stage.state(payment) for payment in (first, second)] == [S.succeeded, S.succeeded]


class TestEdited:
    def test_a_sum_that_was_changed_on_its_way_is_not_trusted(self, stage: Stage, payer: Payer) -> None:
        page = payer.check()
        order = page.form("order").values["order"]
        for forged in (f"{order}x", order[:-2], "", order.swapcase(), order.replace(".", "..", 1)):
            assert PAGE in payer.press(page, order=forged)
        assert payments(stage) == []

    def test_the_order_of_another_visitor_is_not_taken(self, app: Flask, stage: Stage, payer: Payer) -> None:
        order = payer.check().form("order").values["order"]
        other = Payer(app, stage)
        other.press(other.check(), order=order)
        assert payments(stage) == []

    @pytest.mark.parametrize("wish", ["0", "0,00", "-1", "0,001", "33,333", "300000000", "1e3", "NaN"])
    def test_a_sum_that_cannot_be_is_refused(self, stage: Stage, payer: Payer, wish: str) -> None:
        assert payer.check(**{f"wish-{payer.cold}": wish}).status == 422
        assert payments(stage) == []

    def test_a_total_that_is_not_ticked_is_refused(self, stage: Stage, payer: Payer) -> None:
        assert payer.check(**{f"tick-{payer.cold}": None}).status == 422
        assert payments(stage) == []

    @pytest.mark.parametrize("basis", ["", "ab", pytest.param("x" * 5000, id="long"), "карта 4111 1111 1111 1111"])
    def test_a_legal_entity_says_what_it_pays_for(self, app: Flask, stage: Stage, basis: str) -> None:
        company = Payer(app, stage, is_company=True)
        page = company.browser.get(PAGE).form("amount", "basis").submit(amount="100", basis=basis)
        assert (page.status, bool(page.error("basis")), "4111" in page.html) == (422, True, False)
        assert payments(stage) == []


class TestForeign:
    """What belongs to somebody else is not there."""

    @pytest.fixture
    def foreign(self, stage: Stage) -> Payment:
        payment = stage.start()
        stage.pay(payment)
        return payment

    @pytest.mark.parametrize("step", ["resume", "cancel"])
    def test_a_payment(self, payer: Payer, foreign: Payment, step: str) -> None:
        token = payer.check().form("order").values["csrf_token"]
        answer = payer.browser.post(f"{PAGE}/{foreign.id}/{step}", data={"csrf_token": token}, follow=False)
        assert answer.response.status_code == 404

    def test_a_receipt(self, payer: Payer, foreign: Payment) -> None:
        assert payer.browser.client.get(f"{PAGE}/{foreign.id}/receipt.pdf").status_code == 404

    def test_a_payment_of_no_number_at_all(self, payer: Payer) -> None:
        for number in ("0", "9" * 18, "-1", "x"):
            assert payer.browser.client.get(f"{PAGE}/{number}/receipt.pdf").status_code == 404

    def test_a_status_page_without_its_secret(self, stage: Stage, payer: Payer, foreign: Payment) -> None:
        for token in (
            str(foreign.id),
            foreign.status_token[:-1],
            foreign.status_token.swapcase(),
            foreign.order_number,
        ):
            assert payer.browser.client.get(f"/payments/status/{token}").status_code == 404


def test_a_page_of_the_bank_that_is_down_is_said_and_the_payment_stays(stage: Stage, payer: Payer) -> None:
    stage.operator(trouble="down")
    page = payer.check()
    place = payer.press(page)
    (payment,) = payments(stage)
    assert f"/payments/status/{payment.status_token}" in place
    seen = payer.browser.get(place)
    assert f"{PAGE}/{payment.id}/resume" in seen.html
    assert "flash--warn" in seen.html
    assert stage.state(payment) is S.created
    stage.operator(trouble="none")
    with time_machine.travel(clock.now() + timedelta(seconds=6)):
        assert payer.press(page).startswith(stage.sandbox)


def test_nothing_is_stored_by_looking(stage: Stage, payer: Payer) -> None:
    payer.check()
    with stage.act() as session:
        assert count(session, Payment) == 0
