"""What a cashier works on: payments in review, money of unknown accounts, refunds that wait, the history of one."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import (
    BankOperation,
    BankOperationState,
    GatewayEvent,
    ImportBatch,
    Payment,
    Refund,
    SiteUser,
)
from .refunds import waits


def to_look_at(session: Session, *, after: int, most: int) -> Sequence[Payment]:
    """Payments with an alert, which one in review has always; the oldest first."""
    return session.scalars(
        select(Payment)
        .where(Payment.alert.is_not(None), Payment.id > after)
        .options(joinedload(Payment.account))
        .order_by(Payment.id)
        .limit(most)
    ).all()


def refunds_to_approve(session: Session, limit: Decimal, most: int) -> Sequence[Refund]:
    """Those that a second person must approve (`refunds.waits`), oldest first."""
    return session.scalars(
        select(Refund).where(waits(limit)).options(joinedload(Refund.payment)).order_by(Refund.id).limit(most)
    ).all()


def events(session: Session, payment_id: int, *, after: int, most: int) -> Sequence[GatewayEvent]:
    """What was said of a payment, oldest first."""
    return session.scalars(
        select(GatewayEvent)
        .where(GatewayEvent.payment_id == payment_id, GatewayEvent.id > after)
        .order_by(GatewayEvent.id)
        .limit(most)
    ).all()


def unidentified(session: Session, *, after: int, most: int) -> Sequence[BankOperation]:
    """The oldest first."""
    return session.scalars(
        select(BankOperation)
        .where(BankOperation.state == BankOperationState.unidentified, BankOperation.id > after)
        .order_by(BankOperation.id)
        .limit(most)
    ).all()


def locked_operation(session: Session, operation_id: int) -> BankOperation | None:
    """After the registry that it came with, which waits for nothing but its taking back."""
    of_operation = select(BankOperation.import_batch_id).where(BankOperation.id == operation_id).scalar_subquery()
    session.execute(
        select(ImportBatch.id).where(ImportBatch.id == of_operation).with_for_update(read=True, key_share=True)
    )
    return session.scalar(select(BankOperation).where(BankOperation.id == operation_id).with_for_update())


def names(session: Session, user_ids: set[int]) -> dict[int, str]:
    rows = session.scalars(select(SiteUser).where(SiteUser.id.in_(user_ids)))
    return {user.id: user.get_full_name() for user in rows}
