"""Whether staff looked at the data of a customer."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..models import Account, AccountAccess, AuditEvent
from ..security.scope import IN_FORCE
from .account_access import GUESTS


def held(session: Session, user_id: int) -> tuple[list[str], list[str]]:
    """Ids of the accounts that the user holds (the first hundred) and of their customers, as traces name them."""
    rows = session.execute(
        select(Account.id, Account.customer_id)
        .join(AccountAccess, AccountAccess.account_id == Account.id)
        .where(AccountAccess.user_id == user_id, AccountAccess.basis.not_in(GUESTS), IN_FORCE)
        .order_by(Account.id)
        .limit(100)
    ).all()
    return [str(row[0]) for row in rows], sorted({str(row[1]) for row in rows if row[1] is not None})


def of_data(
    session: Session,
    user_id: int,
    account_ids: Sequence[str],
    customer_ids: Sequence[str],
    *,
    looked: str,
    exported: str,
    viewed: str,
    before: int | None,
    size: int,
) -> Sequence[AuditEvent]:
    """The traces of staff who looked at these rows, took away a list of all such rows, or looked with the user's eyes:
    the newest first. Whoever has no account stands in no list."""
    is_viewed = and_(
        AuditEvent.action == viewed, AuditEvent.object_type == "ab_user", AuditEvent.object_id == str(user_id)
    )
    is_seen = or_(
        and_(AuditEvent.object_type == "account", AuditEvent.object_id.in_(account_ids)),
        and_(AuditEvent.object_type == "customer", AuditEvent.object_id.in_(customer_ids)),
    )
    is_taken = and_(AuditEvent.object_type.in_(("account", "customer")), AuditEvent.object_id == "")
    rows = and_(AuditEvent.action == looked, is_seen), and_(AuditEvent.action == exported, is_taken)
    found = select(AuditEvent).where(or_(is_viewed, *(rows if account_ids else ())))
    if before is not None:
        found = found.where(AuditEvent.id < before)
    return session.scalars(found.order_by(AuditEvent.id.desc()).limit(size)).all()
