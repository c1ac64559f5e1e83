"""Accounts and who may act for them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import Account, AccountService, AccountStatus, Service


def all_visible(session: Session) -> Sequence[Account]:
    """The live accounts that the principal may see, with premises, oldest first. For customers only."""
    return session.scalars(
        select(Account)
        .where(Account.status != AccountStatus.undone)
        .options(joinedload(Account.premises))
        .order_by(Account.id)
        .limit(200)
    ).all()


def services_of(session: Session, account_ids: Sequence[int]) -> dict[int, list[Service]]:
    """The services that each account is billed for, in the order of the bill."""
    rows = session.execute(
        select(AccountService.account_id, Service)
        .join(Service, Service.id == AccountService.service_id)
        .where(AccountService.account_id.in_(account_ids), Service.is_billed)
        .order_by(Service.position)
    )
    found: dict[int, list[Service]] = {account_id: [] for account_id in account_ids}
    for account_id, service in rows:
        found[account_id].append(service)
    return found
