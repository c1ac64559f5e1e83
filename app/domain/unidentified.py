"""Money that a bank brought for an account that is not known: a clerk finds the account, or takes the finding back.

Each act is kept, with its reason, in the history of the payment that it made or took back.
"""

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..model_types import number_key
from ..models import BankOperation, BankOperationState, GatewayEvent, Payment
from ..queries import bank_payments as bank_queries
from ..queries import payment_desk as queries
from ..queries import payments as payment_queries
from ..queries.bank_payments import Payer
from . import bank_payments, payment_ledger, payments
from .bank_payments import Deposit
from .errors import DomainError
from .payment_states import Event, move

BANK = "bank"


def assign(session: Session, operation_id: int, *, number: str, reason: str, user_id: int) -> Payment:
    """Post the money to the account of this number. Raises DomainError (fields `account`, `reason`)."""
    operation = queries.locked_operation(session, operation_id)
    if operation is None or operation.state is not BankOperationState.unidentified:
        raise DomainError(_("This money is posted already."))
    payer = _payer(session, number)
    payments.check_reason(reason)
    now = clock.now()
    cause = f"assigned:{operation.id}:{now.isoformat()}"  # one that was taken back is another payment the next time
    deposit = Deposit(payer.id, payer.group, operation.amount, operation.paid_at, cause)
    (payment_id,) = bank_payments.post(session, [deposit])
    if payment_id is None:
        raise DomainError(_("This account has no services that could be paid for."), field="account")
    operation.state, operation.payment_id = BankOperationState.posted, payment_id
    operation.assigned_by_id, operation.assigned_at = user_id, now
    payment = session.get_one(Payment, payment_id)
    _keep(session, operation, payment, "assigned", reason, user_id)
    return payment


def take_back(session: Session, operation_id: int, *, reason: str, user_id: int) -> None:
    """The account was the wrong one: what was posted is owed again, the money waits. Raises DomainError."""
    operation = queries.locked_operation(session, operation_id)
    if operation is None or operation.payment_id is None or not is_assigned(operation):
        raise DomainError(_("Only money that a clerk has assigned can be taken back."))
    payments.check_reason(reason)
    payment = payment_queries.locked_payment(session, operation.payment_id)
    assert payment is not None  # a foreign key
    standing = payment_ledger.standing(session, payment)
    payment_ledger.take_back(session, payment, standing, number="assigned", reason=reason)
    move(payment, Event.undone)
    operation.state, operation.payment_id = BankOperationState.unidentified, None
    operation.assigned_by_id = operation.assigned_at = None
    _keep(session, operation, payment, "taken back", reason, user_id)


def is_assigned(operation: BankOperation) -> bool:
    """Whether a clerk has found the account, and the money is still posted to it."""
    return operation.state is BankOperationState.posted and operation.assigned_at is not None


def _payer(session: Session, number: str) -> Payer:
    """By the number, its leading zeros aside where that leaves one account."""
    typed = "".join(number.split())
    same = bank_queries.payers(session, {number_key(typed)}) if typed else []
    found = [payer for payer in same if payer.number == typed] or same
    if len(found) != 1:
        raise DomainError(_("There is no such account. Enter its number with the leading zeros."), field="account")
    return found[0]


def _keep(session: Session, operation: BankOperation, payment: Payment, kind: str, reason: str, user_id: int) -> None:
    session.add(
        GatewayEvent(
            gateway=BANK,
            kind=kind,
            payment_id=payment.id,
            order_number=operation.operation,
            is_accepted=True,
            payload={"user_id": str(user_id), "reason": reason, "amount": f"{operation.amount:.2f}"},
            received_at=clock.now(),
        )
    )
