"""Whose cabinets show an account, or any account of a customer."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..models import Account, AccountAccess, SiteUser
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
