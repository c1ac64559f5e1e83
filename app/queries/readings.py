"""Readings of meters, by the indexes that begin with the account."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from ..models import Meter, PayerGroup, Period, PeriodState, Reading, ReadingState, Service
from . import periods
from .periods import PeriodPage

COUNTING = (ReadingState.received, ReadingState.review, ReadingState.checked, ReadingState.billed)
"""States of a value that counts; of a period's values at most one does."""


@dataclass(frozen=True, slots=True)
class MeterReadings:
    """A meter and its readings that count, the newest first."""

    meter: Meter
    readings: Sequence[Reading]


def locked_meter(session: Session, meter_id: int) -> Meter:
    """The meter with its service and account, locked until the commit. Raises NoResultFound."""
    return session.scalars(
        select(Meter)
        .where(Meter.id == meter_id)
        .options(joinedload(Meter.service, innerjoin=True), joinedload(Meter.account, innerjoin=True))
        .with_for_update(of=Meter)
    ).one()


def newest(session: Session, meter: Meter, most: int) -> Sequence[Reading]:
    """The last readings of one meter that count, the newest first."""
    return session.scalars(
        select(Reading)
        .where(*_of(meter), Reading.state.in_(COUNTING))
        .order_by(Reading.period.desc(), Reading.attempt.desc())
        .limit(most)
    ).all()


def last_attempt(session: Session, meter: Meter, period: date) -> int:
    """The highest attempt of the meter for the period, 0 when there is none."""
    return session.scalar(select(func.max(Reading.attempt)).where(*_of(meter), Reading.period == period)) or 0


def of_account(session: Session, account_id: int, since: date) -> list[MeterReadings]:
    """The meters in use of an account with their readings of the periods since a date; one statement, and a second
    one for meters that were silent all that time."""
    rows = session.execute(
        select(Meter, Reading)
        .join(Service, Service.id == Meter.service_id)
        .outerjoin(
            Reading,
            and_(
                Reading.account_id == Meter.account_id,
                Reading.meter_id == Meter.id,
                Reading.period >= since,
                Reading.state.in_(COUNTING),
            ),
        )
        .where(Meter.account_id == account_id, Meter.removed_on.is_(None))
        .options(joinedload(Meter.service, innerjoin=True))
        .order_by(Service.position, Meter.id, Reading.period.desc(), Reading.attempt.desc())
    )
    found: dict[Meter, list[Reading]] = defaultdict(list)
    for meter, reading in rows:
        found[meter] += [reading] if reading is not None else []
    silent = [meter.id for meter, readings in found.items() if not readings]
    for reading in _last_ever(session, account_id, silent) if silent else ():
        found[reading.meter].append(reading)
    return [MeterReadings(meter, readings) for meter, readings in found.items()]


def _last_ever(session: Session, account_id: int, meter_ids: Sequence[int]) -> Sequence[Reading]:
    mine = (Reading.account_id == account_id, Reading.meter_id.in_(meter_ids), Reading.state.in_(COUNTING))
    last = select(Reading.meter_id, func.max(Reading.period)).where(*mine).group_by(Reading.meter_id)
    return session.scalars(select(Reading).where(*mine, tuple_(Reading.meter_id, Reading.period).in_(last))).all()


def periods_of(session: Session, meter: Meter, *, before: date | None, after: date | None, size: int) -> PeriodPage:
    """The periods for which the meter has values."""
    given = (*_of(meter), Reading.state != ReadingState.undone)
    return periods.page(session, Reading.period, *given, before=before, after=after, size=size)


def values_of(session: Session, meter: Meter, shown: Sequence[date]) -> Sequence[Reading]:
    """Every value of the meter for some periods, replaced ones too, the newest first."""
    return session.scalars(
        select(Reading)
        .where(*_of(meter), Reading.period.in_(shown), Reading.state != ReadingState.undone)
        .order_by(Reading.period.desc(), Reading.attempt.desc())
    ).all()


def closed_periods(session: Session, payer_group: PayerGroup, since: date) -> set[date]:
    """The periods since a date whose calculation has begun: their readings are fixed."""
    return set(
        session.scalars(
            select(Period.first_on).where(
                Period.first_on >= since, Period.payer_group == payer_group, Period.state != PeriodState.open
            )
        )
    )


def _of(meter: Meter) -> tuple[ColumnElement[bool], ...]:
    return Reading.account_id == meter.account_id, Reading.meter_id == meter.id
