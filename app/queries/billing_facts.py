"""What is known of some accounts for a month's charges: one statement for each table, for one account as for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountResidents,
    AccountService,
    ChargeMethod,
    House,
    Interruption,
    Locality,
    Meter,
    MeterFault,
    MeterVolume,
    Period,
    Premises,
    Reading,
    Service,
    Street,
)
from .billing_tables import GUESSES, month_index
from .readings import COUNTING

Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class Place:
    """An account's house, its town and its kind of housing."""

    house_id: int
    territory: str
    category: str | None


def places(session: Session, ids: Ids) -> dict[int, Place]:
    rows = session.execute(
        select(Account.id, House.id, Locality.name, House.housing)
        .join(Premises, Premises.id == Account.premises_id)
        .join(House, House.id == Premises.house_id)
        .join(Street, Street.id == House.street_id)
        .join(Locality, Locality.id == Street.locality_id)
        .where(Account.id.in_(ids))
    )
    return {account_id: Place(house_id, town, housing) for account_id, house_id, town, housing in rows}


def services(session: Session, ids: Ids) -> Sequence[AccountService]:
    """What the accounts are linked to, with the services."""
    return session.scalars(select(AccountService).where(AccountService.account_id.in_(ids))).all()


def residents(session: Session, ids: Ids) -> Sequence[AccountResidents]:
    rows = select(AccountResidents).where(AccountResidents.account_id.in_(ids))
    return session.scalars(rows.order_by(AccountResidents.valid_from)).all()


def meters(session: Session, ids: Ids) -> Sequence[tuple[Meter, str]]:
    """Meters with the codes of their services."""
    rows = session.execute(
        select(Meter, Service.code).join(Service, Service.id == Meter.service_id).where(Meter.account_id.in_(ids))
    )
    return [(meter, code) for meter, code in rows]


def readings(session: Session, ids: Ids, period: date) -> Sequence[Reading]:
    """The values that count up to a period, the oldest first."""
    return session.scalars(
        select(Reading)
        .where(Reading.account_id.in_(ids), Reading.period <= period, Reading.state.in_(COUNTING))
        .order_by(Reading.period)
    ).all()


def guesses(session: Session, ids: Ids, period: date) -> Sequence[MeterVolume]:
    """What averages and normatives charged before a period."""
    theirs = MeterVolume.account_id.in_(ids), MeterVolume.period < period, MeterVolume.method.in_(GUESSES)
    return session.scalars(select(MeterVolume).where(*theirs)).all()


def faults(session: Session, ids: Ids) -> Sequence[MeterFault]:
    rows = select(MeterFault).where(MeterFault.account_id.in_(ids))
    return session.scalars(rows.order_by(MeterFault.since)).all()


def interference_charged(session: Session, ids: Ids, since: date, period: date) -> list[tuple[int, date, bool, int]]:
    """Meter, month, whether the month itself was charged for interference, and the bits of those that it went back to:
    of the months from `since` to before a period."""
    row = MeterVolume
    is_tampered = row.method == ChargeMethod.tampered
    rows = session.execute(
        select(row.meter_id, row.period, is_tampered, row.back_months).where(
            row.account_id.in_(ids), row.period >= since, row.period < period, or_(is_tampered, row.back_months != 0)
        )
    )
    return [(meter_id, month, is_now, bits) for meter_id, month, is_now, bits in rows]


def told_meters(session: Session, ids: Ids, period: date) -> set[int]:
    """Removed meters whose closing value a month before was billed by, or never will be."""
    is_mine = Meter.account_id.in_(ids), Meter.removed_on < period
    return set(session.scalars(select(Meter.id).where(*is_mine, is_told(period))))


def is_told(period: date) -> ColumnElement[bool]:
    """Whether a month before has billed the closing value of a removed `Meter`; interference takes its place. What was
    removed before the first month of the books another system billed."""
    row = MeterVolume
    ends = or_(row.to_value == Meter.closing_value, row.method == ChargeMethod.tampered)
    of_meter = row.account_id == Meter.account_id, row.meter_id == Meter.id, row.period < period
    told = exists().where(*of_meter, month_index(row.period) >= month_index(Meter.removed_on), ends)
    begun = select(func.coalesce(func.min(Period.first_on), period)).scalar_subquery()
    return or_(told, Meter.removed_on < begun)


def interruptions(
    session: Session, houses: Ids, since: datetime, until: datetime
) -> Sequence[tuple[Interruption, str]]:
    """What touches a half-open time, with the code of the service."""
    rows = session.execute(
        select(Interruption, Service.code)
        .join(Service, Service.id == Interruption.service_id)
        .where(Interruption.house_id.in_(houses), Interruption.began_at < until, Interruption.ended_at > since)
    )
    return [(row, code) for row, code in rows]
