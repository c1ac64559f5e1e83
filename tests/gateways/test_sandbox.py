"""The sandbox gateway from the form to the return, over real HTTP, with a utility that answers it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from queue import Empty
from threading import Barrier, Thread

import pytest
import time_machine

from app import clock
from app.gateways.base import CheckResult, OperationStatus, PaymentOrder
from app.gateways.moneta import Moneta
from app.gateways.sandbox.cards import CARDS
from tests.gateways.browser import Browser
from tests.gateways.utility import Utility

PAYS = "4111 1111 1111 1111"
NO_MONEY = "4000 0000 0000 9995"
TAKES_NO_CODE = "5105 1051 0510 5100"
NO_SECURE_CODE = "4012 8888 8888 1881"
LATE = "5555 5555 5555 4444"
NEVER = "5200 8282 8282 8210"
TWICE = "2223 0031 2200 3222"
REAL_LOOKING = "4000 0000 0000 0002"

Pay = Callable[..., Browser]


def confirm(browser: Browser) -> Browser:
    return browser.submit(code=browser.code)


def status_of(gateway: Moneta, order: PaymentOrder) -> OperationStatus | None:
    facts = gateway.find(order.number, clock.now())
    return facts[-1].status if facts else None


def nothing_was_paid(utility: Utility) -> bool:
    return utility.answers.payments.empty()


def test_a_payment_goes_from_the_form_to_the_return(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    browser = pay(PAYS)
    assert browser.heading == "Confirm the payment"
    confirm(browser)

    checked, paid = utility.answers.checks.get(timeout=5), utility.answers.payments.get(timeout=5)
    assert (checked.command, checked.order, checked.amount) == ("CHECK", order.number, Decimal("1240.50"))
    assert (paid.order, paid.amount, paid.subscriber) == (order.number, Decimal("1240.50"), "payer-17")
    assert (paid.test_mode, paid.claims) == (True, {"cardnumber": "4111111", "PAYMENTTOKEN": f"0{paid.operation_id}"})
    assert browser.left_for == f"{order.success_url}&MNT_TRANSACTION_ID={order.number}"
    (fact,) = gateway.find(order.number, clock.now())
    assert gateway.operation(paid.operation_id) == fact
    assert (fact.operation_id, fact.status) == (paid.operation_id, OperationStatus.succeeded)
    assert (fact.amount, fact.currency, fact.subscriber) == (Decimal("1240.50"), "RUB", "payer-17")


def test_the_form_may_be_posted(gateway: Moneta, browser: Browser, order: PaymentOrder) -> None:
    form = gateway.payment_form(order)
    browser.post(form.url, form.fields)
    assert browser.heading == "Payment by card"
    assert "1,240.50\N{NO-BREAK SPACE}₽" in browser.text


def test_the_pages_follow_the_language_of_the_form(gateway: Moneta, browser: Browser, order: PaymentOrder) -> None:
    assert '<html lang="en">' in browser.open(gateway.payment_form(order).location).text
    for locale in ("ru", "", "xx", "../.."):
        browser.open(gateway.payment_form(replace(order, locale=locale)).location)
        assert '<html lang="ru">' in browser.text
        assert "1\N{NO-BREAK SPACE}240,50\N{NO-BREAK SPACE}₽" in browser.text


def test_every_page_says_that_it_is_a_test_and_lets_nothing_foreign_in(
    gateway: Moneta, browser: Browser, order: PaymentOrder, utility: Utility
) -> None:
    browser.open(gateway.payment_form(order).location)
    assert "No real money moves here" in browser.text
    policy = browser.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {utility.url}"
    )
    assert browser.headers["Cache-Control"] == "no-store"
    assert browser.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in browser.headers


def test_the_code_wrong_three_times_ends_the_attempt(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    browser = pay(PAYS)
    wrong = "000000" if browser.code != "000000" else "000001"
    for words in ("2 tries are left", "1 try is left"):
        assert words in browser.submit(code=wrong).text
        assert browser.status == 422
        assert "<title>Error: Confirm the payment" in browser.text
    browser.submit(code=wrong)
    assert browser.heading == "The payment was declined"
    assert "wrong three times" in browser.text
    assert browser.link("Go back to the utility's site").startswith(order.fail_url)
    assert utility.answers.checks.empty()
    assert nothing_was_paid(utility)
    assert status_of(gateway, order) == OperationStatus.canceled


def test_after_a_decline_another_card_pays(gateway: Moneta, pay: Pay, order: PaymentOrder) -> None:
    browser = confirm(pay(NO_MONEY))
    browser.open(browser.url.replace("/declined", ""))
    confirm(browser.submit(number=PAYS, expiry="12/39", cvv="123"))
    assert browser.left_for.startswith(order.success_url)
    assert status_of(gateway, order) == OperationStatus.succeeded


def test_an_empty_code_costs_no_try(pay: Pay) -> None:
    browser = pay(PAYS)
    for _ in range(4):
        assert "Enter the code from the message." in browser.submit(code=" ").text
    assert confirm(browser).left_for


def test_a_bank_that_takes_no_code_declines(pay: Pay, utility: Utility) -> None:
    browser = pay(TAKES_NO_CODE)
    for _ in range(3):
        code = browser.code
        browser.submit(code=code)
        if browser.heading == "The payment was declined":
            break
    assert browser.heading == "The payment was declined"
    assert nothing_was_paid(utility)


def test_a_code_older_than_five_minutes_is_refused(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    browser = pay(PAYS)
    code = browser.code
    assert status_of(gateway, order) == OperationStatus.in_progress
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        assert status_of(gateway, order) == OperationStatus.canceled
        browser.submit(code=code)
    assert "works for 5 minutes" in browser.text
    assert nothing_was_paid(utility)


def test_a_card_without_money_is_declined(gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder) -> None:
    browser = confirm(pay(NO_MONEY))
    assert "not enough money" in browser.text
    assert "Nothing was charged." in browser.text
    assert nothing_was_paid(utility)
    assert status_of(gateway, order) == OperationStatus.canceled


def test_a_card_without_3d_secure_is_refused_at_once(pay: Pay, utility: Utility) -> None:
    browser = pay(NO_SECURE_CODE)
    assert browser.heading == "The payment was declined"
    assert "no 3-D Secure" in browser.text
    assert nothing_was_paid(utility)


@pytest.mark.parametrize(
    ("result", "heading"),
    [
        (CheckResult.refused, "This order cannot be paid"),
        (CheckResult.paid, "The order has already been paid"),
        (CheckResult.processing, "The order is already being paid"),
    ],
)
def test_nothing_is_charged_for_what_the_utility_does_not_want_paid(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder, result: CheckResult, heading: str
) -> None:
    utility.answers.check = result
    browser = confirm(pay(PAYS))
    assert browser.heading == heading
    assert "Nothing was charged." in browser.text
    assert "Try again" not in browser.text
    assert utility.answers.checks.qsize() == 1
    assert nothing_was_paid(utility)
    assert status_of(gateway, order) == OperationStatus.canceled


@pytest.mark.parametrize(
    "body",
    [
        "SUCCESS",
        "<MNT_RESPONSE>",
        "<MNT_RESPONSE/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><MNT_RESPONSE>&b;</MNT_RESPONSE>',
        "<MNT_RESPONSE><MNT_RESULT_CODE>402</MNT_RESULT_CODE></MNT_RESPONSE>",
    ],
)
def test_an_answer_to_the_check_that_is_not_the_utilitys_charges_nothing(pay: Pay, utility: Utility, body: str) -> None:
    utility.answers.check_reply = (body, "application/xml")
    browser = confirm(pay(PAYS))
    assert browser.heading == "The utility does not answer"
    assert nothing_was_paid(utility)


def test_a_signed_answer_about_another_order_charges_nothing(gateway: Moneta, pay: Pay, utility: Utility) -> None:
    utility.answers.check_reply = gateway.check_reply(gateway.new_order_number(18), CheckResult.payable)
    assert confirm(pay(PAYS)).heading == "The utility does not answer"
    assert nothing_was_paid(utility)


def test_an_answer_signed_with_another_code_charges_nothing(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    forger = Moneta(replace(gateway._settings, codes=("guess",)))
    utility.answers.check_reply = forger.check_reply(order.number, CheckResult.payable)
    assert confirm(pay(PAYS)).heading == "The utility does not answer"
    assert nothing_was_paid(utility)


def test_a_utility_that_is_down_charges_nothing(pay: Pay, utility: Utility) -> None:
    browser = pay(PAYS)
    utility.server_close()
    utility.socket.close()
    assert confirm(browser).heading == "The utility does not answer"


@pytest.mark.parametrize("failure", ["FAIL", "503"])
def test_a_payment_that_is_not_accepted_is_told_again_until_it_is(
    pay: Pay, utility: Utility, order: PaymentOrder, failure: str
) -> None:
    if failure == "FAIL":
        utility.answers.accepts = [False, False]
    else:
        utility.answers.statuses = [503, 503]
    browser = confirm(pay(PAYS))
    assert browser.left_for.startswith(order.in_progress_url)
    told = [utility.answers.payments.get(timeout=5) for _ in range(3)]
    assert len({notification.operation_id for notification in told}) == 1
    with pytest.raises(Empty):
        utility.answers.payments.get(timeout=0.3)


def test_a_payment_that_is_never_accepted_is_told_a_few_times_only(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    utility.answers.accepts = [False] * 100
    confirm(pay(PAYS))
    for _ in range(4):
        utility.answers.payments.get(timeout=5)
    with pytest.raises(Empty):
        utility.answers.payments.get(timeout=0.3)
    assert status_of(gateway, order) == OperationStatus.succeeded


def test_a_card_may_report_twice(pay: Pay, utility: Utility, order: PaymentOrder) -> None:
    browser = confirm(pay(TWICE))
    first, second = (utility.answers.payments.get(timeout=5) for _ in range(2))
    assert first == second
    assert browser.left_for.startswith(order.success_url)


def test_a_card_may_report_after_the_return(pay: Pay, utility: Utility, order: PaymentOrder) -> None:
    browser = confirm(pay(LATE))
    assert browser.left_for.startswith(order.success_url)
    assert nothing_was_paid(utility)
    assert utility.answers.payments.get(timeout=5).order == order.number


def test_a_card_may_never_report_and_still_be_charged(
    gateway: Moneta, pay: Pay, utility: Utility, order: PaymentOrder
) -> None:
    assert confirm(pay(NEVER)).left_for.startswith(order.success_url)
    assert nothing_was_paid(utility)
    assert status_of(gateway, order) == OperationStatus.succeeded


def test_the_customer_may_leave_from_both_pages(pay: Pay, order: PaymentOrder, gateway: Moneta) -> None:
    browser = pay(PAYS)
    home = f"{order.return_url}?MNT_TRANSACTION_ID={order.number}"
    assert browser.link("Go back without paying") == home
    browser.open(browser.url.replace("/code", ""))
    assert browser.link("Go back without paying") == home


def test_going_back_and_paying_again_charges_once(pay: Pay, utility: Utility, order: PaymentOrder) -> None:
    browser = pay(PAYS)
    code_page = browser.url
    confirm(browser)
    browser.post(code_page, {"code": "111111"})
    assert browser.left_for.startswith(order.success_url)
    again = pay_again(browser, code_page.replace("/code", ""))
    assert again.heading == "This payment has been made"
    assert utility.answers.payments.qsize() == 1


def pay_again(browser: Browser, url: str) -> Browser:
    return browser.post(url, {"number": PAYS, "expiry": "12/39", "cvv": "123"})


def test_the_same_form_again_is_the_same_payment(
    pay: Pay, browser: Browser, gateway: Moneta, order: PaymentOrder
) -> None:
    confirm(pay(PAYS))
    assert browser.open(gateway.payment_form(order).location).heading == "This payment has been made"


def test_eight_confirmations_at_once_charge_once(pay: Pay, utility: Utility) -> None:
    browser = pay(PAYS)
    url, code, start = browser.url, browser.code, Barrier(8)

    def press() -> None:
        start.wait()
        Browser().post(url, {"code": code})

    presses = [Thread(target=press) for _ in range(8)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert utility.answers.payments.qsize() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("number", "", "not a test card"),
        ("number", REAL_LOOKING, "not a test card"),
        ("number", "4111 1111 1111 1112", "not a test card"),
        ("expiry", "", "month and the year"),
        ("expiry", "13/39", "month and the year"),
        ("expiry", "01/20", "has expired"),
        ("cvv", "12", "three digits"),
        ("cvv", "١٢٣", "three digits"),
    ],
)
def test_a_card_that_cannot_be_is_refused_at_its_field(
    gateway: Moneta, browser: Browser, order: PaymentOrder, field: str, value: str, words: str
) -> None:
    browser.open(gateway.payment_form(order).location)
    browser.submit(**{"number": PAYS, "expiry": "12/39", "cvv": "123", field: value})
    assert browser.status == 422
    assert "<title>Error: Payment by card" in browser.text
    assert browser.text.count(words) == 2
    assert f'id="{field}-error"' in browser.text
    assert f'<a href="#{field}">' in browser.text


@pytest.mark.parametrize(
    "number", [PAYS.replace(" ", ""), PAYS.replace(" ", "-"), f" {PAYS} ", "４１１１1111 1111 1111"]
)
@pytest.mark.parametrize("expiry", ["12/39", "1239", "12 / 2039"])
def test_a_test_card_may_be_typed_in_any_clothing(
    gateway: Moneta, browser: Browser, order: PaymentOrder, number: str, expiry: str
) -> None:
    browser.open(gateway.payment_form(order).location)
    assert browser.submit(number=number, expiry=expiry, cvv="123").heading == "Confirm the payment"


def test_a_number_that_is_not_listed_is_neither_shown_nor_logged(
    gateway: Moneta, browser: Browser, order: PaymentOrder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.open(gateway.payment_form(order).location)
    browser.submit(number=REAL_LOOKING, expiry="12/39", cvv="987")
    seen = browser.text + caplog.text
    assert REAL_LOOKING not in seen
    assert REAL_LOOKING.replace(" ", "") not in seen
    assert 'value="987"' not in seen
    assert 'value="12/39"' in browser.text


def test_the_test_cards_are_listed_with_what_they_do(gateway: Moneta, browser: Browser, order: PaymentOrder) -> None:
    browser.open(gateway.payment_form(order).location)
    for card in CARDS:
        assert card.spaced in browser.text
        assert str(card.number) not in browser.text
