"""The payments that this process knows, in its memory: one process serves them all and a restart forgets them."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from threading import Lock

from app import clock
from app.gateways.base import OperationFact, OperationStatus
from app.gateways.sandbox.cards import Card

CODE_LIFETIME = timedelta(minutes=5)
TRIES = 3
MOST_PAYMENTS = 10_000


class Decline(StrEnum):
    """Why nothing was charged."""

    no_secure_code = "no_secure_code"
    wrong_code = "wrong_code"
    expired_code = "expired_code"
    no_money = "no_money"
    not_payable = "not_payable"
    already_paid = "already_paid"
    processing = "processing"
    no_answer = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The payment form, checked. Values are strings as received: they are signed again as they are."""

    number: str
    amount: str
    currency: str
    subscriber: str
    test_mode: str
    description: str
    locale: str
    success_url: str
    in_progress_url: str
    fail_url: str
    return_url: str

    @property
    def signed(self) -> tuple[str, ...]:
        """What the form's signature binds; the rest whoever holds the form may change."""
        return self.number, self.amount, self.currency, self.subscriber, self.test_mode


@dataclass(slots=True)
class Attempt:
    """A card waiting for its 3-D Secure code. The card is a line of the table of test cards."""

    card: Card
    operation_id: str
    code: str
    expires_at: datetime
    tries_left: int = TRIES

    @property
    def is_expired(self) -> bool:
        return clock.now() >= self.expires_at


@dataclass(slots=True)
class Payment:
    """An order with what has been tried for it. Whoever changes it holds `lock`."""

    token: str
    order: Order
    attempt: Attempt | None = None
    decline: Decline | None = None
    fact: OperationFact | None = None
    is_reported: bool = False
    lock: Lock = field(default_factory=Lock)

    @property
    def is_paid(self) -> bool:
        return self.fact is not None and self.fact.status == OperationStatus.succeeded

    def begin(self, card: Card, operation_id: str) -> None:
        code = f"{secrets.randbelow(10**6):06d}"
        self.attempt = Attempt(card, operation_id, code, clock.now() + CODE_LIFETIME)
        self.decline = None
        self.fact = OperationFact(
            operation_id=operation_id,
            order=self.order.number,
            status=OperationStatus.in_progress,
            amount=Decimal(self.order.amount),
            currency=self.order.currency,
            subscriber=self.order.subscriber,
        )

    def end(self, decline: Decline | None) -> None:
        """Close the attempt: canceled for a reason, or succeeded when there is none."""
        self.attempt = None
        self.decline = decline
        if self.fact:
            status = OperationStatus.canceled if decline else OperationStatus.succeeded
            self.fact = replace(self.fact, status=status)


class Register:
    def __init__(self) -> None:
        self._lock = Lock()
        self._payments: dict[str, Payment] = {}
        self._by_form: dict[tuple[str, ...], Payment] = {}
        self._last_operation = 0

    def open(self, order: Order) -> Payment:
        """The payment of this very form: a repeated one meets what has been done already. Its language and its
        addresses are those of the last time."""
        with self._lock:
            known = self._by_form.get(order.signed)
            if known:
                known.order = order
                return known
            payment = Payment(secrets.token_urlsafe(24), order)
            self._payments[payment.token] = self._by_form[order.signed] = payment
            if len(self._payments) > MOST_PAYMENTS:
                oldest = self._payments.pop(next(iter(self._payments)))
                del self._by_form[oldest.order.signed]
            return payment

    def get(self, token: str) -> Payment | None:
        return self._payments.get(token)

    def new_operation_id(self) -> str:
        """Milliseconds of the clock, so that a restart does not go back; never the same twice."""
        with self._lock:
            self._last_operation = max(self._last_operation + 1, int(clock.now().timestamp() * 1000))
            return str(self._last_operation)

    def fact(self, number: str) -> OperationFact | None:
        """What is known of an order: the operation that succeeded, or else the last one."""
        with self._lock:
            facts = [_settled(payment) for payment in self._payments.values() if payment.order.number == number]
        return max(
            (fact for fact in facts if fact),
            key=lambda fact: (fact.status == OperationStatus.succeeded, int(fact.operation_id)),
            default=None,
        )


def _settled(payment: Payment) -> OperationFact | None:
    """An attempt that was left to expire is a canceled operation."""
    fact, attempt = payment.fact, payment.attempt
    if fact and attempt and attempt.is_expired:
        return replace(fact, status=OperationStatus.canceled)
    return fact
