"""MONETA.MerchantAPI in JSON: what became of an operation, refunds, charges of saved cards.

A request is an envelope with the user's name and password; an answer holds the response of the same name or a fault.
A fault of the client is the gateway's own definite no. A fault of the server, a timeout, and whatever cannot be read
leave everything open: NoAnswerError.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from app import clock
from app.gateways import transport
from app.gateways.base import (
    NoAnswerError,
    OperationFact,
    OperationStatus,
    PaymentOrder,
    RefundOrder,
    RequestRefused,
)

STATUSES = {
    "CREATED": OperationStatus.in_progress,
    "INPROGRESS": OperationStatus.in_progress,
    "TAKENOUT": OperationStatus.in_progress,
    "FROZEN": OperationStatus.in_progress,
    "TAKENIN_NOTSENT": OperationStatus.succeeded,
    "SUCCEED": OperationStatus.succeeded,
    "CANCELED": OperationStatus.canceled,
}
"""With TAKENIN_NOTSENT the money is ours, and only our answer to the notification is missing."""
NO_OPERATION, UNAVAILABLE = "500.1.5", "100"
PAGE, MOST_PAGES = 100, 100
T = TypeVar("T")
_AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")
_CARD = re.compile(r"([0-9]{3})[0-9]{0,5}[^0-9]+([0-9]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantSettings:
    """`account_id`: our account, MNT_ID."""

    url: str
    user: str
    password: str
    account_id: str


class MerchantApi:
    def __init__(self, settings: MerchantSettings) -> None:
        self._settings = settings

    def operation(self, operation_id: str) -> OperationFact | None:
        try:
            answer = self._ask("GetOperationDetailsById", int(operation_id))
        except RequestRefused as refusal:
            if refusal.code == NO_OPERATION:
                return None
            raise NoAnswerError(f"The gateway refused to tell of an operation: {refusal.code}") from refusal
        return _read(lambda: _fact(answer["operation"]))

    def find(self, number: str, since: datetime) -> Sequence[OperationFact]:
        day = timedelta(days=1)
        found = self._list(since - day, clock.now() + day, clientTransaction=number)
        return [fact for fact in found if fact.order == number]

    def operations(self, since: datetime, until: datetime) -> Sequence[OperationFact]:
        return self._list(since, until)

    def refund(self, refund: RefundOrder) -> OperationFact:
        answer = self._ask(
            "Refund",
            {
                "transactionId": int(refund.operation_id),
                "amount": f"{refund.amount:.2f}",
                "clientTransaction": refund.number,
                "description": refund.description,
            },
        )
        return _read(lambda: _fact(answer))

    def charge(self, order: PaymentOrder, token: str) -> str:
        attributes = {"PAYMENTTOKEN": token, "SUBSCRIBERID": order.subscriber}
        answer = self._ask(
            "Invoice",
            {
                "version": "VERSION_2",
                "payee": self._settings.account_id,
                "amount": f"{order.amount:.2f}",
                "clientTransaction": order.number,
                "description": order.description,
                "operationInfo": {"attribute": [{"key": key, "value": value} for key, value in attributes.items()]},
            },
        )
        return _read(lambda: str(int(answer["transaction"])))

    def _list(self, since: datetime, until: datetime, **filters: str) -> list[OperationFact]:
        facts = list(self._pages(since, until, filters))
        return sorted(facts, key=lambda fact: int(fact.operation_id))

    def _pages(self, since: datetime, until: datetime, filters: Mapping[str, str]) -> Iterator[OperationFact]:
        for number in range(1, MOST_PAGES + 1):
            question = {
                "pager": {"pageNumber": number, "pageSize": PAGE},
                "filter": {
                    "accountId": self._settings.account_id,
                    "dateFrom": since.isoformat(timespec="seconds"),
                    "dateTo": until.isoformat(timespec="seconds"),
                    **filters,
                },
            }
            facts, pages = self._page(question)
            yield from facts
            if number >= pages:
                return
        raise NoAnswerError("The gateway's list of operations is too long")

    def _page(self, question: Mapping[str, Any]) -> tuple[list[OperationFact], int]:
        """A page of a list, and how many there are."""
        try:
            answer = self._ask("FindOperationsList", question)
        except RequestRefused as refusal:
            raise NoAnswerError(f"The gateway refused to list operations: {refusal.code}") from refusal
        facts = _read(lambda: [_fact(operation) for operation in answer.get("operation", ())])
        return facts, _read(lambda: int(answer.get("pagesCount", 0)))

    def _ask(self, name: str, question: Any) -> Mapping[str, Any]:
        """The response of a request. Raises RequestRefused for a fault of the client, else NoAnswerError."""
        token = {"Username": self._settings.user, "Password": self._settings.password}
        header = {"Security": {"UsernameToken": token}}
        envelope = {"Envelope": {"Header": header, "Body": {f"{name}Request": question}}}
        answer = transport.post_json(self._settings.url, envelope)
        body = _read(lambda: _body(answer.body))
        if "fault" in body:
            _raise_fault(body["fault"])
        if answer.status != 200:
            raise NoAnswerError(f"The gateway answered {answer.status}")
        return _read(lambda: dict(body[f"{name}Response"]))


def _body(text: str) -> Mapping[str, Any]:
    """A fault stands in an envelope of its own, or in none."""
    document = json.loads(text, parse_float=str)
    return dict(document if "fault" in document else document["Envelope"]["Body"])


def _raise_fault(fault: Any) -> NoReturn:
    code = _read(lambda: str(fault["detail"]["faultDetail"]))
    if fault.get("faultcode") == "Client" and code != UNAVAILABLE:
        raise RequestRefused(code)
    raise NoAnswerError(f"The gateway answered with a fault of its own: {code}")


def _read(what: Callable[[], T]) -> T:
    try:
        return what()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoAnswerError("The gateway's answer cannot be read") from error


def _fact(operation: Mapping[str, Any]) -> OperationFact:
    values = {str(pair["key"]).lower(): str(pair["value"]) for pair in operation["attribute"]}
    return OperationFact(
        operation_id=str(int(operation["id"])),
        order=values.get("clienttransaction", ""),
        status=STATUSES[values["statusid"]],
        amount=_amount(values["sourceamount"]),
        currency=values["sourcecurrencycode"],
        subscriber=values.get("subscriberid"),
        card=shown_digits(values.get("cardnumber", "")),
        is_refund=values.get("isrefund") == "1",
        changed_at=datetime.fromisoformat(values["modified"]) if values.get("modified") else None,
    )


def _amount(text: str) -> Decimal:
    """Of money that went out the gateway tells the amount below zero."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    return abs(Decimal(text))


def shown_digits(masked: str) -> str:
    """Of a card's number its last four digits, after the first three where the gateway hides those between them."""
    shown = _CARD.fullmatch(masked)
    if shown:
        return shown[1] + shown[2]
    return "".join(sign for sign in masked if sign in "0123456789")[-4:]
