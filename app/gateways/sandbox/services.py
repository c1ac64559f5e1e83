"""MONETA.MerchantAPI as the utility asks it: operations by number and by list, refunds, charges of saved cards."""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app import clock
from app.gateways.base import OperationFact, OperationStatus
from app.gateways.merchant_api import NO_OPERATION, UNAVAILABLE
from app.gateways.sandbox.parts import Trouble, parts
from app.gateways.sandbox.register import Order, RefundRefusedError

services = Blueprint("services", __name__)
Document = dict[str, Any]
NO_RIGHTS, WRONG, NO_MONEY, NO_TOKEN = "200.1", "300.1", "500.2.1", "500.3.1"


class FaultError(Exception):
    """What the interface answers instead of a response."""

    def __init__(self, code: str, words: str, *, is_own: bool = False) -> None:
        super().__init__(code)
        self.document = {
            "fault": {
                "faultcode": "Server" if is_own else "Client",
                "faultstring": words,
                "detail": {"faultDetail": code},
            }
        }


@services.post("/services")
def serve() -> ResponseReturnValue:
    try:
        name, question = _question()
        answer = {f"{name}Response": _HANDLERS[name](question)}
        if parts().trouble is Trouble.silent:
            raise FaultError(UNAVAILABLE, "The service is not available for a while", is_own=True)
    except FaultError as fault:
        return jsonify(Envelope={"Body": fault.document}), 500
    return jsonify(Envelope={"Body": answer})


def _question() -> tuple[str, Any]:
    try:
        envelope = json.loads(request.get_data())["Envelope"]
        user = envelope["Header"]["Security"]["UsernameToken"]
        credentials = f"{user['Username']}:{user['Password']}"
        ((name, question),) = envelope["Body"].items()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FaultError(WRONG, "The request cannot be read") from error
    settings = parts().settings
    known = f"{settings.api_user}:{settings.api_password}"
    if not settings.api_password or not hmac.compare_digest(credentials.encode(), known.encode()):
        raise FaultError(NO_RIGHTS, "The user or the password is wrong")
    name = str(name).removesuffix("Request")
    if name not in _HANDLERS:
        raise FaultError(WRONG, "There is no such request")
    return name, question


def _details(operation_id: Any) -> Document:
    fact = next((each for each in parts().register.facts() if each.operation_id == str(operation_id)), None)
    if fact is None:
        raise FaultError(NO_OPERATION, "There is no such operation")
    return {"operation": _operation(fact)}


def _list(question: Mapping[str, Any]) -> Document:
    """All that the filter names, by pages; without any operation the list is left out."""
    try:
        wanted, pager = question["filter"], question["pager"]
        since, until = (datetime.fromisoformat(wanted[name]) for name in ("dateFrom", "dateTo"))
        page, size = int(pager["pageNumber"]), int(pager["pageSize"])
    except (KeyError, TypeError, ValueError) as error:
        raise FaultError(WRONG, "The filter needs dates, the pager a number and a size") from error
    number = wanted.get("clientTransaction")
    facts = [
        fact
        for fact in parts().register.facts()
        if since <= (fact.changed_at or clock.now()) <= until and number in (None, fact.order)
    ]
    shown = facts[(page - 1) * size : page * size]
    counts = {"pagesCount": -(-len(facts) // size), "pageNumber": page, "pageSize": size, "totalSize": len(facts)}
    return {**counts, "size": len(shown), **({"operation": [_operation(fact) for fact in shown]} if shown else {})}


def _refund(question: Mapping[str, Any]) -> Document:
    _refuse_when_told()
    try:
        operation_id, amount = str(question["transactionId"]), Decimal(question["amount"])
        fact = parts().register.refund(operation_id, amount, str(question["clientTransaction"]))
    except (KeyError, TypeError, InvalidOperation) as error:
        raise FaultError(WRONG, "A refund needs an operation, an amount and a number") from error
    except RefundRefusedError as error:
        raise FaultError(NO_MONEY, "There is no such money to give back") from error
    return _operation(fact)


def _invoice(question: Mapping[str, Any]) -> Document:
    _refuse_when_told()
    try:
        attributes = {pair["key"]: pair["value"] for pair in question["operationInfo"]["attribute"]}
        order = _order(question, attributes["SUBSCRIBERID"])
        operation_id = parts().register.open_saved(order, attributes["PAYMENTTOKEN"])
    except (KeyError, TypeError) as error:
        raise FaultError(WRONG, "A charge needs an amount, a number, a subscriber and a token") from error
    if operation_id is None:
        raise FaultError(NO_TOKEN, "There is no such card")
    return {
        "dateTime": clock.now().isoformat(timespec="milliseconds"),
        "status": "CREATED",
        "transaction": operation_id,
        "clientTransaction": order.number,
    }


def _order(question: Mapping[str, Any], subscriber: str) -> Order:
    home = parts().settings.merchant_url
    return Order(
        number=str(question["clientTransaction"]),
        amount=str(question["amount"]),
        currency="RUB",
        subscriber=subscriber,
        test_mode="1",
        description=str(question.get("description", ""))[:500],
        locale="ru",
        success_url=home,
        in_progress_url=home,
        fail_url=home,
        return_url=home,
    )


def _refuse_when_told() -> None:
    if parts().trouble is Trouble.refusing:
        raise FaultError(NO_RIGHTS, "The operator of the test gateway refuses this")


def _operation(fact: OperationFact) -> Document:
    """The operation with those of MONETA's attributes that the utility reads."""
    statuses = {
        OperationStatus.in_progress: "INPROGRESS",
        OperationStatus.succeeded: "SUCCEED",
        OperationStatus.canceled: "CANCELED",
    }
    sign = "-" if fact.is_refund else ""
    values = {
        "statusid": statuses[fact.status],
        "clienttransaction": fact.order,
        "sourceamount": f"{sign}{fact.amount:.2f}",
        "sourcecurrencycode": fact.currency,
        "sourceaccountid": parts().settings.account_id,
        "subscriberid": fact.subscriber or "",
        "cardnumber": fact.card,
        "isrefund": "1" if fact.is_refund else "0",
        "modified": fact.changed_at.isoformat(timespec="milliseconds") if fact.changed_at else "",
    }
    return {"id": int(fact.operation_id), "attribute": [{"key": key, "value": value} for key, value in values.items()]}


_HANDLERS: Mapping[str, Callable[[Any], Document]] = {
    "GetOperationDetailsById": _details,
    "FindOperationsList": _list,
    "Refund": _refund,
    "Invoice": _invoice,
}
