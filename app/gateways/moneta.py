"""MONETA.Assistant: signatures, the payment form, notifications and the answers to them.

One secret code signs both directions and the strings have no separators, so the payment form gives the customer
a digest that fits other messages too, with the signs moved between the fields. What stands against its replay is the
shape of every field, and the caller, who compares `signed_text` with that of the order's own form.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit
from xml.etree import ElementTree

from app import clock
from app.gateways import transport
from app.gateways.base import (
    CheckResult,
    MalformedNotification,
    NoAnswerError,
    Notification,
    NotificationKind,
    OperationFact,
    PaymentOrder,
    RedirectForm,
    RefundOrder,
    Refusal,
    Reply,
    SignatureRefused,
    Values,
)
from app.gateways.merchant_api import MerchantApi, MerchantSettings, shown_digits

SignatureKind = Literal["form", "pay", "check", "reply"]
Fields = Mapping[str, str]

_PAY = (
    "MNT_ID",
    "MNT_TRANSACTION_ID",
    "MNT_OPERATION_ID",
    "MNT_AMOUNT",
    "MNT_CURRENCY_CODE",
    "MNT_SUBSCRIBER_ID",
    "MNT_TEST_MODE",
)
SIGNED_FIELDS: Mapping[SignatureKind, tuple[str, ...]] = {
    "form": tuple(name for name in _PAY if name != "MNT_OPERATION_ID"),
    "pay": _PAY,
    "check": ("MNT_COMMAND", *_PAY),
    "reply": ("MNT_RESULT_CODE", "MNT_ID", "MNT_TRANSACTION_ID"),
}
CLAIMS = ("MNT_FEE", "MNT_CORRACCOUNT", "paymentSystem.unitId", "PAYMENTTOKEN", "cardnumber")
RESULT_CODES = {
    CheckResult.amount: "100",
    CheckResult.paid: "200",
    CheckResult.processing: "302",
    CheckResult.payable: "402",
    CheckResult.refused: "500",
}

ORDER = re.compile(r"WC-[0-9]{10}-[2-9A-HJKMNP-Y]{8}Z")
OPERATION = re.compile(r"[1-9][0-9]{3,19}")
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,9})\.[0-9]{2}")
PROBE_SECONDS = 3.0
REMEMBERED = timedelta(seconds=5)
"""How long the answer of the page that customers are sent to stands for the next ones."""
LONGEST_VALUE = 255
LONGEST_KEPT = 64
"""Anybody may send what is refused: it is kept clipped."""
_UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXY"


def signature_string(kind: SignatureKind, fields: Fields) -> str:
    """The fields that a message of this kind signs, one after another, without the code; an absent one is empty."""
    return "".join(fields.get(name, "") for name in SIGNED_FIELDS[kind])


def signature(kind: SignatureKind, fields: Fields, code: str) -> str:
    text = signature_string(kind, fields) + code
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def is_signed(kind: SignatureKind, fields: Fields, codes: tuple[str, ...]) -> bool:
    """Whether MNT_SIGNATURE, in any letter case, is the digest made with one of the codes."""
    received = fields.get("MNT_SIGNATURE", "").lower().encode("utf-8", "replace")
    return any(hmac.compare_digest(received, signature(kind, fields, code).encode()) for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonetaSettings:
    """`codes`: the first signs, all are accepted (two during a rotation). `api_…`: all or none; without them the
    gateway cannot be asked."""

    account_id: str
    codes: tuple[str, ...]
    form_url: str
    api_url: str = ""
    api_user: str = ""
    api_password: str = ""
    test_mode: bool = False
    name: str = "moneta"

    def __post_init__(self) -> None:
        if not self.codes or not all(self.codes):
            raise ValueError("MONETA needs at least one integrity code, and none may be empty")
        if urlsplit(self.form_url).scheme not in ("http", "https"):
            raise ValueError("The address of MONETA's payment form must start with http:// or https://")
        if len(set(map(bool, (self.api_url, self.api_user, self.api_password)))) > 1:
            raise ValueError("MONETA's interface needs all of its address, user and password, or none")


class Moneta:
    """The gateway that the domain sees. The embedded sandbox speaks the same format: only settings differ."""

    def __init__(self, settings: MonetaSettings) -> None:
        self._settings = settings
        self._api = _api(settings) if settings.api_url else None
        self._probe: tuple[datetime, bool] | None = None

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def is_test(self) -> bool:
        return self._settings.test_mode

    @property
    def can_be_asked(self) -> bool:
        return self._api is not None

    def new_order_number(self, sequence: int) -> str:
        if not 0 < sequence < 10**10:
            raise ValueError("The sequence of an order number has 1 to 10 digits")
        return f"WC-{sequence:010d}-{''.join(secrets.choice(_UNAMBIGUOUS) for _ in range(8))}Z"

    def is_order(self, text: str) -> bool:
        return bool(ORDER.fullmatch(text))

    def is_operation(self, text: str) -> bool:
        return bool(OPERATION.fullmatch(text))

    def payment_form(self, order: PaymentOrder) -> RedirectForm:
        fields = {
            "MNT_ID": self._settings.account_id,
            "MNT_TRANSACTION_ID": _known_shape(order.number),
            "MNT_AMOUNT": _amount_text(order.amount),
            "MNT_CURRENCY_CODE": order.currency,
            "MNT_TEST_MODE": self._test_mode,
            "MNT_SUBSCRIBER_ID": order.subscriber,
            "MNT_DESCRIPTION": order.description[:500],
            **_ways_back(order),
        }
        fields["MNT_SIGNATURE"] = signature("form", fields, self._settings.codes[0])
        return RedirectForm(self._settings.form_url, "GET", fields)

    def parse(self, kind: NotificationKind, values: Values) -> Notification | None:
        if kind == NotificationKind.check and not values:
            return None
        fields = _unrepeated(values)
        command = fields.get("MNT_COMMAND", "")
        if kind == NotificationKind.pay and command:
            kind = NotificationKind.other
        signed_text = self._signed_text(kind, fields)
        refusal = self._refusal(kind, fields)
        if refusal:
            raise MalformedNotification(refusal, _kept(fields), signed_text=signed_text)
        amount = fields.get("MNT_AMOUNT", "")
        return Notification(
            kind=kind,
            command=command,
            order=fields["MNT_TRANSACTION_ID"],
            operation_id=fields.get("MNT_OPERATION_ID", ""),
            amount=Decimal(amount) if amount else None,
            currency=fields["MNT_CURRENCY_CODE"],
            subscriber=fields.get("MNT_SUBSCRIBER_ID", ""),
            test_mode=self._settings.test_mode,
            claims=_claims(fields),
            signed_text=signed_text,
        )

    def check_reply(self, order: str, result: CheckResult, amount: Decimal | None = None) -> Reply:
        fields = {
            "MNT_ID": self._settings.account_id,
            "MNT_TRANSACTION_ID": _known_shape(order),
            "MNT_RESULT_CODE": RESULT_CODES[result],
        }
        if result == CheckResult.amount and amount is None:
            raise ValueError("This answer to a check carries the amount")
        if amount is not None:
            fields["MNT_AMOUNT"] = _amount_text(amount)
        fields["MNT_SIGNATURE"] = signature("reply", fields, self._settings.codes[0])
        root = ElementTree.Element("MNT_RESPONSE")
        for name, value in fields.items():
            ElementTree.SubElement(root, name).text = value
        body = '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
        return body, "application/xml"

    def pay_reply(self, accepted: bool) -> Reply:
        return ("SUCCESS" if accepted else "FAIL"), "text/plain"

    def is_reachable(self) -> bool:
        """Asked once in some seconds, however many customers are on their way."""
        if self._api is None:
            return True
        now = clock.now()
        if self._probe is None or not timedelta(0) <= now - self._probe[0] < REMEMBERED:
            self._probe = now, self._answers()
        return self._probe[1]

    def _answers(self) -> bool:
        try:
            return transport.get(self._settings.form_url, timeout=PROBE_SECONDS).status < 500
        except NoAnswerError:
            return False

    def operation(self, operation_id: str) -> OperationFact | None:
        return self._asked.operation(operation_id)

    def find(self, number: str, since: datetime) -> Sequence[OperationFact]:
        return self._asked.find(number, since)

    def operations(self, since: datetime, until: datetime) -> Sequence[OperationFact]:
        return self._asked.operations(since, until)

    def refund(self, refund: RefundOrder) -> OperationFact:
        return self._asked.refund(refund)

    def charge(self, order: PaymentOrder, token: str) -> str:
        _known_shape(order.number)
        return self._asked.charge(order, token)

    def card_page(self, order: PaymentOrder, operation_id: str) -> str:
        fields = {"operationId": operation_id, **_ways_back(order)}
        return RedirectForm(self._settings.form_url, "GET", fields).location

    @property
    def _asked(self) -> MerchantApi:
        if self._api is None:
            raise NoAnswerError("No address to ask about operations is set")
        return self._api

    @property
    def _test_mode(self) -> str:
        return "1" if self._settings.test_mode else "0"

    def _signed_text(self, kind: NotificationKind, fields: Fields) -> str:
        """What was signed, without our own id at its beginning. Other commands change nothing, so either of the two
        strings that they may sign will do. Raises SignatureRefused."""
        accepted: dict[NotificationKind, tuple[SignatureKind, ...]] = {
            NotificationKind.check: ("check",),
            NotificationKind.pay: ("pay",),
            NotificationKind.other: ("check", "pay"),
        }
        for form in accepted[kind]:
            if is_signed(form, fields, self._settings.codes):
                return signature_string(form, fields).removeprefix(self._settings.account_id)
        raise SignatureRefused(Refusal.signature, _kept(fields))

    def _refusal(self, kind: NotificationKind, fields: Fields) -> Refusal | None:
        operation, amount = fields.get("MNT_OPERATION_ID", ""), fields.get("MNT_AMOUNT", "")
        may_lack = kind != NotificationKind.pay
        holds = {
            Refusal.account: fields.get("MNT_ID") == self._settings.account_id,
            Refusal.test_mode: fields.get("MNT_TEST_MODE") == self._test_mode,
            Refusal.currency: fields.get("MNT_CURRENCY_CODE") == "RUB",
            Refusal.command: kind != NotificationKind.check or fields.get("MNT_COMMAND") == "CHECK",
            Refusal.order: ORDER.fullmatch(fields.get("MNT_TRANSACTION_ID", "")),
            Refusal.operation: OPERATION.fullmatch(operation) or (may_lack and not operation),
            Refusal.amount: AMOUNT.fullmatch(amount) or (may_lack and not amount),
        }
        return next((refusal for refusal, is_fine in holds.items() if not is_fine), None)


def _api(settings: MonetaSettings) -> MerchantApi:
    return MerchantApi(
        MerchantSettings(
            url=settings.api_url,
            user=settings.api_user,
            password=settings.api_password,
            account_id=settings.account_id,
        )
    )


def _ways_back(order: PaymentOrder) -> dict[str, str]:
    return {
        "MNT_SUCCESS_URL": order.success_url,
        "MNT_INPROGRESS_URL": order.in_progress_url,
        "MNT_FAIL_URL": order.fail_url,
        "MNT_RETURN_URL": order.return_url,
        "moneta.locale": order.locale,
    }


def _unrepeated(values: Values) -> dict[str, str]:
    fields = dict(values)
    reason = None
    if len(fields) < len(values):
        reason = Refusal.repeated
    elif any(len(fields.get(name, "")) > LONGEST_VALUE for name in SIGNED_FIELDS["check"]):
        reason = Refusal.oversized
    if reason:
        raise MalformedNotification(reason, _kept(fields))
    return fields


def _kept(fields: Fields) -> dict[str, str]:
    return {name: _clip(fields[name], LONGEST_KEPT) for name in SIGNED_FIELDS["check"] if name in fields}


def _claims(fields: Fields) -> dict[str, str]:
    """Only the known ones; of a card's number what may be shown, whatever the gateway sends."""
    claims = {name: _clip(fields[name]) for name in CLAIMS if fields.get(name)}
    if "cardnumber" in claims:
        claims["cardnumber"] = shown_digits(claims["cardnumber"])
    return claims


def _clip(value: str, longest: int = LONGEST_VALUE) -> str:
    return value[:longest].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _known_shape(order: str) -> str:
    """Only our own numbers are ever signed, or a check would make digests to anybody's order."""
    if not ORDER.fullmatch(order):
        raise ValueError("Not an order number of this utility")
    return order


def _amount_text(amount: Decimal) -> str:
    text = f"{amount:.2f}"
    if not AMOUNT.fullmatch(text) or Decimal(text) != amount or not amount:
        raise ValueError("An amount is a positive sum in roubles and whole kopecks")
    return text
