"""What an import added, what came to depend on it since, and its marks when it is taken back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, insert, literal, not_, or_, select, update
from sqlalchemy.orm import Session

from ..model_types import AccountOwned, Base
from ..models import (
    Account,
    AccountAccess,
    AccountDebt,
    AccountService,
    AccountStatus,
    BankOperation,
    BankOperationState,
    Charge,
    EntryKind,
    ImportBatch,
    ImportState,
    LedgerEntry,
    Meter,
    PayerGroup,
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


def payments_of(batch_id: int) -> Select[int | None]:
    return select(BankOperation.payment_id).where(
        BankOperation.import_batch_id == batch_id, BankOperation.payment_id.is_not(None)
    )


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
    return {"receipts": _count(session, Receipt, Receipt.payment_id.in_(payments_of(batch_id)))}


def _count(session: Session, model: type[Base], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def reverse_openings(
    session: Session, batch_id: int, group: PayerGroup, month: date, *, reason: str, at: datetime
) -> None:
    """Post the opposite of every opening balance of the batch for one payer group, in one statement."""
    accounts = _accounts_of(batch_id).where(Account.payer_group == group)
    entry, into = LedgerEntry, literal(month, LedgerEntry.period.type)
    opposite = _opposite(EntryKind.correction, into, reason=reason, at=at).where(
        entry.account_id.in_(accounts), entry.kind == EntryKind.opening
    )
    session.execute(insert(LedgerEntry).from_select(_ENTRY, opposite))


def reverse_payments(
    session: Session, batch_id: int, group: PayerGroup, *, closed: date, instead: date, reason: str, at: datetime
) -> None:
    """Post the opposite of every payment entry of the batch for one payer group, in one statement: a payment in the
    month that it was posted in, or `instead` of one that is not after `closed`."""
    entry, line = LedgerEntry, PaymentLine
    month = case((entry.period > closed, entry.period), else_=literal(instead, entry.period.type))
    source = literal("payment:") + cast(line.payment_id, String) + literal(":") + cast(line.service_id, String)
    opposite = (
        _opposite(EntryKind.payment, month, reason=reason, at=at)
        .join_from(line, entry, and_(entry.account_id == line.account_id, entry.source == source))
        .join(Account, Account.id == line.account_id)
        .where(line.payment_id.in_(payments_of(batch_id)), Account.payer_group == group)
    )
    session.execute(insert(LedgerEntry).from_select(_ENTRY, opposite))


_ENTRY = ("account_id", "service_id", "period", "kind", "amount", "source", "reason", "posted_at")


def _opposite(kind: EntryKind, month: ColumnElement[date], *, reason: str, at: datetime) -> Select[*tuple[Any, ...]]:
    """The columns of `_ENTRY`: the opposite of another entry."""
    return select(
        LedgerEntry.account_id,
        LedgerEntry.service_id,
        month,
        literal(kind, LedgerEntry.kind.type),
        -LedgerEntry.amount,
        literal("undo:") + LedgerEntry.source,
        literal(reason, LedgerEntry.reason.type),
        literal(at, LedgerEntry.posted_at.type),
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


def mark_operations_undone(session: Session, batch_id: int) -> None:
    session.execute(
        update(BankOperation)
        .where(BankOperation.import_batch_id == batch_id)
        .values(state=BankOperationState.undone)
        .execution_options(synchronize_session=False)
    )
