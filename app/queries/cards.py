"""Saved cards, and what was paid with them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..models import Payment, PaymentChannel, PaymentState, SavedCard, SiteUser


def kept(session: Session, user_id: int) -> Sequence[SavedCard]:
    """The user's cards with their types, the newest first; `domain/cards.py` bounds their number."""
    return session.scalars(
        select(SavedCard)
        .where(SavedCard.user_id == user_id, SavedCard.removed_at.is_(None))
        .options(joinedload(SavedCard.payment_type))
        .order_by(SavedCard.id.desc())
    ).all()


def kept_one(session: Session, card_id: int, user_id: int) -> SavedCard | None:
    """The user's card with its type, while it is kept."""
    return session.scalar(
        select(SavedCard)
        .where(SavedCard.id == card_id, SavedCard.user_id == user_id, SavedCard.removed_at.is_(None))
        .options(joinedload(SavedCard.payment_type))
    )


def locked(session: Session, card_id: int, user_id: int) -> SavedCard | None:
    """The user's card while it is kept, locked."""
    return session.scalar(
        select(SavedCard)
        .where(SavedCard.id == card_id, SavedCard.user_id == user_id, SavedCard.removed_at.is_(None))
        .with_for_update()
    )


def locked_user(session: Session, user_id: int) -> SiteUser:
    return session.scalars(select(SiteUser).where(SiteUser.id == user_id).with_for_update(key_share=True)).one()


def has_paid_by_hand(session: Session, user_id: int, payee_id: int) -> bool:
    """Whether the user paid this payee with a card that was typed in."""
    found = session.scalar(
        select(Payment.id)
        .where(
            Payment.user_id == user_id,
            Payment.payee_id == payee_id,
            Payment.channel == PaymentChannel.card,
            Payment.state == PaymentState.succeeded,
            Payment.card_id.is_(None),
        )
        .limit(1)
    )
    return found is not None


def payments_with(session: Session, card_id: int, *, before_id: int | None, most: int) -> Sequence[Payment]:
    """What was paid, or tried to be paid, with a card: the newest first, older than one of them."""
    statement = select(Payment).where(Payment.card_id == card_id)
    if before_id is not None:
        statement = statement.where(Payment.id < before_id)
    options = (selectinload(Payment.receipt), joinedload(Payment.account), joinedload(Payment.payee))
    return session.scalars(statement.options(*options).order_by(Payment.id.desc()).limit(most)).all()
