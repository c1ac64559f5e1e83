"""Readings of meters, by the indexes that begin with the account."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Integer, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from ..models import (
    Account,
    AccountStatus,
    Meter,
    PayerGroup,
    Period,
    PeriodState,
    Premises,
    Reading,
    ReadingState,
    Service,
)
from ..security.scope import SENT_FOR
from .literals import one_of
from .periods import PeriodPage, PeriodPages

COUNTING = (ReadingState.received, ReadingState.review, ReadingState.checked, ReadingState.billed)
"""States of a value that counts; of a period's values at most one does."""


@dataclass(frozen=True, slots=True)
class MeterReadings:
    """A meter and its readings that count, the newest first."""

    meter: Meter
    readings: Sequence[Reading]
    fixed_until: date
    """`fixed_until` of the account."""


def locked_meter(session: Session, meter_id: int) -> Meter:
    """The meter with its service and account, locked until the commit. Raises NoResultFound."""
    return session.scalars(_LOCKED, {"meter_id": meter_id}).one()


_LOCKED = (
    select(Meter)
    .where(Meter.id == bindparam("meter_id", type_=Integer))
    .options(joinedload(Meter.service, innerjoin=True), joinedload(Meter.account, innerjoin=True))
    .with_for_update(of=Meter)
)


def fixed_until(session: Session, payer_group: PayerGroup) -> date:
    """The last period whose calculation has begun, the earliest date of all where none has: the readings of it and of
    those before are fixed."""
    return session.scalar(_FIXED_UNTIL, {"payer_group": payer_group}) or date.min


