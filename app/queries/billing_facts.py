"""What is known of some accounts for a month's charges: one statement for each table, for one account as for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountResidents,
    AccountService,
    Charge,
    ChargeMethod,
    House,
    Interruption,
    Locality,
    Meter,
    MeterFault,
    MeterVolume,
    Premises,
    Reading,
    Service,
    Street,
)
from .billing_tables import GUESSES
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


def interference_charged(session: Session, ids: Ids, since: date, period: date) -> list[tuple[int, str, date]]:
    """Account, code of the service and month in which interference was charged, before a period."""
    rows = session.execute(
        select(Charge.account_id, Service.code, Charge.period)
        .join_from(Charge, Service, Service.id == Charge.service_id)
        .where(
            Charge.account_id.in_(ids),
            Charge.period >= since,
            Charge.period < period,
            Charge.method == ChargeMethod.tampered,
        )
    )
    return [(account_id, code, month) for account_id, code, month in rows]


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
