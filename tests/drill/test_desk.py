"""A payment in review, seen by a cashier who asks the gateway and counts what it names."""

from decimal import Decimal

from flask import Flask

from app.models import PaymentState
from tests.drill.stage import ONCE, WRONG_AMOUNT, Stage
from tests.views.staff.desk import DESK, employ, form_to, signed_in


def test_the_gateway_is_asked_on_the_page_and_its_one_operation_is_filled_in(app: Flask, stage: Stage) -> None:
    employ(stage.act)
    payment = stage.start()
    stage.pay(payment, WRONG_AMOUNT)
    assert stage.state(payment) is PaymentState.review
    (fact,) = stage.gateway.find(payment.order_number or "", payment.created_at)
    cashier = signed_in(app, "cashier")
    page = cashier.get(cashier.get(f"{DESK}/{payment.id}").link("Ask the gateway"))
    assert f"Operation {fact.operation_id} of " in page.text
    assert ": paid" in page.text
    form = form_to(page, "/decide")
    assert form.values["operation"] == fact.operation_id
    form.submit(act="paid", reason="The gateway has all of it")
    assert (stage.state(payment), stage.balance(payment)) == (PaymentState.succeeded, Decimal(-100))
    assert stage.counts() == ONCE


def test_a_gateway_that_is_silent_is_said_and_the_payment_waits(app: Flask, stage: Stage) -> None:
    employ(stage.act)
    payment = stage.start()
    stage.pay(payment, WRONG_AMOUNT)
    stage.operator(trouble="silent")
    page = signed_in(app, "cashier").get(f"{DESK}/{payment.id}?ask=1")
    assert "gives no answer now" in page.text
    assert form_to(page, "/decide").values["operation"] == ""
    assert stage.state(payment) is PaymentState.review
