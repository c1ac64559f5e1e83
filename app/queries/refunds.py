"""Money on its way back: what is asked for, what is due to be sent, what nobody knows the end of."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from ..models import GatewayOperation, Payment, Refund, RefundState

TOLD = (RefundState.sending, RefundState.unknown, RefundState.done)


def locked(session: Session, refund_id: int) -> Refund | None:
    """With its payment, which is locked first wherever both are."""
    of_refund = select(Refund.payment_id).where(Refund.id == refund_id).scalar_subquery()
    session.execute(select(Payment.id).where(Payment.id == of_refund).with_for_update())
    return session.scalar(select(Refund).where(Refund.id == refund_id).with_for_update())


def of_payment(session: Session, payment_id: int) -> Sequence[Refund]:
    """All of them, refused ones too, oldest first."""
    return session.scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id)).all()


def newest(session: Session, payment_id: int) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id.desc()).limit(1))


def told(session: Session, payment_ids: Collection[int]) -> Sequence[Refund]:
    """What payers may know of: what went back with its receipt, what is on its way; oldest first."""
    return session.scalars(
        select(Refund)
        .where(Refund.payment_id.in_(payment_ids), Refund.state.in_(TOLD))
        .options(selectinload(Refund.receipt))
        .order_by(Refund.id)
    ).all()


def with_receipt(session: Session, refund_id: int) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.id == refund_id).options(selectinload(Refund.receipt)))


def left_of(session: Session, payment: Payment) -> list[tuple[str, Decimal]]:
    """(operation, roubles): what of each transfer that stands is not returned nor on its way back, the newest first."""
    going = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(
            Refund.payment_id == payment.id,
            Refund.operation == GatewayOperation.operation,
            Refund.state != RefundState.refused,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(GatewayOperation.operation, GatewayOperation.amount, going)
        .where(GatewayOperation.payment_id == payment.id, GatewayOperation.reversed_at.is_(None))
        .order_by(GatewayOperation.id.desc())
    )
    return [(operation, amount - returned) for operation, amount, returned in rows]


def waits(limit: Decimal) -> ColumnElement[bool]:
    """Whether a refund still needs to be approved: all of its payment that are not refused are above the limit
    together, so that a sum in parts is no way around it."""
    other = aliased(Refund)
    together = (
        select(func.sum(other.amount))
        .where(other.payment_id == Refund.payment_id, other.state != RefundState.refused)
        .scalar_subquery()
    )
    return and_(Refund.state == RefundState.asked, Refund.approved_by_id.is_(None), together > limit)


def is_waiting(session: Session, refund_id: int, limit: Decimal) -> bool:
    return session.scalar(select(Refund.id).where(Refund.id == refund_id, waits(limit))) is not None


def to_send(session: Session, limit: Decimal, most: int) -> Sequence[int]:
    """Ids of the refunds that need no approval or have it, oldest first."""
    is_ready = and_(Refund.state == RefundState.asked, ~waits(limit))
    return session.scalars(select(Refund.id).where(is_ready).order_by(Refund.id).limit(most)).all()


def to_look_up(session: Session, sent_before: datetime, most: int) -> Sequence[int]:
    """Ids of the refunds whose end is not known, or that were being sent when somebody stopped."""
    was_left = and_(Refund.state == RefundState.sending, Refund.changed_at < sent_before)
    return session.scalars(
        select(Refund.id).where(or_(Refund.state == RefundState.unknown, was_left)).order_by(Refund.id).limit(most)
    ).all()
