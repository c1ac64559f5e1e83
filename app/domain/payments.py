"""Payments: how one begins, and the one function that turns a gateway's word into money.

`apply_event` is the only writer of what comes from outside: it locks the payment, keeps the event, moves the state
and, when paid, posts the ledger and gives the receipt, all in the caller's transaction. The table of states is that of
`payment_states`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..gateways.base import CheckResult, Gateway, Refusal
from ..i18n import _
from ..models import (
    Account,
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
from ..queries import request_payments, requests
from . import (
    cards,
    free_text,
    payment_ledger,
    payment_limits,
    payment_states,
    payment_types,
    receipts,
    request_prices,
)
from .allocation import allocate, spread, unpaid
from .cards import ANOTHER_CARD, CardWish
from .errors import DomainError
from .gateway_words import OPERATOR, GatewayWord
from .payment_alerts import Misfit
from .payment_states import SOFT_ENDS, Event, move
from .payment_types import Passport

IN_THE_WAY = timedelta(minutes=15)
"""How long an unfinished payment stands in the way of another one for the same account."""
LIFETIME = timedelta(hours=1)
"""How long the gateway may still charge for a payment after its start."""
MOST_REFUSED = 1000
"""How many messages a day are kept that are not signed, and how many that name no payment; the log tells of each."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a word led to. `receipt` is set when this very word paid the payment: a letter is due. `waits` for a second
    person to say the same."""

    payment: Payment | None
    is_accepted: bool
    receipt: Receipt | None = None
    waits: bool = False


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
        payment_types.check_amount(amount, field=f"wish-{service_id}")
    largest = max(lines, key=lambda service_id: lines[service_id])
    payment_limits.check_ahead(session, account.id, sum(lines.values(), Decimal(0)), field=f"wish-{largest}")
    if account.payer_group is PayerGroup.other:
        payment_types.check_basis(basis)


def _check_water(
    session: Session, account: Account, lines: Mapping[int, Decimal], payment_type: PaymentType, basis: str | None
) -> None:
    check_order(session, account, lines, basis)
    if not payment_type.pays_services:
        raise DomainError(_("This payee takes no payments here any more. Choose another one."))


def check_other(session: Session, payment_type: PaymentType, payee: Payee, amount: Decimal, basis: str | None) -> None:
    """Raise DomainError unless this may be paid to a payee for something else than the account's water."""
    if payment_type.pays_services or payment_types.receiver(session, payment_type.code, payee.id) is None:
        raise DomainError(_("This payee takes no payments here any more. Choose another one."))
    payment_types.check_amount(amount)
    payment_types.check_basis(basis)


def start(
    session: Session,
    *,
    account: Account,
    user_id: int | None,
    lines: Mapping[int, Decimal],
    payment_type: PaymentType,
    payee: Payee,
    basis: str | None,
    idempotency_key: str,
    gateway: Gateway,
    amount: Decimal | None = None,
    card: CardWish = ANOTHER_CARD,
    passport: Passport | None = None,
    request_id: int | None = None,
) -> Payment:
    """Begin a card payment. The same key is the same payment, whatever else is asked.

    Water is paid by `lines`, everything else by `amount`; `request_id` is the service request that is paid for.
    `user_id` is None for whoever pays without signing in.
    A payment with a saved card is not on its way yet: `card_charges.charge` must follow.
    Raises DomainError for what `check_order` or `check_other` refuses, CardRefused for a saved card that may not pay
    this, and PaymentInProgress for a second payment of the same kind within minutes.
    """
    if request_id is not None:  # held before the account, as by whoever sends files with it
        requests.locked(session, request_id)
    if queries.locked_account(session, account.id) is None:
        raise DomainError(_("This account is not in your cabinet any more."))
    known = queries.by_key(session, account.id, idempotency_key)
    if known is not None:
        return known
    if amount is not None:
        check_other(session, payment_type, payee, amount, basis)
    else:
        _check_water(session, account, lines, payment_type, basis)
    payment_limits.check_starts(session, account, user_id)
    _check_is_only_one(session, account, payment_type, amount, request_id)
    whole = sum(lines.values(), Decimal(0)) if amount is None else amount
    payment = _new_payment(account, PaymentChannel.card, whole, idempotency_key)
    payment.user_id, payment.basis = user_id, basis
    payment.payment_type_id, payment.payee_id = payment_type.id, payee.id
    payment.payer_document = payment_types.document(payee, passport)
    payment.subscriber = f"payer-{user_id}" if user_id is not None else f"guest-{secrets.token_hex(8)}"
    payment.expires_at, payment.ask_at = payment.created_at + LIFETIME, payment_states.next_turn(payment)
    cards.settle(session, payment, card)
    _add(session, payment, {} if amount is not None else lines)
    if request_id is not None:
        request_prices.tie(session, payment, request_id)
    payment.order_number = gateway.new_order_number(payment.id)
    return payment


