"""MerchantAPI against recordings: what is asked, to the letter, and what is made of the answers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
import time_machine

from app.gateways.base import (
    NoAnswerError,
    OperationStatus,
    PaymentOrder,
    RefundOrder,
    RequestRefused,
)
from app.gateways.merchant_api import STATUSES, MerchantApi, MerchantSettings
from tests.gateways.conftest import serving

RECORDINGS = Path(__file__).parents[1] / "data/merchant_api"
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ORDER = "WC-0000000017-7KQ2M9XTZ"
REFUND = RefundOrder(number="RF-0000000005", operation_id="987654321", amount=Decimal(100), description="Возврат")


class Twin(ThreadingHTTPServer):
    """Answers as it was recorded, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body = 200, ""
        self.asked: list[Any] = []

    def play(self, name: str, **changes: str) -> Any:
        """The recorded request; `changes` are made to the text of the answer."""
        recording = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
        self.status, self.body = recording["status"], json.dumps(recording["response"])
        for before, after in changes.items():
            assert before in self.body
            self.body = self.body.replace(before, after)
        return recording["request"]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        twin = cast(Twin, self.server)
        assert self.headers["Content-Type"] == "application/json;charset=UTF-8"
        twin.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = twin.body.encode()
        self.send_response(twin.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read what was asked."""


@pytest.fixture
def twin() -> Iterator[Twin]:
    server = Twin()
    with serving(server):
        yield server


@pytest.fixture
def api(twin: Twin) -> Iterator[MerchantApi]:
    url = f"http://127.0.0.1:{twin.server_port}/services"
    with time_machine.travel(NOW, tick=False):
        yield MerchantApi(MerchantSettings(url=url, user="utility", password="secret", account_id="54600817"))


def order() -> PaymentOrder:
    urls = {f"{name}_url": f"http://utility.test/{name}" for name in ("success", "in_progress", "fail", "return")}
    return PaymentOrder(number=ORDER, amount=Decimal("1234.56"), description="Вода", subscriber="payer-17", **urls)


def test_an_operation_is_asked_for_and_read(api: MerchantApi, twin: Twin) -> None:
    recorded = twin.play("status")
    fact = api.operation("987654321")
    assert twin.asked == [recorded]
    assert fact is not None
    assert (fact.operation_id, fact.order, fact.status) == ("987654321", ORDER, OperationStatus.succeeded)
    assert (fact.amount, fact.currency, fact.subscriber) == (Decimal("1234.56"), "RUB", "payer-17")
    assert (fact.card, fact.is_refund) == ("4111111", False)
    assert fact.changed_at == datetime(2026, 11, 20, 10, 28, 22, tzinfo=UTC)


def test_an_operation_that_is_not_there_is_none(api: MerchantApi, twin: Twin) -> None:
    recorded = twin.play("status_unknown")
    assert api.operation("987654321") is None
    assert twin.asked == [recorded]


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_the_money_is_ours_in_two_states(api: MerchantApi, twin: Twin, word: str, status: OperationStatus) -> None:
    twin.play("status", SUCCEED=word)
    fact = api.operation("987654321")
    assert fact is not None
    assert (fact.status, status is OperationStatus.succeeded) == (status, word in ("SUCCEED", "TAKENIN_NOTSENT"))


def test_operations_of_an_order_are_listed_oldest_first(api: MerchantApi, twin: Twin) -> None:
    recorded = twin.play("find")
    facts = api.find(ORDER, SINCE)
    assert twin.asked == [recorded]
    assert [fact.status for fact in facts] == [OperationStatus.canceled, OperationStatus.succeeded]
    twin.play("find_nothing")
    assert api.find(ORDER, SINCE) == []


def test_an_operation_of_another_order_in_the_answer_is_left_out(api: MerchantApi, twin: Twin) -> None:
    twin.play("find", **{ORDER: "WC-0000000018-7KQ2M9XTZ"})
    assert api.find(ORDER, SINCE) == []


def test_a_long_list_is_read_page_by_page(api: MerchantApi, twin: Twin) -> None:
    twin.play("find", **{'"pagesCount": 1': '"pagesCount": 3'})
    assert len(api.operations(SINCE, NOW)) == 6
    pages = [each["Envelope"]["Body"]["FindOperationsListRequest"]["pager"]["pageNumber"] for each in twin.asked]
    assert pages == [1, 2, 3]


def test_a_refund_is_sent_with_a_number_of_its_own(api: MerchantApi, twin: Twin) -> None:
    recorded = twin.play("refund")
    fact = api.refund(REFUND)
    assert twin.asked == [recorded]
    assert (fact.operation_id, fact.order, fact.amount) == ("987654400", "RF-0000000005", Decimal("100.00"))
    assert (fact.is_refund, fact.status) == (True, OperationStatus.succeeded)


def test_a_saved_card_is_charged_by_its_token(api: MerchantApi, twin: Twin) -> None:
    recorded = twin.play("charge")
    assert api.charge(order(), "0987654321") == "987654500"
    assert twin.asked == [recorded]


def test_a_fault_of_ours_is_a_definite_no(api: MerchantApi, twin: Twin) -> None:
    twin.play("refund_refused")
    with pytest.raises(RequestRefused) as refusal:
        api.refund(REFUND)
    assert refusal.value.code == "500.2.1"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("refund_unavailable", {}),
        ("refund_refused", {"Client": "Server"}),
        ("refund_refused", {'"fault"': '"other"'}),
        ("refund", {"TAKENIN_NOTSENT": "NEW"}),
        ("refund", {'"-100.00"': '"1e2"'}),
        ("refund", {'"-100.00"': '"NaN"'}),
        ("refund", {"RefundResponse": "PaymentResponse"}),
        ("refund", {"987654400": '"x"'}),
    ],
    ids=str,
)
def test_whatever_else_comes_leaves_it_open(api: MerchantApi, twin: Twin, name: str, changes: dict[str, str]) -> None:
    twin.play(name, **changes)
    with pytest.raises(NoAnswerError):
        api.refund(REFUND)


@pytest.mark.parametrize("body", ["", "SUCCESS", "[]", "null", "<html>", '{"Envelope": 1}', "\0"])
def test_an_answer_that_is_none_leaves_it_open(api: MerchantApi, twin: Twin, body: str) -> None:
    twin.body = body
    for ask in (lambda: api.operation("987654321"), lambda: api.find(ORDER, SINCE), lambda: api.refund(REFUND)):
        with pytest.raises(NoAnswerError):
            ask()


def test_an_interface_that_is_away_leaves_it_open(twin: Twin) -> None:
    settings = MerchantSettings(url="http://127.0.0.1:1", user="u", password="p", account_id="1")
    with pytest.raises(NoAnswerError):
        MerchantApi(settings).refund(REFUND)


def test_a_refusal_to_tell_of_an_operation_says_nothing_of_it(api: MerchantApi, twin: Twin) -> None:
    twin.play("refund_refused")
    for ask in (lambda: api.operation("987654321"), lambda: api.find(ORDER, SINCE)):
        with pytest.raises(NoAnswerError):
            ask()
