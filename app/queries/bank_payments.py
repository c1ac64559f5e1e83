"""Money through banks, by the thousand: what accounts owe, and the rows of their payments. Bulk inserts stand here:
law 1 does not look into them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select, union_all, update
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountPeriod,
    AccountService,
    AccountStatus,
    BankOperation,
    BankOperationState,
    LedgerEntry,
    PayerGroup,
    Payment,
    PaymentLine,
    Service,
)
from . import periods
from .copying import Row, among
from .imports import insert_rows, inserted_ids


class Payer(NamedTuple):
    """An account as a bank may name it."""

    id: int
    number: str
    key: str
    group: PayerGroup


class Known(NamedTuple):
    """An operation of a registry that is known already; `id` is None while it is only in the lines before."""

    id: int | None
    account_number: str
    amount: Decimal
    state: BankOperationState


def payers(session: Session, keys: Collection[str]) -> list[Payer]:
    """Live and closed accounts with these numbers, leading zeros aside."""
    rows = session.execute(
        select(Account.id, Account.number, Account.number_key, Account.payer_group).where(
            among(session, Account.number_key, keys), Account.status != AccountStatus.undone
        )
    )
    return [Payer(*row) for row in rows]


def known_operations(session: Session, source: str, operations: Collection[str]) -> dict[str, Known]:
    row = BankOperation
    rows = session.execute(
        select(row.operation, row.id, row.account_number, row.amount, row.state).where(
            row.source == source, among(session, row.operation, operations)
        )
    )
    return {name: Known(id_, account, amount, state) for name, id_, account, amount, state in rows}


def owed(session: Session, group: PayerGroup, account_ids: Collection[int]) -> dict[int, dict[int, Decimal]]:
    """Account → its services in their order → balance in roubles, debt positive: `queries.ledger.balances` of many of
    one payer group, from the facts of the last closed month and the entries since, so that old ones are not read.

    A service counts when it is billed for the account or its money is not settled; an account without any is missing.
    """
    closed = periods.last_closed(session, group) or date.min
    billed = session.execute(
        select(AccountService.account_id, AccountService.service_id)
        .join(Service, Service.id == AccountService.service_id)
        .where(among(session, AccountService.account_id, account_ids), Service.is_billed)
    )
    found: dict[tuple[int, int], Decimal] = {(account, service): Decimal(0) for account, service in billed}
    moves = union_all(
        select(AccountPeriod.account_id, AccountPeriod.service_id, AccountPeriod.closing.label("amount")).where(
            among(session, AccountPeriod.account_id, account_ids), AccountPeriod.period == closed
        ),
        select(LedgerEntry.account_id, LedgerEntry.service_id, LedgerEntry.amount).where(
            among(session, LedgerEntry.account_id, account_ids), LedgerEntry.period > closed
        ),
    ).subquery()
    total = func.sum(moves.c.amount)
    unsettled = session.execute(
        select(moves.c.account_id, moves.c.service_id, total)
        .group_by(moves.c.account_id, moves.c.service_id)
        .having(total != 0)
    )
    found |= {(account, service): balance for account, service, balance in unsettled}
    order = {service: place for place, service in enumerate(_services(session))}
    owed: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    for account, service in sorted(found, key=lambda each: order[each[1]]):
        owed[account][service] = found[account, service]
    return dict(owed)


def _services(session: Session) -> Sequence[int]:
    return session.scalars(select(Service.id).order_by(Service.position, Service.id)).all()


def add_payments(session: Session, rows: Sequence[Row]) -> list[int]:
    """Their ids in the order of the rows."""
    return inserted_ids(session, Payment, rows, "idempotency_key")


def add_lines(session: Session, lines: Sequence[Row], entries: Sequence[Row]) -> None:
    """The payments' lines and their entries in the ledger."""
    insert_rows(session, PaymentLine, lines)
    insert_rows(session, LedgerEntry, entries)


def write_operations(session: Session, added: Sequence[Row], changed: Sequence[Row]) -> None:
    """New operations, and those that come again after their import was taken back (with their `id`)."""
    insert_rows(session, BankOperation, added)
    if changed:
        session.execute(update(BankOperation), list(changed))
