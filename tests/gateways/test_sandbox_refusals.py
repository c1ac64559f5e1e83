"""What the sandbox gateway refuses: forms that cannot be believed, foreign addresses, questions of strangers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app import clock
from app.gateways.base import NoAnswerError, PaymentOrder
from app.gateways.moneta import Moneta, signature
from app.gateways.sandbox import SandboxSettings
from app.gateways.sandbox.assistant import read_order
from app.gateways.sandbox.register import Register
from tests.gateways.browser import Browser
from tests.gateways.utility import Utility


def form(order: PaymentOrder, **changes: str) -> dict[str, str]:
    fields = {
        "MNT_ID": "54600817",
        "MNT_TRANSACTION_ID": order.number,
        "MNT_AMOUNT": "1240.50",
        "MNT_CURRENCY_CODE": "RUB",
        "MNT_TEST_MODE": "1",
        "MNT_SUBSCRIBER_ID": "payer-17",
        "moneta.locale": "en",
    } | changes
    return {"MNT_SIGNATURE": signature("form", fields, "QWERTY")} | fields


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MNT_SIGNATURE": "0" * 32}, "MNT_SIGNATURE does not fit"),
        ({"MNT_SIGNATURE": ""}, "MNT_SIGNATURE does not fit"),
        ({"MNT_ID": "1"}, "MNT_ID is not the account"),
        ({"MNT_AMOUNT": "1240.5"}, "MNT_AMOUNT must look like"),
        ({"MNT_AMOUNT": "0.00"}, "MNT_AMOUNT must look like"),
        ({"MNT_AMOUNT": "NaN"}, "MNT_AMOUNT must look like"),
        ({"MNT_CURRENCY_CODE": "USD"}, "MNT_CURRENCY_CODE must be RUB"),
        ({"MNT_TRANSACTION_ID": ""}, "MNT_TRANSACTION_ID is missing"),
        ({"MNT_TRANSACTION_ID": "9" * 256}, "MNT_TRANSACTION_ID is missing"),
        ({"MNT_SUBSCRIBER_ID": "9" * 1001}, "A field of the form is too long."),
        ({"MNT_SUCCESS_URL": "https://evil.test/" + "9" * 1000}, "A field of the form is too long."),
        ({"MNT_SUCCESS_URL": "https://evil.test/"}, "return address does not belong"),
        ({"MNT_RETURN_URL": "javascript:alert(1)"}, "return address does not belong"),
    ],
)
def test_a_form_that_cannot_be_believed_is_a_clear_error(
    sandbox_url: str, browser: Browser, order: PaymentOrder, changes: dict[str, str], words: str
) -> None:
    browser.post(f"{sandbox_url}/assistant.htm", form(order, **changes))
    assert browser.status == 400
    assert browser.heading == "The payment cannot be started"
    assert words in browser.text


@pytest.mark.parametrize(
    "trick",
    [
        "http://{host}@evil.test/",
        "http://{host}.evil.test/",
        "//{host}/",
        "http:\\\\{host}/",
        "http://{host}/\r\nSet-Cookie: a=b",
        "https://{host}/",
        "http://127.0.0.1:1/",
        "http://[::1/",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
    ],
)
def test_no_address_but_the_utilitys_own_is_returned_to(
    sandbox_url: str, browser: Browser, utility: Utility, order: PaymentOrder, trick: str
) -> None:
    url = trick.format(host=utility.url.removeprefix("http://"))
    browser.post(f"{sandbox_url}/assistant.htm", form(order, MNT_SUCCESS_URL=url))
    assert (browser.status, browser.left_for) == (400, "")


def test_a_form_without_return_addresses_returns_to_the_utilitys_first_page(
    sandbox_url: str, browser: Browser, utility: Utility, gateway: Moneta, order: PaymentOrder
) -> None:
    browser.post(f"{sandbox_url}/assistant.htm", form(order))
    assert browser.link("Go back without paying") == f"{utility.url}?MNT_TRANSACTION_ID={order.number}"


def test_a_repeated_field_of_the_form_is_refused(sandbox_url: str, browser: Browser, order: PaymentOrder) -> None:
    browser.post(f"{sandbox_url}/assistant.htm", [*form(order).items(), ("MNT_AMOUNT", "1.00")])
    assert "A field of the form is repeated." in browser.text


@pytest.mark.parametrize("path", ["/pay/unknown", "/pay/unknown/code", "/pay/unknown/declined", "/nothing"])
def test_an_unknown_payment_is_a_page_with_the_way_out(sandbox_url: str, browser: Browser, path: str) -> None:
    assert browser.open(sandbox_url + path).status == 404


def test_a_huge_form_is_refused(gateway: Moneta, browser: Browser, order: PaymentOrder) -> None:
    browser.open(gateway.payment_form(order).location)
    assert browser.submit(number="4" * 70_000).status == 413


def test_nothing_is_known_of_an_order_that_was_never_tried(
    gateway: Moneta, browser: Browser, order: PaymentOrder
) -> None:
    assert not gateway.find(order.number, clock.now())
    browser.open(gateway.payment_form(order).location)
    assert not gateway.find(order.number, clock.now())


def test_a_gateway_that_does_not_answer_says_nothing_of_an_order(
    gateway: Moneta, order: PaymentOrder, utility: Utility
) -> None:
    for api_url in (utility.url, "http://127.0.0.1:1"):
        deaf = Moneta(replace(gateway._settings, api_url=api_url))
        with pytest.raises(NoAnswerError):
            deaf.find(order.number, clock.now())


def test_one_form_is_one_payment_however_what_it_does_not_sign_is_changed(settings: SandboxSettings) -> None:
    register = Register()
    fields = {"MNT_ID": "54600817", "MNT_TRANSACTION_ID": "1", "MNT_AMOUNT": "1.00", "MNT_CURRENCY_CODE": "RUB"}
    order = read_order([*fields.items(), ("MNT_SIGNATURE", signature("form", fields, "QWERTY"))], settings)
    first = register.open(order)
    again = register.open(replace(order, locale="en", description="another"))
    assert again is first
    assert again.order.locale == "en"
    assert register.open(replace(order, amount="2.00")) is not first


def test_operation_ids_grow_and_never_repeat() -> None:
    register, restarted = Register(), Register()
    with time_machine.travel(clock.now(), tick=False):
        given = [int(register.new_operation_id()) for _ in range(100)]
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        later = int(restarted.new_operation_id())
    assert given == sorted(set(given))
    assert later > given[-1]


def test_the_style_sheet_is_the_gateways_own(
    sandbox_url: str, browser: Browser, gateway: Moneta, order: PaymentOrder
) -> None:
    browser.open(gateway.payment_form(order).location)
    assert 'href="/static/sandbox.css"' in browser.text
    assert browser.open(f"{sandbox_url}/static/sandbox.css").status == 200


@pytest.mark.parametrize(
    "wrong", [{"merchant_url": "utility"}, {"code": ""}, {"account_id": ""}, {"callback_url": "http://a b/"}]
)
def test_settings_that_cannot_work_are_refused(settings: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="utility"):
        replace(settings, **wrong)