def _check_is_only_one(
    session: Session, account: Account, payment_type: PaymentType, amount: Decimal | None, request_id: int | None
) -> None:
    """Raise PaymentInProgress beside an unfinished payment, DomainError for a request that is paid for already."""
    if request_id is not None:
        request_prices.check_unpaid(session, request_id, account, amount)
    unfinished = queries.open_since(session, account.id, payment_type.id, clock.now() - IN_THE_WAY)
    if unfinished is None and request_id is not None:
        unfinished = request_payments.under_way(session, request_id)
    if unfinished is not None:
        raise PaymentInProgress(unfinished)


def give_up(session: Session, payment_id: int) -> Payment | None:
    """The customer no longer wants to pay: the gateway will be told so when it asks. None for a hidden payment."""
    payment = queries.locked_payment(session, payment_id)
    if payment is not None:
        move(payment, Event.given_up)
    return payment


def subscriber_of(payment: Payment) -> str:
    """The payer as the gateway knows it: the same for all payments of a user, and nothing personal."""
    return payment.subscriber or f"payer-{payment.user_id}"


# the gateway's side -------------------------------------------------------------------------------------


def check(session: Session, asked: GatewayWord) -> tuple[CheckResult, Decimal | None]:
    """The answer to the gateway's question before it charges; the amount where it asked for it."""
    payment = queries.locked_by_order(session, asked.order)
    result = _answer(session, payment, asked)
    _keep(session, payment, asked, result.value if result is CheckResult.refused else "")
    if payment is not None and result in (CheckResult.payable, CheckResult.amount):
        move(payment, Event.reached)
        return result, payment.amount if result is CheckResult.amount else None
    return result, None


def _answer(session: Session, payment: Payment | None, asked: GatewayWord) -> CheckResult:
    if payment is None or asked.subscriber != subscriber_of(payment):
        return CheckResult.refused
    if payment.state is S.succeeded:
        return CheckResult.paid
    if payment.state is S.review:
        return CheckResult.processing
    is_over = payment.expires_at is not None and payment.expires_at < clock.now()
    if payment.state in SOFT_ENDS or is_over or asked.amount not in (None, payment.amount):
        return CheckResult.refused
    if not cards.may_go_on(session, payment) or request_payments.is_paid_by_another(session, payment.id):
        return CheckResult.refused
    return CheckResult.amount if asked.amount is None else CheckResult.payable


def apply_event(session: Session, word: GatewayWord) -> Outcome:
    """Take in what a gateway said. A word that does not fit is kept, alerted, and posts nothing."""
    payment = queries.locked_by_order(session, word.order)
    if word.event is Event.refused or _is_own_form(payment, word):
        _keep(session, payment, word, word.reason if word.event is Event.refused else Refusal.signature)
        return Outcome(payment, is_accepted=False)
    counted = queries.operation(session, word.gateway, word.operation_id)
    if word.event is Event.reversed and not _is_of(payment, counted, word):
        word = replace(word, event=Event.noted)
    reason = word.reason or misfit(payment, counted, word)
    _keep(session, payment, word, reason)
    if payment is None:
        return Outcome(None, is_accepted=False)
    event = Event.doubted if reason and not word.reason else word.event
    if event is Event.paid and counted is None:
        return _count(session, payment, word)
    if event is Event.paid and word.kind != OPERATOR:
        if counted is not None and counted.reversed_at is not None:
            move(payment, Event.doubted, alert="returned")
        return Outcome(payment, is_accepted=True)
    if event is Event.dismissed:
        payment_ledger.reverse(session, payment, reason=word.payload["reason"])
    if event is Event.paid and counted is not None and counted.reversed_at is not None:
        payment_ledger.restore(session, payment, counted)
    alert = event.value if event in (Event.reversed, Event.noted) else None
    move(payment, event, alert=reason or alert)
    if word.is_unsettled and payment.ask_at is not None:
        payment.ask_at = clock.now()
    return Outcome(payment, is_accepted=not reason)


