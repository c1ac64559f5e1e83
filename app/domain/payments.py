"""Payments: the machine of their states, and the one function that turns a gateway's word into money.

`apply_event` is the only writer of what comes from outside: it locks the payment, keeps the event, moves the state
and, when paid, posts the ledger and gives the receipt, all in the caller's transaction. The rules are payments.md's.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..gateways.base import CheckResult, Gateway, Refusal
from ..i18n import _
from ..models import (
    Account,
    EntryKind,
    GatewayEvent,
    GatewayOperation,
    Payee,
    PayerGroup,
    Payment,
    PaymentChannel,
    PaymentLine,
    PaymentType,
    Receipt,
)
from ..models import PaymentState as S
from ..queries import ledger as balances
from ..queries import payments as queries
from . import ledger, months, payment_alerts, receipts
from .allocation import allocate, spread, unpaid
from .errors import DomainError
from .gateway_words import ASKED_AFTER, Event, GatewayWord
from .payment_alerts import Misfit

LARGEST_LINE = Decimal("1000000.00")
SHORTEST_BASIS, LONGEST_BASIS = 3, 210
IN_THE_WAY = timedelta(minutes=15)
"""How long an unfinished payment stands in the way of another one for the same account."""
LIFETIME = timedelta(hours=1)
"""How long the gateway may still charge for a payment after its start."""
MOST_UNSIGNED = 1000
"""How many unsigned messages a day are kept: anybody may send them, and the log has a line for each."""

_SOFT_ENDS = (S.failed, S.canceled, S.expired)
_ASKED_ABOUT = (*queries.OPEN, S.canceled)
"""A payment that was given up may have been charged for all the same, when the gateway had checked it before."""
_MOVES = (
    (Event.reached, (S.created,), S.redirected),
    (Event.charging, (S.created, S.redirected), S.processing),
    (Event.paid, (*queries.OPEN, *_SOFT_ENDS, S.review), S.succeeded),
    (Event.canceled, queries.OPEN, S.canceled),
    (Event.expired, queries.OPEN, S.expired),
    (Event.doubted, (*queries.OPEN, *_SOFT_ENDS), S.review),
    (Event.reversed, (S.succeeded,), S.review),
)
TRANSITIONS = {(state, event): after for event, states, after in _MOVES for state in states}
"""(state, event) → the next state; a pair that is missing leaves the state as it is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a word led to. `receipt` is set when this very word paid the payment: a letter is due."""

    payment: Payment | None
    is_accepted: bool
    receipt: Receipt | None = None


class PaymentInProgress(DomainError):  # noqa: N818 - it tells, it does not fail
    """An unfinished payment of the same account must be finished or given up first."""

    def __init__(self, payment: Payment) -> None:
        super().__init__(_("You are already paying for this account: finish that payment or give it up first."))
        self.payment = payment


# the customer's side ------------------------------------------------------------------------------------


def check_order(session: Session, account: Account, lines: Mapping[int, Decimal], basis: str | None) -> None:
    """Raise DomainError unless these lines (service id → roubles) may be paid for the account."""
    foreign = lines.keys() - {service.id for service in queries.payable_services(session, account.id)}
    if not lines or foreign:
        raise DomainError(_("Enter the sum that you want to pay for at least one service."))
    for service_id, amount in lines.items():
        if not 0 < amount <= LARGEST_LINE:
            message = _("Enter a sum of more than zero and up to 1 000 000 roubles.")
            raise DomainError(message, field=f"wish-{service_id}")
    if account.payer_group is PayerGroup.other and not SHORTEST_BASIS <= len(basis or "") <= LONGEST_BASIS:
        raise DomainError(_("Write what the payment is for, in 3 to 210 characters."), field="basis")


def start(
    session: Session,
    *,
    account: Account,
    user_id: int,
    lines: Mapping[int, Decimal],
    payment_type: PaymentType,
    payee: Payee,
    basis: str | None,
    idempotency_key: str,
    gateway: Gateway,
) -> Payment:
    """Begin a card payment. The same key is the same payment, whatever else is asked.

    Raises DomainError for what `check_order` refuses and PaymentInProgress for a second payment within minutes.
    """
    queries.locked_account(session, account.id)
    known = queries.by_key(session, account.id, idempotency_key)
    if known is not None:
        return known
    check_order(session, account, lines, basis)
    unfinished = queries.open_since(session, account.id, clock.now() - IN_THE_WAY)
    if unfinished is not None:
        raise PaymentInProgress(unfinished)
    payment = _new_payment(account, PaymentChannel.card, sum(lines.values(), Decimal(0)), idempotency_key)
    payment.user_id, payment.basis = user_id, basis
    payment.payment_type_id, payment.payee_id = payment_type.id, payee.id
    payment.expires_at, payment.ask_at = payment.created_at + LIFETIME, payment.created_at + ASKED_AFTER[0]
    _add(session, payment, lines)
    payment.order_number = gateway.new_order_number(payment.id)
    return payment


def give_up(session: Session, payment_id: int) -> Payment | None:
    """The customer no longer wants to pay: the gateway will be told so when it asks. None for a hidden payment."""
    payment = queries.locked_payment(session, payment_id)
    if payment is not None:
        _move(payment, Event.canceled)
    return payment


def subscriber_of(payment: Payment) -> str:
    """The payer as the gateway knows it: stable, and nothing personal."""
    return f"payer-{payment.user_id}"


# the gateway's side -------------------------------------------------------------------------------------


def check(session: Session, asked: GatewayWord) -> tuple[CheckResult, Decimal | None]:
    """The answer to the gateway's question before it charges; the amount where it asked for it."""
    payment = queries.locked_by_order(session, asked.order)
    result = _answer(payment, asked)
    session.add(_kept(asked, payment, result.value if result is CheckResult.refused else ""))
    if payment is not None and result in (CheckResult.payable, CheckResult.amount):
        _move(payment, Event.reached)
        return result, payment.amount if result is CheckResult.amount else None
    return result, None


