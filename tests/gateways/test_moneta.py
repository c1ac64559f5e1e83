"""MONETA's wire format: what is signed, what is believed, what is answered."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app import clock
from app.gateways.base import (
    CheckResult,
    Gateway,
    MalformedNotification,
    NoAnswerError,
    NotificationKind,
    NotificationRefused,
    PaymentOrder,
    Refusal,
    SignatureRefused,
)
from app.gateways.moneta import Moneta, MonetaSettings, is_signed, signature, signature_string

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/moneta.json").read_text("utf-8"))
SETTINGS = MonetaSettings(
    account_id="54600817", codes=("QWERTY",), form_url="http://gateway.test/assistant.htm", test_mode=False
)
ORDER = "WC-0000000017-7KQ2M9XTZ"
PAY = {
    "MNT_ID": "54600817",
    "MNT_TRANSACTION_ID": ORDER,
    "MNT_OPERATION_ID": "987654321",
    "MNT_AMOUNT": "1234.56",
    "MNT_CURRENCY_CODE": "RUB",
    "MNT_SUBSCRIBER_ID": "acc-17",
    "MNT_TEST_MODE": "0",
}
CHECK = {"MNT_COMMAND": "CHECK", **PAY, "MNT_OPERATION_ID": ""}


@pytest.fixture
def gateway() -> Gateway:
    return Moneta(SETTINGS)


def signed(kind: Any, fields: dict[str, str], code: str = "QWERTY") -> list[tuple[str, str]]:
    return [*fields.items(), ("MNT_SIGNATURE", signature(kind, fields, code))]


def order(**changes: Any) -> PaymentOrder:
    urls = {f"{name}_url": f"http://utility.test/{name}" for name in ("success", "in_progress", "fail", "return")}
    given = {"number": ORDER, "amount": Decimal("1234.56"), "description": "Вода", "subscriber": "acc-17"}
    return PaymentOrder(**(urls | given | changes))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_strings_and_digests_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    text = signature_string(vector["kind"], vector["fields"]) + vector["code"]
    assert text == vector["string"]
    assert signature(vector["kind"], vector["fields"], vector["code"]) == vector["md5"]


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if not vector["must_accept"]], ids=lambda vector: vector["id"]
)
def test_forgeries_with_a_true_digest_are_refused(gateway: Gateway, vector: dict[str, Any]) -> None:
    values = [*vector["fields"].items(), ("MNT_SIGNATURE", vector["md5"])]
    with pytest.raises(MalformedNotification) as refused:
        gateway.parse(NotificationKind.pay, values)
    assert refused.value.signed
    assert refused.value.claimed["MNT_AMOUNT"] == "120.25"


def test_a_payment_is_read(gateway: Gateway) -> None:
    extras = [("MNT_FEE", "-9.87"), ("cardnumber", "411111******1111"), ("unknown", "1")]
    read = gateway.parse(NotificationKind.pay, signed("pay", PAY) + extras)
    assert read is not None
    assert (read.kind, read.order, read.operation_id) == (NotificationKind.pay, ORDER, "987654321")
    assert (read.amount, read.currency, read.subscriber) == (Decimal("1234.56"), "RUB", "acc-17")
    assert read.claims == {"MNT_FEE": "-9.87", "cardnumber": "4111111"}


def test_a_check_may_lack_the_operation_and_the_amount(gateway: Gateway) -> None:
    bare = {name: value for name, value in CHECK.items() if name not in ("MNT_OPERATION_ID", "MNT_AMOUNT")}
    read = gateway.parse(NotificationKind.check, signed("check", bare))
    assert read is not None
    assert (read.kind, read.operation_id, read.amount) == (NotificationKind.check, "", None)


def test_an_empty_check_is_the_gateway_trying_the_address(gateway: Gateway) -> None:
    assert gateway.parse(NotificationKind.check, []) is None


def test_an_empty_payment_is_refused(gateway: Gateway) -> None:
    with pytest.raises(SignatureRefused):
        gateway.parse(NotificationKind.pay, [])


@pytest.mark.parametrize("command", ["DEBIT", "CREDIT", "AUTHORISE", "CANCELLED_DEBIT", "CANCELLED_CREDIT"])
@pytest.mark.parametrize("kind", ["pay", "check"])
def test_other_commands_are_told_from_payments(gateway: Gateway, command: str, kind: str) -> None:
    read = gateway.parse(NotificationKind.pay, signed(kind, {"MNT_COMMAND": command, **PAY}))
    assert read is not None
    assert (read.kind, read.command) == (NotificationKind.other, command)


def test_the_signature_may_come_in_capitals(gateway: Gateway) -> None:
    digest = signature("pay", PAY, "QWERTY").upper()
    assert gateway.parse(NotificationKind.pay, [*PAY.items(), ("MNT_SIGNATURE", digest)])


def test_both_codes_are_accepted_while_they_change() -> None:
    gateway = Moneta(replace(SETTINGS, codes=("new", "old")))
    assert gateway.parse(NotificationKind.pay, signed("pay", PAY, "new"))
    assert gateway.parse(NotificationKind.pay, signed("pay", PAY, "old"))
    assert is_signed("form", gateway.payment_form(order()).fields, ("new",))
    with pytest.raises(SignatureRefused):
        gateway.parse(NotificationKind.pay, signed("pay", PAY, "older"))


@pytest.mark.parametrize("name", list(PAY))
def test_a_changed_field_breaks_the_signature(gateway: Gateway, name: str) -> None:
    values = [*(PAY | {name: PAY[name] + "1"}).items(), ("MNT_SIGNATURE", signature("pay", PAY, "QWERTY"))]
    with pytest.raises(SignatureRefused) as refused:
        gateway.parse(NotificationKind.pay, values)
    assert (refused.value.reason, refused.value.signed) == (Refusal.signature, False)


@pytest.mark.parametrize("digest", ["", "ы" * 32, "\ud800", "0" * 32, "0" * 10_000])
def test_an_odd_signature_is_refused_and_breaks_nothing(gateway: Gateway, digest: str) -> None:
    with pytest.raises(SignatureRefused):
        gateway.parse(NotificationKind.pay, [*PAY.items(), ("MNT_SIGNATURE", digest)])


AMOUNTS = ["", "120.2", "120", "1e2", "-1.00", "+1.00", "NaN", "01.00", "1,00", "١.٠٠", "1.00\n", "12345678901.00"]
OPERATIONS = ["", "5", "999", "0999", "-1234", "١٢٣٤", "1234a", "1234\n", "1" * 21]
ORDERS = [
    "1005",
    ORDER[:-1],
    ORDER + "1",
    ORDER.lower(),
    "WC-000000017-7KQ2M9XTZ",
    ORDER + "\n",
    "WC-٠٠٠٠٠٠٠٠١٧-7KQ2M9XTZ",
]
BAD_FIELDS = [
    *(("MNT_AMOUNT", value, Refusal.amount) for value in AMOUNTS),
    *(("MNT_OPERATION_ID", value, Refusal.operation) for value in OPERATIONS),
    *(("MNT_TRANSACTION_ID", value, Refusal.order) for value in ORDERS),
    *(("MNT_CURRENCY_CODE", value, Refusal.currency) for value in ["", "USD", "rub"]),
    *(("MNT_TEST_MODE", value, Refusal.test_mode) for value in ["", "1", "00"]),
    *(("MNT_ID", value, Refusal.account) for value in ["", "54600818", "5460081"]),
]


@pytest.mark.parametrize(("name", "value", "reason"), BAD_FIELDS)
def test_a_field_of_another_shape_is_refused_though_signed(
    gateway: Gateway, name: str, value: str, reason: Refusal
) -> None:
    with pytest.raises(MalformedNotification) as refused:
        gateway.parse(NotificationKind.pay, signed("pay", PAY | {name: value}))
    assert (refused.value.reason, refused.value.signed) == (reason, True)


@pytest.mark.parametrize("command", ["", "PAY", "check"])
def test_the_check_address_takes_checks_only(gateway: Gateway, command: str) -> None:
    with pytest.raises(MalformedNotification) as refused:
        gateway.parse(NotificationKind.check, signed("check", CHECK | {"MNT_COMMAND": command}))
    assert refused.value.reason == Refusal.command


def test_a_check_sent_to_the_pay_address_is_not_a_payment(gateway: Gateway) -> None:
    read = gateway.parse(NotificationKind.pay, signed("check", CHECK | {"MNT_OPERATION_ID": "987654321"}))
    assert read is not None
    assert read.kind == NotificationKind.other


@pytest.mark.parametrize("name", ["MNT_AMOUNT", "MNT_SIGNATURE", "MNT_FEE"])
def test_a_repeated_name_is_refused(gateway: Gateway, name: str) -> None:
    values = [*signed("pay", PAY), ("MNT_FEE", "1.00"), (name, "1.00")]
    with pytest.raises(MalformedNotification) as refused:
        gateway.parse(NotificationKind.pay, values)
    assert (refused.value.reason, refused.value.signed) == (Refusal.repeated, False)


def test_what_is_kept_of_a_refused_message_is_clipped(gateway: Gateway) -> None:
    with pytest.raises(MalformedNotification) as refused:
        gateway.parse(NotificationKind.pay, signed("pay", PAY | {"MNT_SUBSCRIBER_ID": "\0" + "a" * 100_000}))
    assert refused.value.reason == Refusal.oversized
    assert refused.value.claimed["MNT_SUBSCRIBER_ID"] == "\N{REPLACEMENT CHARACTER}" + "a" * 63


def test_nothing_beyond_the_signed_fields_is_kept_of_a_refused_message(gateway: Gateway) -> None:
    with pytest.raises(SignatureRefused) as refused:
        gateway.parse(NotificationKind.pay, [*PAY.items(), ("cardnumber", "4111111111111111")])
    assert refused.value.claimed == PAY


def replays() -> list[tuple[str, dict[str, str]]]:
    """Every way to cut the form's string between order, operation and amount again."""
    form = {name: value for name, value in PAY.items() if name != "MNT_OPERATION_ID"}
    text = f"{ORDER}123456.78"
    digest = signature("form", form | {"MNT_AMOUNT": "123456.78"}, "QWERTY")
    return [
        (
            digest,
            PAY
            | {
                "MNT_TRANSACTION_ID": text[:first],
                "MNT_OPERATION_ID": text[first:second],
                "MNT_AMOUNT": text[second:],
            },
        )
        for first in range(len(text) + 1)
        for second in range(first, len(text) + 1)
    ]


