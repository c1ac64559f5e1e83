"""Consents to letters: of users, and of those who are known by an e-mail alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ..models import EmailSubscription, MailingCategory, SiteUser, Subscription
from .dialects import insert_for


def public_categories(session: Session) -> Sequence[MailingCategory]:
    """What anybody may subscribe to."""
    found = select(MailingCategory).where(MailingCategory.is_personal.is_(False))
    return session.scalars(found.order_by(MailingCategory.position, MailingCategory.id).limit(100)).all()


def give(session: Session, consent: Mapping[str, Any]) -> None:
    """Keep a consent of an e-mail: a new row, or the one that waits for its confirmation; a confirmed one stays as it
    is. Of two at once one makes the row and the other waits for it."""
    fresh = insert_for(session, EmailSubscription).values(**consent)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["category_id", "email"],
            index_where=EmailSubscription.withdrawn_at.is_(None),
            set_={name: fresh.excluded[name] for name in consent if name not in ("category_id", "email")},
            where=EmailSubscription.confirmed_at.is_(None),
        )
    )


def of_email(session: Session, email: str, category_ids: Collection[int]) -> Sequence[EmailSubscription]:
    """Standing consents of an e-mail, confirmed or not, held until the commit."""
    return session.scalars(
        select(EmailSubscription)
        .where(
            EmailSubscription.email == email,
            EmailSubscription.category_id.in_(category_ids),
            EmailSubscription.withdrawn_at.is_(None),
        )
        .with_for_update()
    ).all()


def awaiting(session: Session, ids: Collection[int]) -> Sequence[EmailSubscription]:
    """Consents that were asked for and not withdrawn, confirmed or not."""
    return session.scalars(
        select(EmailSubscription)
        .where(EmailSubscription.id.in_(ids), EmailSubscription.withdrawn_at.is_(None))
        .with_for_update()
    ).all()


def stands(session: Session, category_id: int, email: str) -> bool:
    """Whether letters of the category go to the e-mail."""
    of_user = (
        select(Subscription.id)
        .join(SiteUser, SiteUser.id == Subscription.user_id)
        .where(
            func.lower(SiteUser.email) == email,
            Subscription.category_id == category_id,
            Subscription.withdrawn_at.is_(None),
        )
    )
    of_email = select(EmailSubscription.id).where(
        EmailSubscription.email == email,
        EmailSubscription.category_id == category_id,
        EmailSubscription.withdrawn_at.is_(None),
    )
    return any(session.scalar(each.limit(1)) is not None for each in (of_user, of_email))


def withdraw(session: Session, category_id: int, email: str, now: datetime) -> None:
    """Every consent of the e-mail to the category, with a cabinet or without."""
    users = select(SiteUser.id).where(func.lower(SiteUser.email) == email)
    for model, whose in (
        (Subscription, Subscription.user_id.in_(users)),
        (EmailSubscription, EmailSubscription.email == email),
    ):
        session.execute(
            update(model)
            .where(whose, model.category_id == category_id, model.withdrawn_at.is_(None))
            .values(withdrawn_at=now)
            .execution_options(synchronize_session=False)
        )


def withdraw_all(session: Session, email: str, now: datetime) -> None:
    """Every consent of the e-mail that was given without a cabinet."""
    session.execute(
        update(EmailSubscription)
        .where(EmailSubscription.email == email, EmailSubscription.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )


def delete_unconfirmed(session: Session, before: datetime) -> None:
    """E-mails that somebody typed and nobody confirmed."""
    session.execute(
        delete(EmailSubscription).where(EmailSubscription.confirmed_at.is_(None), EmailSubscription.given_at < before)
    )
