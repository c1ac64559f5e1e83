"""What may be paid for, and to whom."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, false, or_, select, true, update
from sqlalchemy.orm import Session, joinedload

from ..models import Payee, Payment, PaymentState, PaymentType

MOST = 50


def receivers(session: Session) -> list[tuple[PaymentType, Payee]]:
    """Each kind of payment with its own payee or, where it has none, with every payee that no kind has to itself."""
    own = select(PaymentType.payee_id).where(PaymentType.payee_id.is_not(None))
    is_free = and_(PaymentType.payee_id.is_(None), Payee.id.not_in(own))
    rows = session.execute(
        select(PaymentType, Payee)
        .join(Payee, or_(PaymentType.payee_id == Payee.id, is_free))
        .order_by(PaymentType.id, Payee.id)
        .limit(MOST)
    )
    return [(payment_type, payee) for payment_type, payee in rows]


def with_document(session: Session, *, before_id: int | None, most: int) -> Sequence[Payment]:
    """Paid payments whose payer's document the payee has still to be told, the newest first."""
    statement = select(Payment).where(Payment.payer_document.is_not(None), Payment.state == PaymentState.succeeded)
    if before_id is not None:
        statement = statement.where(Payment.id < before_id)
    options = (joinedload(Payment.payee), joinedload(Payment.account))
    return session.scalars(statement.options(*options).order_by(Payment.id.desc()).limit(most)).all()


def locked_with_document(session: Session, payment_id: int) -> Payment | None:
    """A paid payment whose payer's document is still kept."""
    return session.scalar(
        select(Payment)
        .where(
            Payment.id == payment_id,
            Payment.payer_document.is_not(None),
            Payment.state == PaymentState.succeeded,
        )
        .with_for_update()
    )


def forget_documents(session: Session, *, ended: Sequence[PaymentState], paid_before: datetime) -> None:
    """Wipe the documents of payments that came to nothing, and of those paid before a moment. Few are kept, so they
    are read, not the payments in these states: no index is looked up for a CASE."""
    is_paid_long_ago = and_(Payment.state == PaymentState.succeeded, Payment.paid_at < paid_before)
    is_over = case((or_(Payment.state.in_(ended), is_paid_long_ago), true()), else_=false())
    session.execute(update(Payment).where(Payment.payer_document.is_not(None), is_over).values(payer_document=None))
