"""What imports look up and write by the hundred. Bulk inserts stand here: law 1 does not look into them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, exists, insert, select
from sqlalchemy.orm import Session, joinedload

from ..model_types import Base, number_key
from ..models import (
    Account,
    AccountStatus,
    BankOperation,
    Contract,
    Customer,
    House,
    ImportBatch,
    ImportKind,
    ImportRefusal,
    ImportState,
    LegalEntity,
    Locality,
    Meter,
    Premises,
    Service,
    Street,
)
from . import copying
from .copying import Row
from .dialects import is_postgresql


def inserted_ids(session: Session, model: type[Base], rows: Sequence[Row], *key: str) -> list[int]:
    """Add many rows; their ids in the order of the rows.

    With the columns of a `key` that no two rows share this is a statement for hundreds of rows on SQLite too;
    without it SQLite, which returns ids in no promised order, is asked row by row.
    """
    if not rows:
        return []
    table: Any = model.__table__
    if is_postgresql(session):
        ids = copying.next_ids(session, table, len(rows))
        copying.copy_rows(session, table, [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)])
        return ids
    if not key:
        return list(session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), list(rows)))
    added = session.execute(insert(table).returning(table.c.id, *(table.c[name] for name in key)), list(rows))
    found = {tuple(values): row_id for row_id, *values in added}
    return [found[tuple(row[name] for name in key)] for row in rows]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Add many rows whose ids nobody asks for: one statement for all of them."""
    table: Any = model.__table__
    if not rows:
        return
    if is_postgresql(session):
        copying.copy_rows(session, table, rows)
    else:
        session.execute(insert(table), list(rows))


# Accounts of a chunk ----------------------------------------------------------------------------------


def services_by_code(session: Session) -> dict[str, Service]:
    return {service.code: service for service in session.scalars(select(Service))}


def accounts_by_key(session: Session, keys: Collection[str]) -> Sequence[Account]:
    """Live and closed accounts with these numbers, leading zeros aside."""
    return session.scalars(
        select(Account).where(Account.number_key.in_(keys), Account.status != AccountStatus.undone)
    ).all()


def serials_of(session: Session, account_ids: Collection[int]) -> set[tuple[int, str]]:
    """(account, serial) of the meters that these accounts have or had, those of undone imports left out."""
    undone = exists().where(ImportBatch.id == Meter.import_batch_id, ImportBatch.state == ImportState.undone)
    rows = session.execute(select(Meter.account_id, Meter.serial).where(Meter.account_id.in_(account_ids), ~undone))
    return {(account_id, serial) for account_id, serial in rows}


def customers_of_undone(session: Session, numbers: Collection[str]) -> dict[str, Customer]:
    """The people whose accounts were taken back, by the number of the account."""
    accounts = session.scalars(
        select(Account)
        .where(Account.number_key.in_({number_key(number) for number in numbers}))
        .where(Account.status == AccountStatus.undone, Account.customer_id.is_not(None))
        .options(joinedload(Account.customer))
    )
    return {account.number: account.customer for account in accounts if account.customer is not None}


def legal_entities(session: Session, inns: Collection[str]) -> Sequence[LegalEntity]:
    return session.scalars(select(LegalEntity).where(LegalEntity.inn.in_(inns))).all()


def contracts(session: Session, legal_entity_ids: Collection[int]) -> dict[tuple[int, str], int]:
    rows = session.execute(
        select(Contract.legal_entity_id, Contract.number, Contract.id).where(
            Contract.legal_entity_id.in_(legal_entity_ids)
        )
    )
    return {(entity, number): contract for entity, number, contract in rows}


def localities(session: Session) -> Sequence[Locality]:
    return session.scalars(select(Locality)).all()


def streets(session: Session, locality_ids: Collection[int], folds: Collection[str]) -> Sequence[Street]:
    return session.scalars(
        select(Street).where(Street.locality_id.in_(locality_ids), Street.name_fold.in_(folds))
    ).all()


def houses(session: Session, street_ids: Collection[int], numbers: Collection[str]) -> Sequence[House]:
    return session.scalars(select(House).where(House.street_id.in_(street_ids), House.number.in_(numbers))).all()


def premises(session: Session, house_ids: Collection[int], flats: Collection[str]) -> Sequence[Premises]:
    return session.scalars(select(Premises).where(Premises.house_id.in_(house_ids), Premises.flat.in_(flats))).all()


# Payments of a chunk ----------------------------------------------------------------------------------


def bank_operations(session: Session, source: str, operations: Collection[str]) -> dict[str, BankOperation]:
    rows = session.scalars(
        select(BankOperation).where(BankOperation.source == source, BankOperation.operation.in_(operations))
    )
    return {row.operation: row for row in rows}


# Batches ----------------------------------------------------------------------------------------------


def batches(session: Session, kind: ImportKind, *, before: int | None, size: int) -> Sequence[ImportBatch]:
    """The latest batches of a kind, or those older than one."""
    newest = select(ImportBatch).where(ImportBatch.kind == kind).order_by(ImportBatch.id.desc()).limit(size)
    return session.scalars(newest if before is None else newest.where(ImportBatch.id < before)).all()


def in_state(session: Session, state: ImportState) -> Sequence[ImportBatch]:
    return session.scalars(select(ImportBatch).where(ImportBatch.state == state)).all()


def same_file(session: Session, batch: ImportBatch) -> ImportBatch | None:
    """Another batch of the same bytes that was taken in and stands."""
    return session.scalar(
        select(ImportBatch)
        .where(
            ImportBatch.sha256 == batch.sha256,
            ImportBatch.kind == batch.kind,
            ImportBatch.state == ImportState.done,
            ImportBatch.id != batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


def refusals(batch_id: int) -> Select[int, str, str]:
    """Number, reason and words of each refused line, in the order of the file."""
    return (
        select(ImportRefusal.line, ImportRefusal.reason, ImportRefusal.raw)
        .where(ImportRefusal.batch_id == batch_id)
        .order_by(ImportRefusal.line, ImportRefusal.id)
    )
