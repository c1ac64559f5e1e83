"""Many rows at once, with keys known beforehand: for the demo, which makes an installation's history in one go."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from ..model_types import Base
from ..models import (
    Account,
    AccountAccess,
    AccountStatus,
    Contract,
    EntryKind,
    LedgerEntry,
    LegalEntity,
    Meter,
    Payment,
    PaymentChannel,
    Period,
    PeriodState,
    Reading,
)
from .dialects import is_postgresql

CHUNK = 5000


def first_free_id(session: Session, model: type[Base]) -> int:
    return (session.scalar(select(func.max(_table(model).c.id))) or 0) + 1


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows as they are, keys included; all of them name the same columns."""
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(_table(model)), list(rows[start : start + CHUNK]))


def advance_sequences(session: Session, *models: type[Base]) -> None:
    """After keys were given by hand: let the database go on from the highest one."""
    if not is_postgresql(session):
        return
    for model in models:
        following = select(func.max(_table(model).c.id) + 1).scalar_subquery()
        session.execute(select(func.setval(f"{model.__tablename__}_id_seq", following, False)))


def account_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Account)) or 0


def active_accounts(session: Session) -> Sequence[Account]:
    """Every account with what its history is made of, by number. For some hundreds of accounts only."""
    return session.scalars(
        select(Account)
        .where(Account.status == AccountStatus.active)
        .options(
            joinedload(Account.premises),
            joinedload(Account.customer),
            joinedload(Account.legal_entity),
            selectinload(Account.services),
            selectinload(Account.meters).joinedload(Meter.service),
        )
        .order_by(Account.number)
    ).all()


def firms_without_cabinets(session: Session, most: int) -> list[tuple[str, str, str]]:
    """Name, ИНН and contract of legal entities whose accounts nobody sees in a cabinet."""
    seen = select(AccountAccess.account_id)
    rows = session.execute(
        select(LegalEntity.name, LegalEntity.inn, Contract.number, Contract.id)
        .join(Contract, Contract.legal_entity_id == LegalEntity.id)
        .join(Account, Account.contract_id == Contract.id)
        .where(Account.id.not_in(seen), Account.status == AccountStatus.active)
        .distinct()
        .order_by(Contract.id.desc())
        .limit(most)
    )
    return [(name, inn, number) for name, inn, number, _id in rows]


def openings(session: Session) -> dict[int, list[LedgerEntry]]:
    """The opening entries by account."""
    found: dict[int, list[LedgerEntry]] = {}
    for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.opening)):
        found.setdefault(entry.account_id, []).append(entry)
    return found


def imported_readings(session: Session) -> dict[int, Reading]:
    """The reading of each meter, where there is one."""
    return {reading.meter_id: reading for reading in session.scalars(select(Reading))}


def bank_payments_since(session: Session, moment: datetime) -> Sequence[Payment]:
    return session.scalars(
        select(Payment)
        .where(Payment.channel == PaymentChannel.bank, Payment.paid_at >= moment)
        .options(joinedload(Payment.account, innerjoin=True))
        .order_by(Payment.id)
    ).all()


def closed_periods(session: Session) -> list[date]:
    """The months that are closed for everybody, the oldest first."""
    rows = session.execute(select(Period.first_on, Period.state).order_by(Period.first_on)).all()
    still_open = {first_on for first_on, state in rows if state is not PeriodState.closed}
    return sorted({first_on for first_on, _state in rows} - still_open)


def date_closings(session: Session, moments: Mapping[date, datetime]) -> None:
    """Say when the periods were calculated, approved and closed."""
    table, moments_of = _table(Period), ("calculated_at", "approved_at", "closed_at")
    session.execute(
        update(table).where(table.c.first_on == bindparam("of")).values(dict.fromkeys(moments_of, bindparam("at"))),
        [{"of": period, "at": moment} for period, moment in moments.items()],
    )


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)