def test_the_forms_signature_never_pays_the_amount_of_the_order(gateway: Gateway) -> None:
    accepted = []
    for digest, fields in replays():
        assert signature("pay", fields, "QWERTY") == digest
        try:
            read = gateway.parse(NotificationKind.pay, [*fields.items(), ("MNT_SIGNATURE", digest)])
        except NotificationRefused:
            continue
        assert read is not None
        accepted.append((read.order, read.amount))
    assert accepted == [(ORDER, Decimal("56.78")), (ORDER, Decimal("6.78"))]


def test_a_shift_in_a_payments_own_string_changes_the_amount(gateway: Gateway) -> None:
    digest = signature("pay", PAY, "QWERTY")
    text = PAY["MNT_OPERATION_ID"] + PAY["MNT_AMOUNT"]
    amounts = []
    for cut in range(len(text) + 1):
        fields = PAY | {"MNT_OPERATION_ID": text[:cut], "MNT_AMOUNT": text[cut:]}
        try:
            read = gateway.parse(NotificationKind.pay, [*fields.items(), ("MNT_SIGNATURE", digest)])
        except MalformedNotification:
            continue
        assert read is not None
        amounts.append(read.amount)
    assert amounts.count(Decimal("1234.56")) == 1
    assert len(amounts) == len(set(amounts))


