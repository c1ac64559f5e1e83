"""Balances and movements of accounts: sums over one account's entries, by its index."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Account, AccountService, LedgerEntry, Service


def balances(session: Session, account_id: int) -> list[tuple[Service, Decimal]]:
    """The balance of each service that the account is billed for, in roubles; debt is positive."""
    total = func.coalesce(func.sum(LedgerEntry.amount), 0, type_=LedgerEntry.amount.type)
    rows = session.execute(
        select(Service, total)
        .join(AccountService, AccountService.service_id == Service.id)
        .outerjoin(
            LedgerEntry,
            (LedgerEntry.service_id == Service.id) & (LedgerEntry.account_id == AccountService.account_id),
        )
        .where(AccountService.account_id == account_id, Service.is_billed)
        .group_by(Service.id)
        .order_by(Service.position)
    )
    return [(service, Decimal(balance)) for service, balance in rows]


def balance_of(session: Session, account_ids: Sequence[int]) -> dict[int, Decimal]:
    """The balance of several accounts over all services, for a page of a list."""
    rows = session.execute(
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id.in_(account_ids))
        .group_by(LedgerEntry.account_id)
    )
    return {account_id: total for account_id, total in rows}


def entries_of(session: Session, account: Account, since: date) -> Sequence[LedgerEntry]:
    """The account's entries of the periods since a date, newest first."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.account_id == account.id, LedgerEntry.period >= since)
        .order_by(LedgerEntry.period.desc(), LedgerEntry.id.desc())
    ).all()
