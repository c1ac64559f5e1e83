"""What the rules of records must look at before a row is written."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Account, AccountService, AccountStatus, LedgerEntry, Normative, PayerGroup, Premises, Service


def premises_of(session: Session, house_id: int) -> Sequence[Premises]:
    return session.scalars(select(Premises).where(Premises.house_id == house_id)).all()


def kinds_of_housing(session: Session) -> Sequence[str]:
    """The categories that there are normatives for."""
    return session.scalars(select(Normative.category).distinct().order_by(Normative.category)).all()


def stored_status(session: Session, account_id: int | None) -> AccountStatus | None:
    """The account's status before the change that is being made."""
    return session.scalar(select(Account.status).where(Account.id == account_id))


def stored_group(session: Session, account_id: int | None) -> PayerGroup | None:
    """The account's payer group before the change; None for an account that is being opened."""
    return session.scalar(select(Account.payer_group).where(Account.id == account_id))


def stored_payer(session: Session, account_id: int | None) -> tuple[int | None, int | None]:
    """The ids of the account's customer and legal entity before the change; neither for one that is being opened."""
    columns = select(Account.customer_id, Account.legal_entity_id).where(Account.id == account_id)
    row = session.execute(columns).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def has_entries(session: Session, account_id: int) -> bool:
    """Whether anything was posted to the account."""
    entry = select(LedgerEntry.id).where(LedgerEntry.account_id == account_id).limit(1)
    return session.scalar(entry) is not None


def billed_services(session: Session) -> Sequence[Service]:
    return session.scalars(select(Service).where(Service.is_billed).order_by(Service.position)).all()


def services_of(session: Session, account_id: int | None) -> Sequence[AccountService]:
    return session.scalars(select(AccountService).where(AccountService.account_id == account_id)).all()
