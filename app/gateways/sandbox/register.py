"""The payments that this process knows, in its memory: one process serves them all and a restart forgets them."""

import secrets
from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that paid once and may pay again for the same subscriber."""

    card: Card
    subscriber: str


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
    """An order with what has been tried for it, an operation for each card. Whoever changes it holds `lock`."""

    token: str
    order: Order
    saved: SavedCard | None = None
    attempt: Attempt | None = None
    decline: Decline | None = None
    facts: list[OperationFact] = field(default_factory=list)
    is_reported: bool = False
    lock: Lock = field(default_factory=Lock)

    @property
    def fact(self) -> OperationFact | None:
        return self.facts[-1] if self.facts else None

    @property
    def is_paid(self) -> bool:
        return self.fact is not None and self.fact.status == OperationStatus.succeeded

    def begin(self, card: Card, new_operation_id: Callable[[], str]) -> None:
        """Start an attempt: in the operation that waits for its first card, else in a new one. One that was left at
        its code is over."""
        operation_id = ""
        if self.fact and self.fact.status == OperationStatus.in_progress:
            if self.fact.card:
                self.end(Decline.expired_code)
            else:
                operation_id = self.facts.pop().operation_id
        operation_id = operation_id or new_operation_id()
        code = f"{secrets.randbelow(10**6):06d}"
        self.attempt = Attempt(card, operation_id, code, clock.now() + CODE_LIFETIME)
        self.decline = None
        self.add_operation(operation_id, card=card.mask)

    def add_operation(self, operation_id: str, *, card: str = "") -> None:
        self.facts.append(
            OperationFact(
                operation_id=operation_id,
                order=self.order.number,
                status=OperationStatus.in_progress,
                amount=Decimal(self.order.amount),
                currency=self.order.currency,
                subscriber=self.order.subscriber,
                card=card,
                changed_at=clock.now(),
            )
        )

    def end(self, decline: Decline | None) -> None:
        """Close the attempt: canceled for a reason, or succeeded when there is none."""
        self.attempt = None
        self.decline = decline
        if self.facts:
            status = OperationStatus.canceled if decline else OperationStatus.succeeded
            self.facts[-1] = replace(self.facts[-1], status=status, changed_at=clock.now())


class RefundRefusedError(Exception):
    """There is no such money to give back."""


class Register:
    def __init__(self) -> None:
        self._lock = Lock()
        self._payments: dict[str, Payment] = {}
        self._by_form: dict[tuple[str, ...], Payment] = {}
        self._saved: dict[str, SavedCard] = {}
        self._refunds: dict[str, list[OperationFact]] = {}  # by the operation that is given back
        self._last_operation = 0

    def open(self, order: Order) -> Payment:
        """The payment of this very form: a repeated one meets what has been done already. Its language and its
        addresses are those of the last time."""
        with self._lock:
            known = self._by_form.get(order.signed)
            if known:
                known.order = order
                return known
            return self._add(order)

    def open_saved(self, order: Order, token: str) -> str | None:
        """Begin the operation of a saved card; its number. None for a card that is not this subscriber's."""
        with self._lock:
            saved = self._saved.get(token)
            if saved is None or saved.subscriber != order.subscriber:
                return None
            payment = self._by_form.get(order.signed) or self._add(order)
            if payment.fact is None:
                payment.saved = saved
                payment.add_operation(self._new_operation_id())
            assert payment.fact
            return payment.fact.operation_id

    def _add(self, order: Order) -> Payment:
        payment = Payment(secrets.token_urlsafe(24), order)
        self._payments[payment.token] = self._by_form[order.signed] = payment
        if len(self._payments) > MOST_PAYMENTS:
            oldest = self._payments.pop(next(iter(self._payments)))
            del self._by_form[oldest.order.signed]
        return payment

    def get(self, token: str) -> Payment | None:
        return self._payments.get(token)

    def of_operation(self, operation_id: str) -> Payment | None:
        with self._lock:
            mine = (each for each in self._payments.values() if operation_id in _operations(each))
            return next(mine, None)

    def last(self, most: int) -> list[Payment]:
        """The newest payments that a card was tried for."""
        with self._lock:
            return [payment for payment in reversed(self._payments.values()) if payment.facts][:most]

    def new_operation_id(self) -> str:
        with self._lock:
            return self._new_operation_id()

    def _new_operation_id(self) -> str:
        """Milliseconds of the clock, so that a restart does not go back; never the same twice."""
        self._last_operation = max(self._last_operation + 1, int(clock.now().timestamp() * 1000))
        return str(self._last_operation)

    def save(self, token: str, card: Card, subscriber: str) -> None:
        with self._lock:
            self._saved[token] = SavedCard(card, subscriber)

    def facts(self) -> list[OperationFact]:
        """Every operation, refunds too, oldest first."""
        with self._lock:
            paid = [fact for payment in self._payments.values() for fact in _settled(payment)]
            back = [fact for refunds in self._refunds.values() for fact in refunds]
        return sorted(paid + back, key=lambda fact: int(fact.operation_id))

    def refund(self, operation_id: str, amount: Decimal, number: str) -> OperationFact:
        """Give money back. Raises RefundRefusedError for more than there is."""
        paid = next((fact for fact in self.facts() if fact.operation_id == operation_id), None)
        if paid is None or paid.is_refund or paid.status != OperationStatus.succeeded:
            raise RefundRefusedError
        with self._lock:
            before = self._refunds.setdefault(operation_id, [])
            if not 0 < amount <= paid.amount - sum((fact.amount for fact in before), Decimal(0)):
                raise RefundRefusedError
            fact = replace(
                paid,
                operation_id=self._new_operation_id(),
                order=number,
                amount=amount,
                is_refund=True,
                changed_at=clock.now(),
            )
            before.append(fact)
            return fact


def _operations(payment: Payment) -> set[str]:
    return {fact.operation_id for fact in payment.facts}


def _settled(payment: Payment) -> list[OperationFact]:
    """An attempt that was left to expire is a canceled operation."""
    facts, attempt = list(payment.facts), payment.attempt
    if facts and attempt and attempt.is_expired:
        facts[-1] = replace(facts[-1], status=OperationStatus.canceled)
    return facts
