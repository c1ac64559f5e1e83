"""Accounts and who may act for them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import Account, AccountStatus


def all_visible(session: Session) -> Sequence[Account]:
    """The live accounts that the principal may see, with premises, oldest first. For customers only."""
    return session.scalars(
        select(Account)
        .where(Account.status != AccountStatus.undone)
        .options(joinedload(Account.premises))
        .order_by(Account.id)
        .limit(200)
    ).all()
