"""What a payment does to the ledger: its entries, the month that they belong to, what of them still stands."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..models import Account, EntryKind, GatewayOperation, Payment
from ..queries import payments as queries
from . import ledger, months


def post(session: Session, payment: Payment, lines: Mapping[int, Decimal], at: datetime, *, source: str) -> None:
    """Money that came: service id → roubles."""
    period = _period(session, payment, at)
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


def take_back(session: Session, payment: Payment, parts: Mapping[int, Decimal], *, number: str, reason: str) -> None:
    """Money that went back: service id → roubles. `number` tells the returns of one payment apart."""
    period = _period(session, payment, clock.now())
    for service_id, amount in parts.items():
        ledger.post(
            session,
            account_id=payment.account_id,
            service_id=service_id,
            period=period,
            kind=EntryKind.refund,
            amount=amount,
            source=f"refund:{payment.id}:{number}:{service_id}",
            reason=reason,
        )


def reverse(session: Session, payment: Payment, *, reason: str) -> None:
    """What was posted for money that is not there any more is owed again; its operations do not stand."""
    number = f"reversed-{queries.entries_of(session, payment)}"
    take_back(session, payment, standing(session, payment), number=number, reason=reason)
    for operation in queries.operations(session, payment.id):
        operation.reversed_at = operation.reversed_at or clock.now()


def restore(session: Session, payment: Payment, operation: GatewayOperation) -> None:
    """Money of an operation that was reversed is there after all: it is counted again."""
    lines = {line.service_id: line.amount for line in queries.lines_of(session, payment.id)}
    source = f"payment:{payment.id}:again-{queries.entries_of(session, payment)}"
    post(session, payment, lines, clock.now(), source=source)
    operation.reversed_at = None


def standing(session: Session, payment: Payment) -> dict[int, Decimal]:
    """What came with the payment and did not go back: service id → roubles above zero."""
    return {service_id: amount for service_id, amount in queries.standing(session, payment) if amount > 0}


def _period(session: Session, payment: Payment, at: datetime) -> date:
    group = session.get_one(Account, payment.account_id).payer_group
    return months.month_for(session, group, clock.month(at))
