"""Payments of requests: which they are, and what has paid a request."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from ..models import Payment, PaymentState, Refund, RefundState, RequestPayment, RequestState, ServiceRequest
from .payments import OPEN


def of_request(session: Session, request_id: int) -> Sequence[Payment]:
    """All payments that were begun for a request, oldest first, with their receipts."""
    return session.scalars(
        select(Payment)
        .join(RequestPayment, RequestPayment.payment_id == Payment.id)
        .where(RequestPayment.request_id == request_id)
        .options(joinedload(Payment.receipt))
        .order_by(Payment.id)
    ).all()


def paying(session: Session, request_id: int) -> Payment | None:
    """The payment that has paid a request: the money came and did not all go back."""
    back = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(Refund.payment_id == Payment.id, Refund.state == RefundState.done)
        .correlate(Payment)
        .scalar_subquery()
    )
    return session.scalar(
        select(Payment)
        .join(RequestPayment, RequestPayment.payment_id == Payment.id)
        .where(RequestPayment.request_id == request_id, Payment.state == PaymentState.succeeded, Payment.amount > back)
        .options(joinedload(Payment.receipt))
        .order_by(Payment.id)
        .limit(1)
    )


def under_way(session: Session, request_id: int) -> Payment | None:
    """The payment whose money for a request may still come."""
    return session.scalar(
        select(Payment)
        .join(RequestPayment, RequestPayment.payment_id == Payment.id)
        .where(RequestPayment.request_id == request_id, Payment.state.in_((*OPEN, PaymentState.review)))
        .order_by(Payment.id)
        .limit(1)
    )


def request_id_of(session: Session, payment_id: int) -> int | None:
    """The id of the request that a payment is for."""
    return session.scalar(select(RequestPayment.request_id).where(RequestPayment.payment_id == payment_id))


def is_withdrawn(session: Session, payment_id: int) -> bool:
    """Whether the request of a payment was taken back by its customer."""
    found = (
        select(ServiceRequest.id)
        .join(RequestPayment, RequestPayment.request_id == ServiceRequest.id)
        .where(RequestPayment.payment_id == payment_id, ServiceRequest.state == RequestState.withdrawn)
    )
    return session.scalar(found) is not None


def is_paid_by_another(session: Session, payment_id: int) -> bool:
    """Whether the request of a payment was paid by another one."""
    mine, other = aliased(RequestPayment), aliased(RequestPayment)
    found = (
        select(Payment.id)
        .join(other, other.payment_id == Payment.id)
        .join(mine, mine.request_id == other.request_id)
        .where(mine.payment_id == payment_id, Payment.id != payment_id, Payment.state == PaymentState.succeeded)
    )
    return session.scalar(found.limit(1)) is not None
