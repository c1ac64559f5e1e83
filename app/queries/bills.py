"""What the bills of some accounts are made of: one statement for each table, for one account as for a house of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from ..models import (
    Account,
    AccountStatus,
    Charge,
    ChargeKind,
    LedgerEntry,
    Meter,
    MeterVolume,
    Office,
    PayerGroup,
    PenaltyCharge,
    Reading,
    Service,
)
from .ledger import MONEY
from .readings import COUNTING

Ids = Sequence[int]
Key = tuple[int, int]
"""An account's id and a service's."""


@dataclass(frozen=True, slots=True)
class Later:
    """What came after a period, roubles: money `received`, and the `change` of the balance by everything."""

    received: Decimal = Decimal(0)
    change: Decimal = Decimal(0)


def accounts(session: Session, ids: Ids) -> Sequence[Account]:
    """The accounts with who pays and where, in the order of the ids."""
    found = {
        account.id: account
        for account in session.scalars(
            select(Account)
            .where(Account.id.in_(ids), Account.status != AccountStatus.undone)
            .options(joinedload(Account.premises), joinedload(Account.customer), joinedload(Account.legal_entity))
        )
    }
    return [found[each] for each in ids if each in found]


def lines(session: Session, ids: Ids, period: date) -> Sequence[Charge]:
    """The charge lines with what they were counted by, in the order of the bill."""
    return session.scalars(
        select(Charge)
        .join(Charge.service)
        .where(Charge.account_id.in_(ids), Charge.period == period)
        .options(
            contains_eager(Charge.service),
            joinedload(Charge.tariff),
            joinedload(Charge.normative),
            joinedload(Charge.raising),
        )
        .order_by(Service.position, Charge.kind == ChargeKind.correction, Charge.id)
    ).all()


def entries(session: Session, ids: Ids, period: date) -> Sequence[LedgerEntry]:
    """The entries of the ledger, oldest first."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.account_id.in_(ids), LedgerEntry.period == period)
        .options(joinedload(LedgerEntry.service, innerjoin=True))
        .order_by(LedgerEntry.posted_at, LedgerEntry.id)
    ).all()


def services(session: Session) -> Sequence[Service]:
    return session.scalars(select(Service).order_by(Service.position, Service.id)).all()


def balances_before(session: Session, ids: Ids, period: date) -> dict[Key, Decimal]:
    """The balance of each service at the start of a period; debt is positive."""
    rows = session.execute(
        select(LedgerEntry.account_id, LedgerEntry.service_id, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id.in_(ids), LedgerEntry.period < period)
        .group_by(LedgerEntry.account_id, LedgerEntry.service_id)
    )
    return {(account, service): total for account, service, total in rows}


def later(session: Session, ids: Ids, period: date) -> dict[Key, Later]:
    """What came after a period, by service."""
    received = func.sum(-LedgerEntry.amount, type_=LedgerEntry.amount.type).filter(LedgerEntry.kind.in_(MONEY))
    rows = session.execute(
        select(LedgerEntry.account_id, LedgerEntry.service_id, received, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id.in_(ids), LedgerEntry.period > period)
        .group_by(LedgerEntry.account_id, LedgerEntry.service_id)
    )
    return {(account, service): Later(paid or Decimal(0), total) for account, service, paid, total in rows}


def penalties(session: Session, ids: Ids, period: date) -> Sequence[PenaltyCharge]:
    """Penalties with their services, those for the oldest debts first."""
    return session.scalars(
        select(PenaltyCharge)
        .where(PenaltyCharge.account_id.in_(ids), PenaltyCharge.period == period, PenaltyCharge.amount != 0)
        .options(joinedload(PenaltyCharge.service, innerjoin=True))
        .order_by(PenaltyCharge.debt_period, PenaltyCharge.service_id)
    ).all()


def volumes(session: Session, ids: Ids, period: date) -> Sequence[MeterVolume]:
    """What each meter was billed for in a period."""
    return session.scalars(
        select(MeterVolume).where(MeterVolume.account_id.in_(ids), MeterVolume.period == period)
    ).all()


def readings(session: Session, ids: Ids, period: date) -> Sequence[Reading]:
    """The values of a period that count."""
    return session.scalars(
        select(Reading).where(Reading.account_id.in_(ids), Reading.period == period, Reading.state.in_(COUNTING))
    ).all()


def meters(session: Session, ids: Ids, month: tuple[date, date]) -> Sequence[Meter]:
    """The meters that stood in the half-open month, with their services, in the order of the bill."""
    first, end = month
    return session.scalars(
        select(Meter)
        .join(Meter.service)
        .where(
            Meter.account_id.in_(ids),
            Meter.installed_on < end,
            or_(Meter.removed_on.is_(None), Meter.removed_on >= first),
        )
        .options(contains_eager(Meter.service))
        .order_by(Service.position, Meter.id)
    ).all()


def office(session: Session, group: PayerGroup) -> Office | None:
    """The first place where such payers are received."""
    return session.scalar(select(Office).where(Office.payer_group == group).order_by(Office.id).limit(1))