def _answer(payment: Payment | None, asked: GatewayWord) -> CheckResult:
    if payment is None or asked.subscriber != subscriber_of(payment):
        return CheckResult.refused
    if payment.state is S.succeeded:
        return CheckResult.paid
    if payment.state is S.review:
        return CheckResult.processing
    is_over = payment.expires_at is not None and payment.expires_at < clock.now()
    if payment.state in _SOFT_ENDS or is_over or asked.amount not in (None, payment.amount):
        return CheckResult.refused
    return CheckResult.amount if asked.amount is None else CheckResult.payable


def apply_event(session: Session, word: GatewayWord) -> Outcome:
    """Take in what a gateway said. A word that does not fit is kept, alerted, and posts nothing."""
    payment = queries.locked_by_order(session, word.order)
    if word.event is Event.refused or _is_own_form(payment, word):
        _keep_unsigned(session, payment, word)
        return Outcome(payment, is_accepted=False)
    counted = queries.operation(session, word.gateway, word.operation_id)
    if word.event is Event.reversed and not _is_of(payment, counted, word):
        word = replace(word, event=Event.noted)
    reason = word.reason or _misfit(payment, counted, word)
    session.add(_kept(word, payment, reason))
    if payment is None:
        return Outcome(None, is_accepted=False)
    event = Event.doubted if reason and not word.reason else word.event
    if event is Event.paid:
        return Outcome(payment, is_accepted=True) if counted else _count(session, payment, word)
    alert = event.value if event in (Event.reversed, Event.noted) else None
    _move(payment, event, alert=reason or alert)
    return Outcome(payment, is_accepted=not reason)


def put_off(session: Session, payment_id: int) -> None:
    """The gateway was asked about the payment: say when to ask next. Each is asked in its turn, so none waits for
    ever behind those that the gateway says nothing of."""
    payment = queries.locked_payment(session, payment_id)
    if payment is not None and payment.ask_at is not None:
        turns = [payment.created_at + after for after in ASKED_AFTER]
        payment.ask_at = next((turn for turn in turns if turn > clock.now()), None)


def _is_own_form(payment: Payment | None, word: GatewayWord) -> bool:
    """Whether what was signed is the payment's own form: the customer holds its signature, and nothing separates the
    fields, so that its signs can be moved from one to another."""
    if payment is None:
        return False
    form = f"{payment.order_number}{payment.amount:.2f}RUB{subscriber_of(payment)}{int(word.is_test)}"
    return word.signed_text == form


def _keep_unsigned(session: Session, payment: Payment | None, word: GatewayWord) -> None:
    """It moves and alarms nothing."""
    if not queries.has_unsigned(session, clock.now() - timedelta(days=1), MOST_UNSIGNED):
        session.add(_kept(word, payment, word.reason if word.event is Event.refused else Refusal.signature))


def _is_of(payment: Payment | None, counted: GatewayOperation | None, word: GatewayWord) -> bool:
    """Whether the word names an operation that was counted for the payment, and its very amount."""
    is_ours = counted is not None and payment is not None and counted.payment_id == payment.id
    return is_ours and counted is not None and counted.amount == word.amount


def _misfit(payment: Payment | None, counted: GatewayOperation | None, word: GatewayWord) -> str:
    if payment is None:
        return Misfit.order
    if word.event is not Event.paid:
        return ""
    misfits = {
        Misfit.amount: word.amount != payment.amount,
        Misfit.currency: word.currency != "RUB",
        Misfit.subscriber: word.subscriber != subscriber_of(payment),
        Misfit.operation: counted is not None and counted.payment_id != payment.id,
    }
    return next((misfit for misfit, is_found in misfits.items() if is_found), "")


