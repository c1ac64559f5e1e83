"""What an import added, what came to depend on it since, and its marks when it is taken back."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, update
from sqlalchemy.orm import Session

from ..model_types import AccountOwned, Base
from ..models import (
    Account,
    AccountAccess,
    AccountDebt,
    AccountService,
    AccountStatus,
    BankOperation,
    Charge,
    EntryKind,
    ImportBatch,
    ImportState,
    LedgerEntry,
    Meter,
    Payment,
    PaymentLine,
    Reading,
    ReadingSource,
    ReadingState,
    Receipt,
    ServiceRequest,
)

_NAMED: dict[str, Any] = {
    "access": AccountAccess,
    "payments": Payment,
    "charges": Charge,
    "requests": ServiceRequest,
}
_COUNTED_APART = (AccountService, AccountDebt, Meter, Reading, LedgerEntry)


def locked_batch(session: Session, batch_id: int) -> ImportBatch:
    return session.scalars(select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()).one()


def _accounts_of(batch_id: int) -> Select[int]:
    return select(Account.id).where(Account.import_batch_id == batch_id)


def _meters_of(batch_id: int) -> Select[int]:
    return select(Meter.id).where(Meter.import_batch_id == batch_id)


def after_accounts(session: Session, batch_id: int) -> dict[str, int]:
    """How many records of each kind depend on the accounts and meters that the batch added."""
    mine = _accounts_of(batch_id)
    of_account = [
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, AccountOwned) and mapper.class_ not in (*_COUNTED_APART, *_NAMED.values())
    ]
    is_opening = and_(Reading.source == ReadingSource.imported, Reading.volume.is_(None), Reading.attempt == 1)
    is_standing = not_(Meter.import_batch_id.in_(select(ImportBatch.id).where(ImportBatch.state == ImportState.undone)))
    is_added = or_(Meter.import_batch_id.is_(None), and_(Meter.import_batch_id != batch_id, is_standing))
    return {
        **{name: _count(session, model, model.account_id.in_(mine)) for name, model in _NAMED.items()},
        "readings": _count(session, Reading, Reading.meter_id.in_(_meters_of(batch_id)), not_(is_opening)),
        "meters": _count(session, Meter, Meter.account_id.in_(mine), is_added),
        "entries": _count(
            session,
            LedgerEntry,
            LedgerEntry.account_id.in_(mine),
            LedgerEntry.kind.not_in((EntryKind.opening, EntryKind.charge, EntryKind.payment)),
        ),
        "others": sum(_count(session, model, model.account_id.in_(mine)) for model in of_account),
    }


def after_payments(session: Session, batch_id: int) -> dict[str, int]:
    mine = select(BankOperation.payment_id).where(BankOperation.import_batch_id == batch_id)
    return {"receipts": _count(session, Receipt, Receipt.payment_id.in_(mine))}


def _count(session: Session, model: type[Base], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def openings(session: Session, batch_id: int) -> Iterable[LedgerEntry]:
    """The opening balances that the batch posted."""
    return session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.account_id.in_(_accounts_of(batch_id)), LedgerEntry.kind == EntryKind.opening
        )
    )


def mark_accounts_undone(session: Session, batch_id: int, today: date) -> None:
    """Accounts, meters and readings of the batch, a statement each."""
    meters = _meters_of(batch_id)
    marks = (
        update(Reading).where(Reading.meter_id.in_(meters)).values(state=ReadingState.undone),
        update(Meter)
        .where(Meter.import_batch_id == batch_id)
        .values(removed_on=today, closing_value=Meter.opening_value),
        update(Account).where(Account.import_batch_id == batch_id).values(status=AccountStatus.undone),
    )
    for mark in marks:
        session.execute(mark.execution_options(synchronize_session=False))


def payment_lines(session: Session, batch_id: int) -> Sequence[PaymentLine]:
    return session.scalars(
        select(PaymentLine)
        .join(BankOperation, BankOperation.payment_id == PaymentLine.payment_id)
        .where(BankOperation.import_batch_id == batch_id)
    ).all()


def operations(session: Session, batch_id: int) -> Sequence[tuple[BankOperation, Payment | None]]:
    """The batch's operations, each with its payment where it was posted."""
    rows = session.execute(
        select(BankOperation, Payment)
        .outerjoin(Payment, Payment.id == BankOperation.payment_id)
        .where(BankOperation.import_batch_id == batch_id)
    )
    return [(operation, payment) for operation, payment in rows]
