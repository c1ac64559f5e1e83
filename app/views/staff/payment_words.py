"""The history of a payment in words: who told or did what, whether it was believed, what it said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...domain import payment_alerts
from ...formats import money
from ...gateways.base import OperationFact, OperationStatus, Refusal
from ...i18n import _, _l
from ...models import GatewayEvent, RefundState

AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
KINDS = {
    "check": _l("The gateway asked whether it may be paid"),
    "pay": _l("The gateway told that it is paid"),
    "other": _l("The gateway sent another command"),
    "find": _l("The gateway was asked"),
    "charge": _l("A saved card was charged"),
    "operator": _l("A person decided"),
    "proposed": _l("A person says that the money came; another one has to say the same"),
    "seen": _l("A person looked at it"),
    "refund": _l("Refund"),
    "assigned": _l("A person assigned the bank's money"),
    "taken back": _l("A person took the bank's money back"),
}
REFUSALS = {
    Refusal.repeated.value: _l("No: a field stands in it twice"),
    Refusal.oversized.value: _l("No: a field is too long"),
    Refusal.signature.value: _l("No: the signature is wrong"),
}
NAMES = {
    "amount": _l("Amount"),
    "MNT_AMOUNT": _l("Amount"),
    "MNT_OPERATION_ID": _l("Operation"),
    "operation": _l("Operation"),
    "reason": _l("Reason"),
    "state": _l("State"),
    "user_id": _l("Who"),
}
ANSWERS = {
    OperationStatus.in_progress: _l("under way"),
    OperationStatus.succeeded: _l("paid"),
    OperationStatus.canceled: _l("came to nothing"),
}


@dataclass(frozen=True, slots=True)
class EventWords:
    at: datetime
    what: Any
    believed: Any
    details: list[tuple[Any, str]]


def event_words(event: GatewayEvent, names: Mapping[int, str]) -> EventWords:
    """`names` of the members of staff by their ids."""
    return EventWords(
        at=event.received_at,
        what=KINDS.get(event.kind, event.kind),
        believed=_("Yes") if event.is_accepted else _refusal(event.reason),
        details=[
            (NAMES.get(name, name), _value(name, str(value), names)) for name, value in event.payload.items() if value
        ],
    )


def answer_words(fact: OperationFact) -> str:
    """What the gateway itself says of an operation."""
    words = {"number": fact.operation_id, "sum": money(fact.amount), "state": ANSWERS[fact.status]}
    if fact.is_refund:
        return _("Refund %(number)s of %(sum)s: %(state)s", **words)
    return _("Operation %(number)s of %(sum)s: %(state)s", **words)


def _refusal(reason: str) -> Any:
    return REFUSALS.get(reason) or payment_alerts.label(reason) or _("No")


def _value(name: str, value: str, names: Mapping[int, str]) -> str:
    if name == "user_id" and value.isdigit():
        return names.get(int(value), value)
    if name == "state" and value in RefundState.__members__:
        return str(RefundState(value).label)
    if name in ("amount", "MNT_AMOUNT") and AMOUNT.fullmatch(value):
        return money(Decimal(value))
    return value
