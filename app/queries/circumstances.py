"""What is on record of a house or a meter for the time of another row; what bills were made of that it may change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select, union
from sqlalchemy.orm import Session, contains_eager

from ..models import (
    Account,
    AccountResidents,
    Charge,
    ChargeKind,
    ChargeMethod,
    Interruption,
    Meter,
    MeterFault,
    MeterFaultKind,
    MeterVolume,
    NotBilled,
    PayerGroup,
    Period,
    Premises,
    Reading,
    ReadingSource,
)
from .periods import BILLED
from .readings import COUNTING

BY_PEOPLE = (ChargeMethod.normative, ChargeMethod.tampered)
Place = tuple[int, int]
"""A house's id and a service's."""


def interruption_meanwhile(session: Session, row: Interruption) -> Interruption | None:
    """Another interruption of the same service in the same house, at the same time."""
    statement = select(Interruption).where(
        Interruption.house_id == row.house.id,
        Interruption.service_id == row.service.id,
        Interruption.began_at < row.ended_at,
        Interruption.ended_at > row.began_at,
        Interruption.id.is_distinct_from(row.id),
    )
    return session.scalar(statement.order_by(Interruption.began_at).limit(1))


def fault_meanwhile(session: Session, row: MeterFault) -> MeterFault | None:
    """Another fault of the same kind and meter, on the same days."""
    statement = select(MeterFault).where(
        MeterFault.meter_id == row.meter.id,
        MeterFault.kind == row.kind,
        MeterFault.since <= (row.until or date.max),
        or_(MeterFault.until.is_(None), MeterFault.until >= row.since),
        MeterFault.id.is_distinct_from(row.id),
    )
    return session.scalar(statement.order_by(MeterFault.since).limit(1))


# Rows as they are stored ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """Of `AccountResidents`."""

    account_id: int
    valid_from: date
    residents: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of `MeterFault`."""

    meter_id: int
    kind: MeterFaultKind
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """Of `Interruption`."""

    place: Place
    began_at: datetime
    ended_at: datetime


def number(session: Session, pk: int) -> Number | None:
    row = AccountResidents
    found = session.execute(select(row.account_id, row.valid_from, row.residents).where(row.id == pk)).one_or_none()
    return None if found is None else Number(*found)


def doubt(session: Session, pk: int) -> Doubt | None:
    row = MeterFault
    found = session.execute(select(row.meter_id, row.kind, row.since, row.until).where(row.id == pk)).one_or_none()
    return None if found is None else Doubt(*found)


def span(session: Session, pk: int) -> Span | None:
    row = Interruption
    columns = row.house_id, row.service_id, row.began_at, row.ended_at
    found = session.execute(select(*columns).where(row.id == pk)).one_or_none()
    return None if found is None else Span((found[0], found[1]), found[2], found[3])


# What bills were made of ----------------------------------------------------------------------------------


def months_by_people(session: Session, account_id: int, first: date, last: date) -> Sequence[date]:
    """The months in which an account was charged by how many people live there, or could not be for not knowing it."""
    by_people = or_(Charge.method.in_(BY_PEOPLE), Charge.residents.is_not(None))
    charged = Charge.account_id == account_id, Charge.period.between(first, last)
    left_out = NotBilled.account_id == account_id, NotBilled.period.between(first, last)
    of_people = NotBilled.reason == "no_residents"
    rows = union(select(Charge.period).where(*charged, by_people), select(NotBilled.period).where(*left_out, of_people))
    return session.scalars(rows).all()


def methods_of(session: Session, meter: Meter, first: date, last: date) -> dict[date, ChargeMethod]:
    """By what a meter was billed in each month, the oldest first."""
    row = MeterVolume
    mine = row.account_id == meter.account_id, row.meter_id == meter.id, row.period.between(first, last)
    rows = session.execute(select(row.period, row.method).where(*mine).order_by(row.period))
    return {period: method for period, method in rows}


def days_of_readings(session: Session, meter: Meter, first: date, last: date) -> dict[date, date]:
    """When the value of each month was taken, but by a control check, which is believed always."""
    row = Reading
    mine = row.account_id == meter.account_id, row.meter_id == meter.id, row.period.between(first, last)
    rows = session.execute(
        select(row.period, row.taken_on).where(*mine, row.state.in_(COUNTING), row.source != ReadingSource.control)
    )
    return {period: day for period, day in rows}


def spans(session: Session, place: Place, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The times without a service in a house that touch a half-open time."""
    row, (house_id, service_id) = Interruption, place
    of = row.house_id == house_id, row.service_id == service_id, row.began_at < until, row.ended_at > since
    return [
        (began_at, ended_at) for began_at, ended_at in session.execute(select(row.began_at, row.ended_at).where(*of))
    ]


def is_charged(session: Session, place: Place, month: date, groups: Collection[PayerGroup]) -> bool:
    """Whether any account of a house was charged for a service in a month."""
    return bool(accounts_charged(session, place, month, month, groups, after=0, most=1))


def accounts_charged(
    session: Session, place: Place, first: date, last: date, groups: Collection[PayerGroup], *, after: int, most: int
) -> Sequence[Account]:
    """The accounts of a house that were charged for a service in any of the months, by a bill that is no draft."""
    house_id, service_id = place
    of = Charge.service_id == service_id, Charge.period.between(first, last), Charge.kind == ChargeKind.main
    drafts = select(Period.first_on).where(Period.payer_group == Account.payer_group, Period.state.not_in(BILLED))
    drafts = drafts.correlate(Account)
    return session.scalars(
        select(Account)
        .join(Account.premises)
        .options(contains_eager(Account.premises))
        .where(
            Premises.house_id == house_id,
            Account.payer_group.in_(groups),
            Account.id > after,
            exists().where(Charge.account_id == Account.id, Charge.period.not_in(drafts), *of),
        )
        .order_by(Account.id)
        .limit(most)
    ).all()