_FIXED_UNTIL = select(func.max(Period.first_on)).where(
    Period.payer_group == bindparam("payer_group"), Period.state != PeriodState.open
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a meter when a value comes for a period."""

    readings: Sequence[Reading]
    """The last ones that count, the newest first."""
    last_attempt: int
    """The highest attempt for the period, 0 when there is none."""
    fixed_until: date
    """`fixed_until` of the account."""


def sent(session: Session, meter: Meter, period: date, most: int) -> Sent:
    """The last `most` readings of a meter that count, with what else a new value for the period is judged by."""
    values = {**_of(meter), "payer_group": meter.account.payer_group, "period": period, "most": most}
    rows = session.execute(_SENT, values).all()
    readings = [reading for reading, _last, _fixed in rows if reading is not None]
    return Sent(readings, rows[0][1] or 0, rows[0][2] or date.min)


_THE_METERS = (
    Reading.account_id == bindparam("account_id", type_=Integer),
    Reading.meter_id == bindparam("meter_id", type_=Integer),
)
_OF_THE_PERIOD = aliased(Reading)
_LAST_ATTEMPT = select(func.max(_OF_THE_PERIOD.attempt)).where(
    _OF_THE_PERIOD.account_id == bindparam("account_id", type_=Integer),
    _OF_THE_PERIOD.meter_id == bindparam("meter_id", type_=Integer),
    _OF_THE_PERIOD.period == bindparam("period", type_=Date),
)
_SENT = (
    select(Reading, _LAST_ATTEMPT.scalar_subquery(), _FIXED_UNTIL.scalar_subquery())
    .select_from(Meter)
    .outerjoin(Reading, and_(*_THE_METERS, one_of(Reading.state, COUNTING)))
    .where(Meter.id == bindparam("meter_id", type_=Integer))
    .order_by(Reading.period.desc(), Reading.attempt.desc())
    .limit(bindparam("most", type_=Integer))
)


def newest_of(session: Session, meters: Sequence[Meter], since: date) -> dict[int, list[Reading]]:
    """The readings of some meters that count, of the periods since a date, the newest first, by the meter's id."""
    rows = session.scalars(
        select(Reading)
        .where(
            Reading.account_id.in_({meter.account_id for meter in meters}),
            Reading.meter_id.in_({meter.id for meter in meters}),
            Reading.period >= since,
            one_of(Reading.state, COUNTING),
        )
        .order_by(Reading.period.desc(), Reading.attempt.desc())
    )
    found: dict[int, list[Reading]] = defaultdict(list)
    for reading in rows:
        found[reading.meter_id].append(reading)
    return found


def of_account(session: Session, account: Account, since: date) -> list[MeterReadings]:
    """The meters in use of an account with their readings of the periods since a date and the last one before it,
    which they count from."""
    of = {"account_id": account.id, "payer_group": account.payer_group, "since": since}
    found: dict[Meter, list[Reading]] = defaultdict(list)
    fixed = None
    for meter, reading, fixed in session.execute(_OF_ACCOUNT, of):  # noqa: B007 - the same in all rows
        found[meter] += [reading] if reading is not None else []
    return [MeterReadings(meter, readings, fixed or date.min) for meter, readings in found.items()]


_EARLIER, _SINCE = aliased(Reading), bindparam("since", type_=Date)
_BEFORE = (
    select(func.max(_EARLIER.period))
    .where(
        _EARLIER.account_id == Meter.account_id,
        _EARLIER.meter_id == Meter.id,
        _EARLIER.period < _SINCE,
        one_of(_EARLIER.state, COUNTING),
    )
    .scalar_subquery()
)
_OF_ACCOUNT = (
    select(Meter, Reading, _FIXED_UNTIL.scalar_subquery())
    .join(Service, Service.id == Meter.service_id)
    .outerjoin(
        Reading,
        and_(
            Reading.account_id == Meter.account_id,
            Reading.meter_id == Meter.id,
            Reading.period >= func.coalesce(_BEFORE, _SINCE),
            one_of(Reading.state, COUNTING),
        ),
    )
    .where(Meter.account_id == bindparam("account_id"), Meter.removed_on.is_(None))
    .options(joinedload(Meter.service, innerjoin=True))
    .order_by(Service.position, Meter.id, Reading.period.desc(), Reading.attempt.desc())
)


def periods_of(session: Session, meter: Meter, *, before: date | None, after: date | None, size: int) -> PeriodPage:
    """The periods for which the meter has values."""
    return _PERIODS.page(session, _of(meter), before=before, after=after, size=size)


_PERIODS = PeriodPages(Reading.period, *_THE_METERS, Reading.state != ReadingState.undone)


def values_of(session: Session, meter: Meter, shown: Sequence[date]) -> Sequence[Reading]:
    """Every value of the meter for some periods, replaced ones too, the newest first."""
    statement = (
        select(Reading)
        .where(*_THE_METERS, Reading.period.in_(shown), Reading.state != ReadingState.undone)
        .order_by(Reading.period.desc(), Reading.attempt.desc())
    )
    return session.scalars(statement, _of(meter)).all()


def _of(meter: Meter) -> dict[str, int]:
    """The values of `_THE_METERS`."""
    return {"account_id": meter.account_id, "meter_id": meter.id}


def meters_in_use(session: Session, most: int) -> list[tuple[Meter, Reading | None]]:
    """The meters of all open accounts that the customer at work may send readings for, by address, each with its
    newest reading that counts; with services and premises; one statement."""
    return [(meter, reading) for meter, reading in session.execute(_IN_USE, {"most": most})]


_NEWEST_PERIOD = (
    select(func.max(_EARLIER.period))
    .where(_EARLIER.account_id == Meter.account_id, _EARLIER.meter_id == Meter.id, one_of(_EARLIER.state, COUNTING))
    .correlate(Meter)
    .scalar_subquery()
)
_IN_USE = (
    select(Meter, Reading)
    .join(Meter.account)
    .join(Account.premises)
    .join(Meter.service)
    .outerjoin(
        Reading,
        and_(
            Reading.account_id == Meter.account_id,
            Reading.meter_id == Meter.id,
            Reading.period == _NEWEST_PERIOD,
            one_of(Reading.state, COUNTING),
        ),
    )
    .where(Meter.account_id.in_(SENT_FOR), Meter.removed_on.is_(None), Account.status == AccountStatus.active)
    .options(contains_eager(Meter.service), contains_eager(Meter.account).contains_eager(Account.premises))
    .order_by(Premises.address, Account.number, Service.position, Meter.id)
    .limit(bindparam("most", type_=Integer))
)