def test_the_form_says_all_that_the_gateway_needs(gateway: Gateway) -> None:
    form = gateway.payment_form(order(amount=Decimal("199")))
    assert form.url == "http://gateway.test/assistant.htm"
    assert form.fields["MNT_AMOUNT"] == "199.00"
    assert form.fields["MNT_SUBSCRIBER_ID"] == "acc-17"
    assert form.fields["MNT_RETURN_URL"] == "http://utility.test/return"
    assert is_signed("form", form.fields, ("QWERTY",))
    assert form.location.startswith("http://gateway.test/assistant.htm?MNT_ID=54600817&MNT_TRANSACTION_ID=WC-")


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.999", "NaN", "Infinity", "1e20"])
def test_the_form_is_not_made_for_an_impossible_amount(gateway: Gateway, amount: str) -> None:
    with pytest.raises(ValueError, match="whole kopecks"):
        gateway.payment_form(order(amount=Decimal(amount)))


def test_the_form_is_not_made_for_a_foreign_order_number(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="order number"):
        gateway.payment_form(order(number="1005"))


def test_order_numbers_have_one_shape_and_cannot_be_guessed(gateway: Gateway) -> None:
    numbers = {gateway.new_order_number(17) for _ in range(500)}
    assert len(numbers) == 500
    assert all(re.fullmatch(r"WC-0000000017-[2-9A-HJKMNP-Y]{8}Z", number) for number in numbers)
    assert all(gateway.payment_form(order(number=number)) for number in numbers)


