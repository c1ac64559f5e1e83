"""What the utility needs from a payment gateway, whichever it is. Knows neither Flask nor the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode

Values = Sequence[tuple[str, str]]
"""Parameters as received, in order and with repetitions: of the query or of the body, never of both."""

Reply = tuple[str, str]
"""A body and its content type; the status is 200."""


class NotificationKind(StrEnum):
    check = "check"
    pay = "pay"
    other = "other"


class CheckResult(StrEnum):
    """What the utility says of an order before the gateway charges for it."""

    payable = "payable"
    paid = "paid"
    processing = "processing"
    amount = "amount"
    refused = "refused"


class OperationStatus(StrEnum):
    in_progress = "in_progress"
    succeeded = "succeeded"
    canceled = "canceled"


class Refusal(StrEnum):
    """Why a notification is not believed."""

    repeated = "repeated"
    oversized = "oversized"
    signature = "signature"
    account = "account"
    test_mode = "test_mode"
    currency = "currency"
    command = "command"
    order = "order"
    operation = "operation"
    amount = "amount"


class GatewayError(Exception):
    """Anything that goes wrong between the utility and a gateway."""


class NoAnswerError(GatewayError):
    """The other side could not be reached, or answered with what is not an answer: nothing is known."""


class RequestRefused(GatewayError):  # noqa: N818
    """The gateway says no, for good: what was asked for is not done and will not be done. `code` is the gateway's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotificationRefused(GatewayError):  # noqa: N818
    """A notification that must change nothing; `claimed` is what it said of itself, clipped to be kept.

    `signed_text` as in `Notification`; empty where the signature fits nothing.
    """

    def __init__(self, reason: Refusal, claimed: Mapping[str, str], *, signed_text: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.claimed = dict(claimed)
        self.signed_text = signed_text

    @property
    def signed(self) -> bool:
        return bool(self.signed_text)


class SignatureRefused(NotificationRefused):
    """Not signed with any of the accepted codes: anybody may have sent it."""


class MalformedNotification(NotificationRefused):
    """Says what a true one cannot say; where it is signed all the same, a person should look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What the customer is sent to the gateway with. The amount is in roubles, with at most two decimals."""

    number: str
    amount: Decimal
    description: str
    subscriber: str
    success_url: str
    in_progress_url: str
    fail_url: str
    return_url: str
    currency: str = "RUB"
    locale: str = "ru"


@dataclass(frozen=True, slots=True)
class RedirectForm:
    """How the browser leaves for the gateway: a form to post, or `location` to redirect to."""

    url: str
    method: str
    fields: Mapping[str, str]

    @property
    def location(self) -> str:
        return f"{self.url}?{urlencode(self.fields)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message whose signature and shape are right; whether it fits the order is still to be compared.

    A payment always has `amount` and `operation_id`; a check may lack both, another command either.
    `claims` are unsigned: to be shown, never to be acted on. `signed_text` is what the signature was made of, from the
    order's number on: a message of the same text as the payment's own form proves nothing.
    """

    kind: NotificationKind
    command: str
    order: str
    operation_id: str
    amount: Decimal | None
    currency: str
    subscriber: str
    test_mode: bool
    claims: Mapping[str, str]
    signed_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFact:
    """What the gateway itself answers about an operation. The amount is above zero, of a refund too.

    `order` is our own number of it: of a refund the refund's. `subscriber` is None and `card` empty where the gateway
    does not tell them; of a card's number it tells the first and the last digits at most.
    """

    operation_id: str
    order: str
    status: OperationStatus
    amount: Decimal
    currency: str
    subscriber: str | None = None
    card: str = ""
    is_refund: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """What goes back of an operation. `number` is ours, so that the refund can be found again; roubles."""

    number: str
    operation_id: str
    amount: Decimal
    description: str


class Gateway(Protocol):
    @property
    def name(self) -> str:
        """Under which its operations are counted: an operation's id is unique within it."""

    @property
    def is_test(self) -> bool:
        """Whether no real money moves."""

    @property
    def can_be_asked(self) -> bool:
        """Whether its own interface is known: without it the gateway's calls are all that is ever known, and nothing
        below `is_reachable` works (NoAnswerError)."""

    def new_order_number(self, sequence: int) -> str:
        """A number that nobody can guess, of the only shape that `parse` lets in."""

    def is_order(self, text: str) -> bool:
        """Whether this has the shape of our own order number."""

    def is_operation(self, text: str) -> bool:
        """Whether this has the shape of the number of an operation."""

    def payment_form(self, order: PaymentOrder) -> RedirectForm:
        """Raises ValueError for an amount or an order number that the gateway would not take."""

    def parse(self, kind: NotificationKind, values: Values) -> Notification | None:
        """Read what came to the check or the pay address; None when the gateway only tries the address.

        Raises SignatureRefused or MalformedNotification. The amount (to the kopeck), the currency and the
        subscriber must then be compared with the stored order: the signature alone does not bind them.
        """

    def check_reply(self, order: str, result: CheckResult, amount: Decimal | None = None) -> Reply:
        """The signed answer to a check that `parse` let in; `amount` is required for `CheckResult.amount`."""

    def pay_reply(self, accepted: bool) -> Reply:
        """The answer to any other notification; `accepted` only after the commit."""

    def is_reachable(self) -> bool:
        """Whether the page that customers are sent to answers; taken for granted where nothing can be asked."""

    def operation(self, operation_id: str) -> OperationFact | None:
        """None where the gateway has no such operation. Raises NoAnswerError."""

    def find(self, number: str, since: datetime) -> Sequence[OperationFact]:
        """The operations with our number, an order's or a refund's, from a day before a moment on; oldest first.
        Raises NoAnswerError."""

    def operations(self, since: datetime, until: datetime) -> Sequence[OperationFact]:
        """Every operation of the account between two moments, refunds too, for the register of a day; oldest first.
        Raises NoAnswerError."""

    def refund(self, refund: RefundOrder) -> OperationFact:
        """Send money back. Raises RequestRefused when it certainly does not go, NoAnswerError when nobody knows: then
        `find` tells, and it must not be asked for again."""

    def charge(self, order: PaymentOrder, token: str) -> str:
        """Begin the operation of a saved card; its number. The customer still has to confirm it (`card_page`).
        Raises as `refund` does."""

    def card_page(self, order: PaymentOrder, operation_id: str) -> str:
        """Where the customer confirms the operation of a saved card."""
