"""The making of a period's bills: its runs, and which accounts stand where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ..models import (
    Account,
    AccountStatus,
    BillingRun,
    Charge,
    House,
    LedgerEntry,
    Locality,
    PayerGroup,
    Period,
    Premises,
    RunKind,
    Street,
)
from .billing_tables import month_number, month_of
from .periods import BILLED


@dataclass(frozen=True, slots=True)
class HouseOfBills:
    id: int
    town: str
    street: str
    number: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Billed:
    id: int
    house_id: int
    flat: str


def houses(session: Session, group: PayerGroup, before: date) -> list[HouseOfBills]:
    """Every house with accounts that get bills, and how many they are."""
    place = House.id, Locality.name, Street.name, House.number
    rows = session.execute(
        select(*place, func.count())
        .join_from(House, Street, Street.id == House.street_id)
        .join(Locality, Locality.id == Street.locality_id)
        .join(Premises, Premises.house_id == House.id)
        .join(Account, Account.premises_id == Premises.id)
        .where(*_billed(group, before))
        .group_by(*place)
    )
    return [HouseOfBills(*row) for row in rows]


def accounts_of(session: Session, house_ids: Sequence[int], group: PayerGroup, before: date) -> list[Billed]:
    """The accounts of some houses that get bills."""
    rows = session.execute(
        select(Account.id, Premises.house_id, Premises.flat)
        .join(Account.premises)
        .where(Premises.house_id.in_(house_ids), *_billed(group, before))
    )
    return [Billed(*row) for row in rows]


def _billed(group: PayerGroup, before: date) -> tuple[ColumnElement[bool], ...]:
    """Active accounts, and closed ones that were charged in the month before a day or owe since then."""
    month = month_of(month_number(before) - 1)
    charged = exists().where(Charge.account_id == Account.id, Charge.period == month)
    entry = LedgerEntry
    owed = select(func.sum(entry.amount)).where(entry.account_id == Account.id, entry.period < before).scalar_subquery()
    is_closed = Account.status == AccountStatus.closed
    gets_one = or_(Account.status == AccountStatus.active, and_(is_closed, or_(charged, owed > 0)))
    return Account.payer_group == group, gets_one, Account.opened_on < before


def periods(session: Session, most: int) -> Sequence[Period]:
    """The last periods whose bills may be made, the newest first."""
    return session.scalars(
        select(Period).where(Period.state.in_(BILLED)).order_by(Period.first_on.desc(), Period.payer_group).limit(most)
    ).all()


def last_of(session: Session, period_id: int) -> BillingRun | None:
    return last_runs(session, [period_id]).get(period_id)


def last_runs(session: Session, period_ids: Sequence[int]) -> dict[int, BillingRun]:
    """The last run of each period that has one, by the period's id."""
    last = (
        select(func.max(BillingRun.id))
        .where(BillingRun.kind == RunKind.bills, BillingRun.period_id.in_(period_ids))
        .group_by(BillingRun.period_id)
    )
    runs = session.scalars(select(BillingRun).where(BillingRun.id.in_(last)))
    return {run.period_id: run for run in runs if run.period_id is not None}


def one(session: Session, run_id: int) -> BillingRun | None:
    """A run of bills with its period."""
    return session.scalar(
        select(BillingRun)
        .where(BillingRun.id == run_id, BillingRun.kind == RunKind.bills)
        .options(joinedload(BillingRun.period))
    )


def earlier(session: Session, run: BillingRun) -> Sequence[int]:
    return session.scalars(
        select(BillingRun.id).where(
            BillingRun.kind == RunKind.bills, BillingRun.period_id == run.period_id, BillingRun.id < run.id
        )
    ).all()
