"""What a person decides about a payment in review, on the word of the gateway itself where it can be asked.

Where it cannot, nothing but the person's word is known: above a limit a second one must say the same.
"""

from sqlalchemy.orm import Session

from .. import clock
from ..gateways.base import Gateway, NoAnswerError, OperationFact, OperationStatus
from ..i18n import _
from ..models import GatewayEvent, Payment, PaymentState
from ..queries import payments as queries
from . import payments, refunds
from .errors import DomainError
from .gateway_words import OPERATOR, GatewayWord
from .payment_states import Event
from .payments import Outcome

PROPOSED = "proposed"
"""The kind of an event: one person's word, which waits for another's."""
OPERATION = "MNT_OPERATION_ID"


def asked(gateway: Gateway, operation_id: str | None) -> OperationFact | None:
    """What the gateway itself says of an operation, for `decide`; outside of a transaction. None where it knows no such
    operation, or cannot be asked. Raises DomainError while it does not answer."""
    if operation_id is None or not gateway.can_be_asked or not gateway.is_operation(operation_id):
        return None
    try:
        return gateway.operation(operation_id)
    except NoAnswerError as error:
        raise DomainError(
            _("The gateway gives no answer now. Ask again in a few minutes."), field="operation"
        ) from error


def decide(
    session: Session,
    payment_id: int,
    *,
    gateway: Gateway,
    user_id: int,
    reason: str,
    operation_id: str | None,
    fact: OperationFact | None = None,
) -> Outcome:
    """A person's word about a payment in review: the number of the gateway's operation that brought the money, with
    what the gateway says of it (`asked`), or None where there is none. What was posted for it is owed again then.
    Raises DomainError."""
    payment = queries.locked_payment(session, payment_id)
    if payment is None or payment.state is not PaymentState.review:
        raise DomainError(_("This payment does not wait for a decision any more."))
    payments.check_reason(reason)
    word = _word(gateway, payment, user_id, reason, operation_id)
    if operation_id is not None:
        _check(session, payment, gateway, word, fact)
        if not gateway.can_be_asked and _needs_another(session, payment, operation_id, user_id):
            session.add(_proposal(payment, word))
            return Outcome(payment, is_accepted=False, waits=True)
    payment.alert = None  # a person has looked
    return payments.apply_event(session, word)


def _word(gateway: Gateway, payment: Payment, user_id: int, reason: str, operation_id: str | None) -> GatewayWord:
    return GatewayWord(
        event=Event.dismissed if operation_id is None else Event.paid,
        gateway=gateway.name,
        kind=OPERATOR,
        order=payment.order_number or "",
        operation_id=operation_id or "",
        amount=payment.amount,
        currency="RUB",
        subscriber=None,
        is_test=gateway.is_test,
        payload={"user_id": str(user_id), "reason": reason, OPERATION: operation_id or ""},
    )


def _check(session: Session, payment: Payment, gateway: Gateway, word: GatewayWord, fact: OperationFact | None) -> None:
    """Raises DomainError (field `operation`) unless this operation may be counted for the payment."""
    number = word.operation_id
    if not gateway.is_operation(number):
        raise DomainError(_("Enter the number of the gateway's operation: 4 to 20 digits."), field="operation")
    if payments.misfit(payment, queries.operation(session, word.gateway, number), word):
        raise DomainError(_("This operation was counted for another payment already."), field="operation")
    counted = [each.operation for each in queries.operations(session, payment.id)]
    if counted and number not in counted:
        raise DomainError(
            _("Operation %(number)s is counted for this payment: no other can be accepted.", number=counted[-1]),
            field="operation",
        )
    if gateway.can_be_asked and not _brought(fact, payment, number):
        raise DomainError(
            _("The gateway knows no such operation that paid this order and this sum."), field="operation"
        )


def _brought(fact: OperationFact | None, payment: Payment, number: str) -> bool:
    """Whether the gateway itself says that this operation paid the payment."""
    if fact is None or fact.is_refund or fact.status is not OperationStatus.succeeded:
        return False
    told = (fact.operation_id, fact.order, fact.amount, fact.currency)
    return told == (number, payment.order_number, payment.amount, "RUB")


def _needs_another(session: Session, payment: Payment, operation_id: str, user_id: int) -> bool:
    """Whether nobody else has proposed the same since the last decision."""
    if payment.amount <= refunds.limit(session):
        return False
    last = queries.last_decision(session, payment.id, (PROPOSED, OPERATOR))
    if last is None or last.kind != PROPOSED:
        return True
    said = last.payload
    return bool(said[OPERATION] != operation_id or said["user_id"] == str(user_id))


def _proposal(payment: Payment, word: GatewayWord) -> GatewayEvent:
    return GatewayEvent(
        gateway=word.gateway,
        kind=PROPOSED,
        payment_id=payment.id,
        order_number=word.order,
        is_accepted=True,
        reason="",
        payload=dict(word.payload),
        received_at=clock.now(),
    )
