"""An account at the office's window, and who sees it in a cabinet."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..models import Account, AccountAccess, AccountStatus, SiteUser
from ..security.scope import IN_FORCE
from .account_access import GUESTS


def account(session: Session, pk: int) -> Account | None:
    """An individual's account in use, with the address and the payer."""
    found = select(Account).where(
        Account.id == pk, Account.status == AccountStatus.active, Account.customer_id.is_not(None)
    )
    return session.scalar(found.options(joinedload(Account.premises), joinedload(Account.customer)))


def cabinets(session: Session, account_id: int) -> Sequence[SiteUser]:
    """Users who act for the account now."""
    ids = select(AccountAccess.user_id).where(
        AccountAccess.account_id == account_id, AccountAccess.basis.not_in(GUESTS), IN_FORCE
    )
    found = select(SiteUser).where(SiteUser.id.in_(ids), SiteUser.active.is_(True))
    return session.scalars(found.order_by(SiteUser.id).limit(20)).all()


def accesses(session: Session, account_id: int) -> int:
    """How many cabinets the account has ever been opened in."""
    return session.scalar(select(func.count(AccountAccess.id)).where(AccountAccess.account_id == account_id)) or 0
