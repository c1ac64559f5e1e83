"""Whether staff looked at the data of a customer."""

from collections.abc import Mapping, Sequence

from sqlalchemy import String, and_, cast, or_, select
from sqlalchemy.orm import Session

from ..models import Account, AccountAccess, Attachment, AuditEvent, ServiceRequest
from ..security.scope import IN_FORCE
from .account_access import GUESTS

MOST = 100
"""So many accounts, and so many of the newest requests and files, are asked after."""


def held(session: Session, user_id: int) -> dict[str, list[str]]:
    """Ids, as traces name them, by the name of the table: the accounts that the customer at work holds, their
    customers, the requests that law 1 shows and what was sent with these. Empty for whoever holds none."""
    rows = session.execute(
        select(Account.id, Account.customer_id)
        .join(AccountAccess, AccountAccess.account_id == Account.id)
        .where(AccountAccess.user_id == user_id, AccountAccess.basis.not_in(GUESTS), IN_FORCE)
        .order_by(Account.id)
        .limit(MOST)
    ).all()
    accounts = [row[0] for row in rows]
    if not accounts:
        return {}
    found = {"account": accounts, "customer": sorted({row[1] for row in rows if row[1] is not None})}
    for model in (ServiceRequest, Attachment):
        newest = select(model.id).where(model.account_id.in_(accounts)).order_by(model.id.desc()).limit(MOST)
        found[model.__tablename__] = list(session.scalars(newest))
    return {name: [str(each) for each in ids] for name, ids in found.items()}


def of_data(
    session: Session,
    user_id: int,
    held: Mapping[str, Sequence[str]],
    *,
    looked: str,
    exported: str,
    viewed: str,
    before: int | None,
    size: int,
) -> Sequence[AuditEvent]:
    """The traces of staff who looked at these rows, took away a list of all such rows, or looked with the user's eyes:
    the newest first. Whoever has no account stands in no list; what was looked at before the account became theirs is
    not their matter."""
    of, row_id = AuditEvent.object_type, AuditEvent.object_id
    accounts = [int(each) for each in held.get("account", ())]
    of_owner_before = (
        select(Account.id)
        .where(Account.id.in_(accounts), cast(Account.id, String) == row_id)
        .where(Account.owner_since > AuditEvent.happened_at)
        .exists()
    )
    is_viewed = and_(AuditEvent.action == viewed, of == "ab_user", row_id == str(user_id))
    is_seen = (and_(AuditEvent.action == looked, of == name, row_id.in_(ids)) for name, ids in held.items())
    is_taken = and_(AuditEvent.action == exported, of.in_(("account", "customer")), row_id == "")
    found = select(AuditEvent).where(or_(is_viewed, *is_seen, *([is_taken] if held else ())))
    found = found.where(or_(of != "account", ~of_owner_before))
    if before is not None:
        found = found.where(AuditEvent.id < before)
    return session.scalars(found.order_by(AuditEvent.id.desc()).limit(size)).all()
