"""What became of a payment, as everybody with the link and as its owner sees it."""

from decimal import Decimal

import pytest
from flask import Flask

from app.domain import payments
from app.models import Payment, PaymentState
from tests import factories
from tests.conftest import Act
from tests.page import Browser
from tests.payments import customer, only, owe, started, word


@pytest.fixture
def payment(act: Act) -> Payment:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "300.00")
        made = started(session, user, account, cold="100.00")
        session.flush()
        session.refresh(made)
        assert made.user
        session.expunge_all()
        return made


def url(payment: Payment, result: str = "") -> str:
    return f"/payments/status/{payment.status_token}" + (f"?result={result}" if result else "")


def pay(act: Act) -> str:
    with act() as session:
        outcome = payments.apply_event(session, word(only(session)))
        assert outcome.receipt
        return outcome.receipt.title


def test_the_return_alone_is_no_proof(browser: Browser, payment: Payment) -> None:
    page = browser.get(url(payment, "wait"))
    assert page.heading == browser.get(url(payment, "wait")).heading
    assert "100,00" not in page.heading  # the heading of a paid one names the sum
    awaits = [each.get("data-awaits") for each in page.root.iter() if each.get("data-awaits")]
    assert awaits == [f"{url(payment)}/state"]
    assert browser.client.get(awaits[0]).json == {"state": "created"}


def test_the_owner_may_go_on_or_give_up_and_others_may_not(app: Flask, browser: Browser, payment: Payment) -> None:
    for result in ("fail", "back", "unfinished"):
        assert not browser.get(url(payment, result)).html.count("/resume")
    owner = Browser(app)
    assert payment.user
    owner.sign_in(payment.user.username, factories.PASSWORD)
    for result in ("", "fail", "back", "unfinished"):
        page = owner.get(url(payment, result))
        assert f"/cabinet/payments/{payment.id}/resume" in page.html
        assert f"/cabinet/payments/{payment.id}/cancel" in page.html
    assert "/resume" not in owner.get(url(payment, "wait")).html


def test_a_declined_payment_is_called_so_until_it_moves_on(act: Act, browser: Browser, payment: Payment) -> None:
    declined, waiting = browser.get(url(payment, "fail")), browser.get(url(payment, "back"))
    assert declined.heading != waiting.heading
    with act() as session:
        only(session).state = PaymentState.processing
    assert browser.get(url(payment, "fail")).heading != declined.heading


@pytest.mark.parametrize("state", [PaymentState.failed, PaymentState.canceled, PaymentState.expired])
def test_the_owner_of_a_payment_that_came_to_nothing_may_pay_again(
    app: Flask, act: Act, browser: Browser, payment: Payment, state: PaymentState
) -> None:
    with act() as session:
        only(session).state = state
    assert payment.user
    owner = Browser(app)
    owner.sign_in(payment.user.username, factories.PASSWORD)
    buttons = [each for each in owner.get(url(payment)).elements("a") if "btn-primary" in each.get("class", "")]
    assert [each.get("href") for each in buttons] == ["/cabinet/payments"]
    assert "btn-primary" not in browser.get(url(payment)).html


def test_the_callback_turns_it_into_a_receipt(app: Flask, act: Act, browser: Browser, payment: Payment) -> None:
    number = pay(act)
    page = browser.get(url(payment))
    assert number in page.text
    assert "100,00 ₽" in page.heading
    assert "receipt.pdf" not in page.html
    assert "200,00" not in page.text
    assert browser.client.get(f"{url(payment)}/state").json == {"state": "succeeded"}


def test_the_owner_sees_the_new_balance_and_the_document(app: Flask, act: Act, payment: Payment) -> None:
    pay(act)
    owner = Browser(app)
    assert payment.user
    owner.sign_in(payment.user.username, factories.PASSWORD)
    page = owner.get(url(payment))
    assert "200,00 ₽" in page.text
    assert owner.get(page.link("PDF")).response.mimetype == "application/pdf"


@pytest.mark.parametrize("state", [state for state in PaymentState if state is not PaymentState.succeeded])
def test_every_state_has_a_page_that_invents_nothing(
    act: Act, browser: Browser, payment: Payment, state: PaymentState
) -> None:
    with act() as session:
        only(session).state = state
    page = browser.get(url(payment))
    assert "100,00 ₽" in page.text
    assert str(Decimal("100.00")) not in page.heading


def test_staff_may_open_the_link_of_a_customer(app: Flask, act: Act, payment: Payment) -> None:
    with act() as session:
        login = factories.user(session, "Cashier").username
    cashier = Browser(app)
    cashier.sign_in(login, factories.PASSWORD)
    assert "receipt.pdf" not in cashier.get(url(payment)).html


def test_a_guessed_link_is_not_there(browser: Browser, payment: Payment) -> None:
    for token in ("x", payment.status_token[:-1] + "!", "%00", "9" * 300):
        browser.get(f"/payments/status/{token}", expect=404)
        browser.get(f"/payments/status/{token}/state", expect=404)
