"""The gateway's calls: answers, repetitions, forgeries, a database that fails."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import event as sa_event
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.domain import payments
from app.gateways.moneta import is_signed
from app.models import (
    GatewayEvent,
    GatewayOperation,
    LedgerEntry,
    OutboxMessage,
    Payment,
    PaymentState,
    Receipt,
    ReceiptSeries,
)
from tests import mail
from tests.conftest import Act
from tests.payments import customer, only, signed, started, word

CHECK, PAY = "/gateway/moneta/check", "/gateway/moneta/pay"


@pytest.fixture
def payment(act: Act) -> Payment:
    with act() as session:
        user, account = customer(session)
        made = started(session, user, account)
        session.flush()
        session.refresh(made)
        session.expunge(made)
        return made


def call(app: Flask, path: str, fields: Any, method: str = "POST") -> TestResponse:
    client = app.test_client()
    return client.post(path, data=fields) if method == "POST" else client.get(path, query_string=fields)


def xml(response: TestResponse) -> dict[str, str]:
    assert response.mimetype == "application/xml"
    return {element.tag: element.text or "" for element in ElementTree.fromstring(response.get_data(as_text=True))}


def counts(act: Act) -> dict[str, int]:
    with act() as session:
        return {
            model.__name__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (GatewayEvent, GatewayOperation, LedgerEntry, Receipt, OutboxMessage)
        }


ONCE = {"GatewayOperation": 1, "LedgerEntry": 1, "Receipt": 1, "OutboxMessage": 1}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_true_notification_is_posted_with_a_receipt_and_a_letter(
    app: Flask, act: Act, payment: Payment, method: str
) -> None:
    answer = call(app, PAY, signed(app, payment), method)
    assert (answer.status_code, answer.get_data(as_text=True), answer.mimetype) == (200, "SUCCESS", "text/plain")
    assert counts(act) == {"GatewayEvent": 1, **ONCE}
    with act() as session:
        assert only(session).state is PaymentState.succeeded
    letter = mail.delivered(app)[-1]
    assert mail.link_in(letter, "/payments/status/") == f"/payments/status/{payment.status_token}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_check_is_answered_in_signed_xml(app: Flask, act: Act, payment: Payment, method: str) -> None:
    reply = xml(call(app, CHECK, signed(app, payment, "check"), method))
    assert reply["MNT_RESULT_CODE"] == "402"
    assert is_signed("reply", reply, tuple(app.config["MONETA_CODES"]))
    call(app, PAY, signed(app, payment))
    assert xml(call(app, CHECK, signed(app, payment, "check")))["MNT_RESULT_CODE"] == "200"


def test_a_check_without_an_amount_is_told_the_amount(app: Flask, payment: Payment) -> None:
    reply = xml(call(app, CHECK, signed(app, payment, "check", MNT_AMOUNT=None)))
    assert (reply["MNT_RESULT_CODE"], reply["MNT_AMOUNT"]) == ("100", "100.00")


@pytest.mark.parametrize("path", [CHECK, PAY])
def test_an_empty_call_tries_the_address_only(app: Flask, act: Act, path: str) -> None:
    answer = call(app, path, {}, "GET")
    assert answer.status_code == 200
    assert answer.get_data() == (b"" if path == CHECK else b"FAIL")


def test_the_same_notification_twenty_times_at_once_is_posted_once(app: Flask, act: Act, payment: Payment) -> None:
    fields, start = signed(app, payment), Barrier(20)

    def send(_turn: int) -> str:
        start.wait()
        return call(app, PAY, fields).get_data(as_text=True)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert answers == ["SUCCESS"] * 20
    assert counts(act) == {"GatewayEvent": 20, **ONCE}


def test_many_payments_at_once_get_receipts_without_gaps(app: Flask, act: Act) -> None:
    with act() as session:
        made = [started(session, *customer(session)) for _ in range(12)]
        told = [signed(app, payment, MNT_OPERATION_ID=f"20{index:04d}") for index, payment in enumerate(made)]
    start = Barrier(12)

    def send(fields: dict[str, str]) -> str:
        start.wait()
        return call(app, PAY, fields).get_data(as_text=True)

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(send, told)) == {"SUCCESS"}
    with act() as session:
        assert sorted(session.scalars(select(Receipt.number))) == list(range(1, 13))
        assert session.scalars(select(ReceiptSeries.last_number)).one() == 12


class TestForgeries:
    def test_what_is_no_order_is_neither_kept_nor_logged(self, app: Flask, act: Act, payment: Payment) -> None:
        with capture_logs() as told:
            for number in ("4111111111111111", "x" * 5000):
                for fields in ({"MNT_TRANSACTION_ID": number}, signed(app, payment, MNT_TRANSACTION_ID=number[:200])):
                    assert call(app, PAY, fields).get_data() == b"FAIL"
        with act() as session:
            events = session.scalars(select(GatewayEvent)).all()
            assert [event.order_number for event in events] == [""] * 4
            assert not [event for event in events if "MNT_TRANSACTION_ID" in event.payload]
        assert [line["order"] for line in told if line["event"] == "gateway.refused"] == [""] * 4

    def test_a_wrong_signature_is_kept_and_does_not_block_the_true_one(
        self, app: Flask, act: Act, payment: Payment
    ) -> None:
        assert call(app, PAY, signed(app, payment, code="guess")).get_data() == b"FAIL"
        with act() as session:
            assert only(session).state is PaymentState.created
            kept = session.scalars(select(GatewayEvent)).one()
            assert (kept.is_accepted, kept.reason, kept.order_number) == (False, "signature", payment.order_number)
        assert call(app, PAY, signed(app, payment)).get_data() == b"SUCCESS"

    @pytest.mark.parametrize(
        "changes",
        [
            {"MNT_AMOUNT": "99.99"},
            {"MNT_AMOUNT": "100.01"},
            {"MNT_AMOUNT": "100.0"},
            {"MNT_AMOUNT": "1e2"},
            {"MNT_AMOUNT": "-100.00"},
            {"MNT_AMOUNT": "NaN"},
            {"MNT_CURRENCY_CODE": "USD"},
            {"MNT_SUBSCRIBER_ID": "payer-0"},
            {"MNT_OPERATION_ID": "0123"},
            {"MNT_ID": "1"},
            {"MNT_TEST_MODE": "0"},
        ],
        ids=str,
    )
    def test_what_is_signed_and_wrong_goes_to_review(
        self, app: Flask, act: Act, payment: Payment, changes: dict[str, str]
    ) -> None:
        assert call(app, PAY, signed(app, payment, **changes)).get_data() == b"FAIL"
        assert counts(act) == {"GatewayEvent": 1, **dict.fromkeys(ONCE, 0)}
        with act() as session:
            assert only(session).state is PaymentState.review
        assert call(app, PAY, signed(app, payment)).get_data() == b"SUCCESS"

    @pytest.mark.parametrize("path", [CHECK, PAY])
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"MNT_COMMAND": "DEBIT"},
            {"MNT_COMMAND": "CANCELLED_DEBIT"},
            {"MNT_OPERATION_ID": "1234", "MNT_AMOUNT": "5.00"},
            {"MNT_OPERATION_ID": "1", "MNT_AMOUNT": "2345.00"},
            {"MNT_OPERATION_ID": "12345.00RUB", "MNT_AMOUNT": "", "MNT_CURRENCY_CODE": ""},
            {"MNT_AMOUNT": "12345.", "MNT_CURRENCY_CODE": "00RUB"},
            {"MNT_COMMAND": "5", "MNT_ID": "4600817"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("is_paid", [False, True], ids=["open", "paid"])
    def test_the_forms_own_signature_says_nothing_however_its_signs_are_moved(
        self, app: Flask, act: Act, path: str, changes: dict[str, str], *, is_paid: bool
    ) -> None:
        with act() as session:
            made = started(session, *customer(session), cold="12345.00")
            form = signed(app, made, "form")
            if is_paid:
                payments.apply_event(session, word(made))
            before = made.state
            session.flush()
            session.expunge(made)
        assert call(app, path, {**form, **changes}).get_data() == b"FAIL"
        with act() as session:
            assert (only(session).state, only(session).alert) == (before, None)

    def test_the_forms_own_signature_pays_nothing(self, app: Flask, act: Act, payment: Payment) -> None:
        fields = signed(app, payment, "form")
        assert call(app, PAY, fields).get_data() == b"FAIL"
        assert call(app, PAY, {**fields, "MNT_OPERATION_ID": "123456"}).get_data() == b"FAIL"
        assert counts(act)["LedgerEntry"] == 0

    def test_an_unknown_order_is_refused_and_none_is_made_up(self, app: Flask, act: Act, payment: Payment) -> None:
        fields = signed(app, payment, MNT_TRANSACTION_ID="WC-0000000099-ABCDEFGHZ")
        assert call(app, PAY, fields).get_data() == b"FAIL"
        with act() as session:
            assert only(session).state is PaymentState.created

    def test_a_repeated_field_is_refused(self, app: Flask, act: Act, payment: Payment) -> None:
        pairs = [*signed(app, payment).items(), ("MNT_AMOUNT", "1.00")]
        data = {name: [value for key, value in pairs if key == name] for name, _value in pairs}
        assert call(app, PAY, data).get_data() == b"FAIL"
        assert counts(act)["LedgerEntry"] == 0

    def test_only_the_body_of_a_post_is_read(self, app: Flask, payment: Payment) -> None:
        answer = app.test_client().post(PAY, query_string=signed(app, payment))
        assert answer.get_data() == b"FAIL"

    @pytest.mark.parametrize("path", [CHECK, PAY])
    def test_noise_is_refused_without_an_error(self, app: Flask, act: Act, path: str) -> None:
        for noise in ({"MNT_ID": "\0"}, {"a": "ы" * 5000}, {"MNT_TRANSACTION_ID": "x" * 300}, b"\xff\xfe=%ff"):
            assert call(app, path, noise).status_code == 200

    @pytest.mark.parametrize("command", ["DEBIT", "AUTHORISE"])
    def test_another_command_is_kept_and_changes_nothing(
        self, app: Flask, act: Act, payment: Payment, command: str
    ) -> None:
        fields = signed(app, payment, "check", MNT_COMMAND=command, MNT_OPERATION_ID="1000001")
        assert call(app, PAY, fields).get_data() == b"SUCCESS"
        with act() as session:
            assert (only(session).state, only(session).alert) == (PaymentState.created, "noted")

    def test_a_forged_check_may_not_be_charged(self, app: Flask, payment: Payment) -> None:
        assert call(app, CHECK, signed(app, payment, "check", code="guess")).get_data() == b"FAIL"


class TestFailingDatabase:
    @pytest.fixture
    def commits_fail(self) -> Iterator[dict[str, bool]]:
        """The commit of the next transaction fails, as when the database goes away."""
        switch = {"on": True}

        def fail(connection: Any) -> None:
            if switch["on"]:
                raise OperationalError("COMMIT", {}, Exception("gone"))

        sa_event.listen(Engine, "commit", fail)
        yield switch
        sa_event.remove(Engine, "commit", fail)

    @pytest.mark.parametrize("path", [CHECK, PAY])
    def test_it_answers_5xx_posts_nothing_and_works_again_later(
        self, app: Flask, act: Act, payment: Payment, commits_fail: dict[str, bool], path: str
    ) -> None:
        fields = signed(app, payment, "check" if path == CHECK else "pay")
        answer = call(app, path, fields)
        assert answer.status_code == 503
        assert b"SUCCESS" not in answer.get_data()
        commits_fail["on"] = False
        assert counts(act)["LedgerEntry"] == 0
        assert call(app, path, fields).status_code == 200
        assert counts(act)["LedgerEntry"] == (1 if path == PAY else 0)
