"""What the rules of records must look at before a row is written."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Account, AccountService, AccountStatus, Premises, Service, Tariff

NEVER = date(9999, 12, 31)


def premises_of(session: Session, house_id: int) -> Sequence[Premises]:
    return session.scalars(select(Premises).where(Premises.house_id == house_id)).all()


def stored_status(session: Session, account_id: int | None) -> AccountStatus | None:
    """The account's status before the change that is being made."""
    return session.scalar(select(Account.status).where(Account.id == account_id))


def billed_services(session: Session) -> Sequence[Service]:
    return session.scalars(select(Service).where(Service.is_billed).order_by(Service.position)).all()


def services_of(session: Session, account_id: int | None) -> Sequence[AccountService]:
    return session.scalars(select(AccountService).where(AccountService.account_id == account_id)).all()


def lock_service(session: Session, service_id: int) -> None:
    """One tariff of a service at a time, so that two people cannot save overlapping ones."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update())


def overlapping_tariff(session: Session, row: Tariff) -> Tariff | None:
    """Another tariff of the same service, group and territory that holds on one of the row's days."""
    statement = select(Tariff).where(
        Tariff.service_id == row.service.id,
        Tariff.payer_group == row.payer_group,
        Tariff.territory == row.territory,
        Tariff.valid_from <= (row.valid_to or NEVER),
        func.coalesce(Tariff.valid_to, NEVER) >= row.valid_from,
    )
    if row.id is not None:
        statement = statement.where(Tariff.id != row.id)
    return session.scalar(statement.order_by(Tariff.valid_from).limit(1))