@pytest.mark.parametrize("sequence", [0, -1, 10**10])
def test_an_order_number_does_not_outgrow_its_ten_digits(gateway: Gateway, sequence: int) -> None:
    with pytest.raises(ValueError, match="10 digits"):
        gateway.new_order_number(sequence)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (CheckResult.paid, "200"),
        (CheckResult.processing, "302"),
        (CheckResult.payable, "402"),
        (CheckResult.refused, "500"),
    ],
)
def test_a_check_is_answered_in_signed_xml(gateway: Gateway, result: CheckResult, code: str) -> None:
    body, content_type = gateway.check_reply(ORDER, result)
    fields = {element.tag: element.text or "" for element in ElementTree.fromstring(body)}
    assert content_type == "application/xml"
    assert fields == {
        "MNT_ID": "54600817",
        "MNT_TRANSACTION_ID": ORDER,
        "MNT_RESULT_CODE": code,
        "MNT_SIGNATURE": fields["MNT_SIGNATURE"],
    }
    assert is_signed("reply", fields, ("QWERTY",))


def test_a_check_without_an_amount_is_answered_with_it(gateway: Gateway) -> None:
    body, _ = gateway.check_reply(ORDER, CheckResult.amount, Decimal("120.5"))
    assert "<MNT_RESULT_CODE>100<" in body
    assert "<MNT_AMOUNT>120.50<" in body
    with pytest.raises(ValueError, match="amount"):
        gateway.check_reply(ORDER, CheckResult.amount)


def test_no_digest_is_made_for_an_order_number_that_is_not_ours(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="order number"):
        gateway.check_reply("<b>1005", CheckResult.refused)


def test_a_payment_is_answered_in_one_word(gateway: Gateway) -> None:
    assert gateway.pay_reply(accepted=True) == ("SUCCESS", "text/plain")
    assert gateway.pay_reply(accepted=False) == ("FAIL", "text/plain")


@pytest.mark.parametrize(
    "wrong",
    [
        {"codes": ()},
        {"codes": ("QWERTY", "")},
        {"form_url": "javascript:alert(1)"},
        {"api_url": "https://service.test"},
        {"api_user": "utility", "api_password": "secret"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="MONETA"):
        replace(SETTINGS, **wrong)


def test_without_an_address_to_ask_nothing_is_known_of_an_order(gateway: Gateway) -> None:
    with pytest.raises(NoAnswerError):
        gateway.find(ORDER, clock.now())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("411111******1111", "4111111"),
        ("4111********1111", "4111111"),
        ("4111111111111111", "1111"),
        ("****1111", "1111"),
        ("1111", "1111"),
        ("", ""),
    ],
)
def test_of_a_card_only_what_may_be_shown_is_taken(gateway: Gateway, sent: str, shown: str) -> None:
    read = gateway.parse(NotificationKind.pay, [*signed("pay", PAY), ("cardnumber", sent)])
    assert read is not None
    assert read.claims.get("cardnumber", "") == shown