def check_reason(reason: str) -> None:
    """What a member of staff writes down beside the decision. Raises DomainError (field `reason`)."""
    if not payment_types.SHORTEST_BASIS <= len(reason) <= payment_types.LONGEST_BASIS:
        raise DomainError(_("Write why, in 3 to 210 characters."), field="reason")
    free_text.check_line(reason, field="reason")


def put_off(session: Session, payment_id: int) -> None:
    """The gateway was asked about the payment: say when to ask next. Each is asked in its turn, so none waits for
    ever behind those that the gateway says nothing of."""
    payment = queries.locked_payment(session, payment_id)
    if payment is not None and payment.ask_at is not None:
        payment.ask_at = payment_states.next_turn(payment)


def _is_own_form(payment: Payment | None, word: GatewayWord) -> bool:
    """Whether what was signed is the payment's own form: the customer holds its signature, and nothing separates the
    fields, so that its signs can be moved from one to another."""
    if payment is None:
        return False
    form = f"{payment.order_number}{payment.amount:.2f}RUB{subscriber_of(payment)}{int(word.is_test)}"
    return word.signed_text == form


def _keep(session: Session, payment: Payment | None, word: GatewayWord, reason: str) -> None:
    """What proves no sender, and what names no payment, is kept up to a number a day."""
    kept = _kept(word, payment, reason)
    for many in (queries.UNSIGNED, queries.OF_NO_PAYMENT):
        is_one = kept.reason in many
        if is_one and queries.has_refused(session, many, clock.now() - timedelta(days=1), MOST_REFUSED):
            return
    session.add(kept)


def _is_of(payment: Payment | None, counted: GatewayOperation | None, word: GatewayWord) -> bool:
    """Whether the word names an operation that stands counted for the payment, and its very amount."""
    if counted is None or payment is None or counted.reversed_at is not None:
        return False
    return (counted.payment_id, counted.amount) == (payment.id, word.amount)


def misfit(payment: Payment | None, counted: GatewayOperation | None, word: GatewayWord) -> str:
    """Why a word of money does not fit the payment that it names; empty where it fits."""
    if payment is None:
        return Misfit.order
    if word.event is not Event.paid:
        return ""
    misfits = {
        Misfit.amount: word.amount != payment.amount,
        Misfit.currency: word.currency != "RUB",
        Misfit.subscriber: word.subscriber not in (None, subscriber_of(payment)),
        Misfit.operation: counted is not None and counted.payment_id != payment.id,
    }
    return next((misfit for misfit, is_found in misfits.items() if is_found), "")


def _count(session: Session, payment: Payment, word: GatewayWord) -> Outcome:
    """Real money of a new operation: the first pays the payment, one beside it is an advance for staff to look at.
    Where the earlier ones were reversed it pays the payment anew, whose receipt is given already."""
    earlier = queries.operations(session, payment.id)
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
    if earlier:
        source = f"payment:{payment.id}:{word.operation_id}"
        payment_ledger.post(session, payment, by_service, clock.now(), source=source)
        is_beside = any(each.reversed_at is None for each in earlier)
        move(payment, Event.noted if is_beside else Event.paid, alert="second" if is_beside else "late")
        return Outcome(payment, is_accepted=True)
    parts = allocate(by_service, unpaid(queries.movements(session, payment.account_id)))
    alerts = ["late"] if payment.state in SOFT_ENDS else []
    alerts += ["twice"] if request_payments.is_paid_by_another(session, payment.id) else []
    alerts += ["withdrawn"] if request_payments.is_withdrawn(session, payment.id) else []
    move(payment, Event.paid, alert=" ".join(alerts) or None)
    payment.paid_at = payment.changed_at
    payment_ledger.post(session, payment, by_service, payment.paid_at, source=f"payment:{payment.id}")
    receipt = receipts.issue(session, payment, lines, parts, operation=word.operation_id, is_test=word.is_test)
    cards.keep(session, payment, gateway=word.gateway, token=word.token, number=word.card)
    return Outcome(payment, is_accepted=True, receipt=receipt)


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


def _kept(word: GatewayWord, payment: Payment | None, reason: str) -> GatewayEvent:
    if payment is None and reason not in queries.UNSIGNED:
        reason = Misfit.order
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
