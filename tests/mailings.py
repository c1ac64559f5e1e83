"""Subscribers and mailings for tests. Call them inside `with act()`."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import campaigns
from app.domain.campaigns import Text
from app.models import Campaign, EmailSubscription, MailingCategory, SiteUser, Subscription
from tests import factories

CONSENT = {"wording": "Хочу получать письма.", "version": "test", "address": "127.0.0.1"}


def category(session: Session, code: str = "news") -> int:
    return session.scalars(select(MailingCategory.id).where(MailingCategory.code == code)).one()


def subscriber(session: Session, code: str = "news", **values: Any) -> SiteUser:
    """A user with a cabinet who asked for letters of the category."""
    user = factories.user(session, **values)
    subscribe(session, user, code)
    return user


def subscribe(session: Session, user: SiteUser, code: str = "news") -> None:
    row = Subscription(user_id=user.id, category_id=category(session, code), given_at=clock.now(), **CONSENT)
    session.add(row)
    session.flush()


def reader(session: Session, email: str, code: str = "news", **values: Any) -> EmailSubscription:
    """Somebody known by an e-mail alone, confirmed unless `confirmed_at=None`."""
    row = EmailSubscription(
        **{
            "email": email,
            "category_id": category(session, code),
            "locale": "ru",
            "given_at": clock.now(),
            "confirmed_at": clock.now(),
            **CONSENT,
            **values,
        }
    )
    session.add(row)
    session.flush()
    return row


def campaign(session: Session, code: str = "news", **values: Any) -> Campaign:
    """A draft to the subscribers of a category."""
    text = {"category_id": category(session, code), "subject": "Новые цены", "body": "С 1 января **новые** цены."}
    made = Campaign(created_at=clock.now())
    campaigns.save(session, made, Text(**{**text, **values}))
    return made


def sent(session: Session, *, of: Campaign | None = None) -> Campaign:
    """A mailing that somebody asked to send and whose letters are ready."""
    made = of or campaign(session)
    made.asked_by_id = factories.user(session, "Operator").id
    campaigns.ask(session, made, user_id=made.asked_by_id)
    campaigns.prepare(session, made.id)
    return made
