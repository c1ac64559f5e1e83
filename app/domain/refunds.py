"""Money that goes back to whoever paid by card: asked for with a reason, above a limit approved by another person.

    asked → sending → done | refused | unknown → done | refused

It is sent once. A gateway that did not answer is asked what came of it; the request is not repeated. Never more goes
back than came, also when several people ask at once: the payment's row is locked while it is counted.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..formats import money
from ..gateways.base import Gateway, NoAnswerError, OperationFact, OperationStatus, RefundOrder, RequestRefused
from ..i18n import _
from ..models import GatewayEvent, PaymentState, Receipt, Refund, RefundState
from ..queries import payments as payment_queries
from ..queries import refunds as queries
from ..queries import system
from . import payment_ledger, payments, receipts
from .errors import DomainError
from .money import split
from .payment_states import Event, move
from .runs import OpenTransaction

LIMIT = "refunds.limit"
BEING_SENT = timedelta(minutes=5)
"""A refund that has been `sending` for so long was left by a process that ended."""
NEVER_ARRIVED = timedelta(days=1)
"""A request that the gateway knows nothing of after this time will not come any more."""
MOST = 100
PREFIX = "RF-"
PEOPLE = "staff"
"""Who the event of a refund comes from, when it is not the gateway."""

Inform = Callable[[Session, Receipt], object]
"""What lets the payer know of the receipt of a refund, in the transaction that posts it."""


# people -------------------------------------------------------------------------------------------------


def ask(
    session: Session, payment_id: int, *, amount: Decimal, reason: str, user_id: int, known_id: int | None = None
) -> Refund:
    """Ask for a refund of a payment; the worker sends it, above the limit once it is approved. Raises DomainError.

    `known_id`: the newest refund of the payment that the person knew of, 0 for none. The same wish sent again is the
    refund that it made; where somebody else asked meanwhile, the person is told to look first.
    """
    payment = payment_queries.locked_payment(session, payment_id)
    if payment is None or payment.state is not PaymentState.succeeded:
        raise DomainError(_("Only money that was paid can go back."))
    newest = queries.newest(session, payment.id)
    if known_id is not None and newest is not None and newest.id > known_id:
        if (newest.amount, newest.reason, newest.asked_by_id) == (amount, reason, user_id):
            return newest
        raise DomainError(_("A refund of this payment was asked for meanwhile. Look at it, then ask again if need be."))
    payments.check_reason(reason)
    if amount <= 0:
        raise DomainError(_("Enter a sum of more than zero."), field="amount")
    left = queries.left_of(session, payment)
    operation = next((name for name, roubles in left if amount <= roubles), None)
    if operation is None:
        most = max((roubles for _name, roubles in left), default=Decimal(0))
        raise DomainError(_("No more than %(sum)s can go back.", sum=money(most)), field="amount")
    refund = Refund(
        account_id=payment.account_id,
        payment_id=payment.id,
        amount=amount,
        reason=reason,
        state=RefundState.asked,
        operation=operation,
        asked_by_id=user_id,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    session.add(refund)
    session.flush()
    _tell(session, refund, PEOPLE, user_id=str(user_id), reason=reason)
    return refund


def approve(session: Session, refund_id: int, *, user_id: int) -> Refund:
    """Raises DomainError for the person who asked, for a refund that does not wait any more, and for one whose money
    does not stand any more."""
    refund = _waiting(session, refund_id)
    if not _stands(session, refund):
        raise DomainError(_("The money of this refund was taken back since: decline it."))
    if refund.asked_by_id == user_id:
        raise DomainError(_("Another person has to approve it."))
    refund.approved_by_id, refund.changed_at = user_id, clock.now()
    _tell(session, refund, PEOPLE, user_id=str(user_id), approved="yes")
    return refund


def decline(session: Session, refund_id: int, *, user_id: int, reason: str) -> Refund:
    """Say no to a refund that waits, also to one's own. Raises DomainError."""
    refund = _waiting(session, refund_id)
    payments.check_reason(reason)
    _keep(session, refund, PEOPLE, RefundState.refused, user_id=str(user_id), reason=reason)
    return refund


def needs_approval(session: Session, refund: Refund) -> bool:
    return queries.is_waiting(session, refund.id, limit(session))


def limit(session: Session) -> Decimal:
    """Up to this sum of all refunds of a payment, in roubles, one person is enough."""
    return Decimal(system.settings(session)[LIMIT])


def number_of(refund: Refund) -> str:
    """What the gateway knows the refund by."""
    return f"{PREFIX}{refund.id:010d}"


def id_of(number: str) -> int | None:
    """The refund of such a number, if it may be one."""
    digits = number.removeprefix(PREFIX)
    is_one = number.startswith(PREFIX) and len(digits) == 10 and digits.isascii() and digits.isdigit()
    return int(digits) if is_one else None


def _waiting(session: Session, refund_id: int) -> Refund:
    refund = queries.locked(session, refund_id)
    if refund is None or refund.state is not RefundState.asked:
        raise DomainError(_("This refund does not wait any more."))
    return refund


