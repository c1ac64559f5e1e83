"""Whose cabinets show an account, or any account of a customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from ..models import Account, AccountAccess, CalendarLink, Consent, DataArchive, SiteUser
from ..security.scope import IN_FORCE

MOST = 50


def of_account(session: Session, account_id: int) -> Sequence[SiteUser]:
    return _users(session, select(AccountAccess.user_id).where(AccountAccess.account_id == account_id, IN_FORCE))


def of_customer(session: Session, customer_id: int) -> Sequence[SiteUser]:
    mine = select(Account.id).where(Account.customer_id == customer_id)
    return _users(session, select(AccountAccess.user_id).where(AccountAccess.account_id.in_(mine), IN_FORCE))


def _users(session: Session, ids: Select[int]) -> Sequence[SiteUser]:
    found = select(SiteUser).where(SiteUser.id.in_(ids), SiteUser.active.is_(True))
    return session.scalars(found.order_by(SiteUser.last_name, SiteUser.id).limit(MOST)).all()


def end_own(session: Session, user_id: int, now: datetime) -> None:
    """The user's feeds, consents and archives, which stay as rows of what once was."""
    ends: Mapping[Any, Any] = {
        CalendarLink: CalendarLink.revoked_at,
        Consent: Consent.withdrawn_at,
        DataArchive: DataArchive.expires_at,
    }
    for model, column in ends.items():
        standing = or_(column.is_(None), column > now)
        session.execute(update(model).where(model.user_id == user_id, standing).values({column: now}))