def _count(session: Session, payment: Payment, word: GatewayWord) -> Outcome:
    """Real money of a new operation: the first pays the payment, a further one is an advance for staff to look at."""
    is_first = not queries.has_operation(session, payment.id)
    session.add(
        GatewayOperation(
            gateway=word.gateway,
            operation=word.operation_id,
            payment_id=payment.id,
            account_id=payment.account_id,
            amount=payment.amount,
            counted_at=clock.now(),
        )
    )
    lines = queries.lines_of(session, payment.id)
    by_service = {line.service_id: line.amount for line in lines}
    parts = allocate(by_service, unpaid(queries.movements(session, payment.account_id)))
    if not is_first:
        _post(session, payment, by_service, clock.now(), source=f"payment:{payment.id}:{word.operation_id}")
        _move(payment, Event.noted, alert="second")
        return Outcome(payment, is_accepted=True)
    _move(payment, Event.paid, alert="late" if payment.state in _SOFT_ENDS else None)
    payment.paid_at = payment.changed_at
    _post(session, payment, by_service, payment.paid_at, source=f"payment:{payment.id}")
    receipt = receipts.issue(session, payment, lines, parts, operation=word.operation_id, is_test=word.is_test)
    return Outcome(payment, is_accepted=True, receipt=receipt)


# money that comes through a bank ------------------------------------------------------------------------


def record_bank_payment(
    session: Session, *, account: Account, amount: Decimal, paid_at: datetime, operation: str, source: str
) -> Payment:
    """Post a line of a bank's registry: debts of the services in proportion, the surplus an advance of the first.

    The same (source, operation) is the same payment. No receipt: the bank gave its own. Raises DomainError for an
    account without services.
    """
    key = hashlib.sha256(f"bank:{source}:{operation}".encode()).hexdigest()
    known = queries.by_key(session, account.id, key)
    if known is not None:
        return known
    lines = lines_for(session, account.id, amount)
    payment = _new_payment(account, PaymentChannel.bank, amount, key)
    payment.payment_type_id, payment.payee_id = queries.payment_type(session).id, queries.payee(session).id
    _move(payment, Event.paid)
    payment.paid_at = paid_at
    _add(session, payment, lines)
    _post(session, payment, lines, paid_at, source=f"payment:{payment.id}")
    return payment


def lines_for(session: Session, account_id: int, amount: Decimal) -> dict[int, Decimal]:
    """The lines of money that names no service (`allocation.spread`). Raises DomainError without services."""
    due = [(service.id, balance) for service, balance in balances.balances(session, account_id)]
    if not due:
        raise DomainError(_("This account has no services that could be paid for. Call us."))
    return spread(amount, due)


# inside -------------------------------------------------------------------------------------------------


def _new_payment(account: Account, channel: PaymentChannel, amount: Decimal, key: str) -> Payment:
    now = clock.now()
    return Payment(
        account_id=account.id,
        channel=channel,
        state=S.created,
        amount=amount,
        status_token=secrets.token_urlsafe(32),
        idempotency_key=key,
        created_at=now,
        changed_at=now,
    )


def _add(session: Session, payment: Payment, lines: Mapping[int, Decimal]) -> None:
    session.add(payment)
    session.flush()
    session.add_all(
        PaymentLine(payment_id=payment.id, service_id=service_id, account_id=payment.account_id, amount=amount)
        for service_id, amount in lines.items()
    )


def _move(payment: Payment, event: Event, *, alert: str | None = None) -> None:
    payment.state = TRANSITIONS.get((payment.state, event), payment.state)
    payment.changed_at = clock.now()
    if payment.state not in _ASKED_ABOUT:
        payment.ask_at = None
    if alert:
        payment.alert = payment_alerts.joined(payment.alert, alert)


def _post(session: Session, payment: Payment, lines: Mapping[int, Decimal], paid_at: datetime, *, source: str) -> None:
    period = _period(session, payment, paid_at)
    for service_id, amount in lines.items():
        ledger.post(
            session,
            account_id=payment.account_id,
            service_id=service_id,
            period=period,
            kind=EntryKind.payment,
            amount=-amount,
            source=f"{source}:{service_id}",
        )


def _period(session: Session, payment: Payment, paid_at: datetime) -> date:
    group = session.get_one(Account, payment.account_id).payer_group
    return months.month_for(session, group, clock.month(paid_at))


def _kept(word: GatewayWord, payment: Payment | None, reason: str) -> GatewayEvent:
    return GatewayEvent(
        gateway=word.gateway,
        kind=word.kind,
        payment_id=payment.id if payment is not None else None,
        order_number=word.order[:64],
        is_accepted=not reason,
        reason=reason,
        payload=dict(word.payload),
        received_at=clock.now(),
    )