def _stands(session: Session, refund: Refund) -> bool:
    """Whether the transfer that it is sent back of is still counted, and no more goes back of it than came."""
    left = dict(queries.left_of(session, refund.payment))
    return refund.payment.state is PaymentState.succeeded and left.get(refund.operation or "", Decimal(-1)) >= 0


# the worker ---------------------------------------------------------------------------------------------


def send_due(transaction: OpenTransaction, gateway: Gateway, inform: Inform) -> None:
    """Send what may be sent, and ask about what nobody knows the end of. Two at once do the same as one."""
    with transaction() as session:
        due = queries.to_send(session, limit(session), MOST)
        lost = queries.to_look_up(session, clock.now() - BEING_SENT, MOST)
    for refund_id in due:
        _send(transaction, gateway, refund_id, inform)
    for refund_id in lost:
        _look_up(transaction, gateway, refund_id, inform)


def _send(transaction: OpenTransaction, gateway: Gateway, refund_id: int, inform: Inform) -> None:
    with transaction() as session:
        refund = queries.locked(session, refund_id)
        if refund is None or refund.state is not RefundState.asked or needs_approval(session, refund):
            return
        if not _stands(session, refund):
            _keep(session, refund, PEOPLE, RefundState.refused)
            move(refund.payment, Event.noted, alert="refund")
            return
        refund.state = RefundState.sending
        refund.sent_at = refund.changed_at = clock.now()
        order = _order(refund)
    try:
        fact = gateway.refund(order)
    except RequestRefused as refusal:
        _settle(transaction, gateway, refund_id, inform, RefundState.refused, code=refusal.code)
    except NoAnswerError:
        _settle(transaction, gateway, refund_id, inform, RefundState.unknown)
    else:
        _settle(transaction, gateway, refund_id, inform, _state(fact), operation=fact.operation_id)


def _look_up(transaction: OpenTransaction, gateway: Gateway, refund_id: int, inform: Inform) -> None:
    with transaction() as session:
        refund = queries.locked(session, refund_id)
        if refund is None:
            return
        number, since = number_of(refund), refund.sent_at or refund.changed_at
    try:
        facts = [fact for fact in gateway.find(number, since) if fact.is_refund]
    except NoAnswerError:
        return
    if facts:
        _settle(transaction, gateway, refund_id, inform, _state(facts[-1]), operation=facts[-1].operation_id)
    elif since + NEVER_ARRIVED < clock.now():
        _settle(transaction, gateway, refund_id, inform, RefundState.refused, code="never arrived")
    else:
        _settle(transaction, gateway, refund_id, inform, RefundState.unknown)


def _order(refund: Refund) -> RefundOrder:
    assert refund.operation
    return RefundOrder(
        number=number_of(refund),
        operation_id=refund.operation,
        amount=refund.amount,
        description=_("Refund of the payment %(number)s", number=refund.payment.order_number or ""),
    )


def _state(fact: OperationFact) -> RefundState:
    states = {OperationStatus.succeeded: RefundState.done, OperationStatus.canceled: RefundState.refused}
    return states.get(fact.status, RefundState.unknown)


def _settle(
    transaction: OpenTransaction, gateway: Gateway, refund_id: int, inform: Inform, state: RefundState, **details: str
) -> None:
    """Keep what came of it; money that went back is owed again. An end that is known does not change any more."""
    with transaction() as session:
        refund = queries.locked(session, refund_id)
        if refund is None or refund.state not in (RefundState.sending, RefundState.unknown) or refund.state is state:
            return
        _keep(session, refund, gateway.name, state, **details)
        if state is RefundState.done:
            parts = _post(session, refund)
            inform(session, receipts.issue_return(session, refund, parts, is_test=gateway.is_test))


def _post(session: Session, refund: Refund) -> dict[int, Decimal]:
    """From the services in proportion to what still stands of the payment: service id → roubles."""
    standing = payment_ledger.standing(session, refund.payment)
    if not standing:
        return {}
    split_up = zip(standing, split(refund.amount, list(standing.values())), strict=True)
    parts = {service_id: amount for service_id, amount in split_up if amount}
    payment_ledger.take_back(session, refund.payment, parts, number=str(refund.id), reason=refund.reason)
    return parts


def _keep(session: Session, refund: Refund, who: str, state: RefundState, **details: str) -> None:
    """Move the refund and keep the event in the history of its payment."""
    refund.state, refund.changed_at = state, clock.now()
    _tell(session, refund, who, **details)


def _tell(session: Session, refund: Refund, who: str, **details: str) -> None:
    session.add(
        GatewayEvent(
            gateway=who,
            kind="refund",
            payment_id=refund.payment_id,
            order_number=number_of(refund),
            is_accepted=refund.state is not RefundState.refused,
            reason="",
            payload={"state": refund.state.value, "amount": str(refund.amount), **details},
            received_at=clock.now(),
        )
    )
