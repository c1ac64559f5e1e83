"""The first page of staff: what waits for them, how the month's readings come in. Every count is bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from ..models import (
    Account,
    BankOperation,
    BankOperationState,
    BillingRun,
    CoverageTotal,
    Meter,
    OutboxMessage,
    OutboxState,
    Payment,
    PeriodTotal,
    Reading,
    ReadingSource,
    ReadingState,
    RequestState,
    ServiceRequest,
    SiteUser,
)
from .runs import UNFINISHED

MOST = 1000
"""Nobody needs to know how many more than this wait."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue: `count` is at most MOST, `is_more` when there are more. Without rows there is no oldest."""

    count: int
    is_more: bool
    oldest: datetime | None
    overdue: int
    next_promise: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Readings of a period by channel, as counted last, and how many meters were to be read (0: not counted yet)."""

    by_source: Sequence[tuple[ReadingSource, int]]
    meters: int
    counted_at: datetime | None

    @property
    def readings(self) -> int:
        return sum(count for _, count in self.by_source)

    @property
    def missing(self) -> int:
        return max(self.meters - self.readings, 0)

    @property
    def percent(self) -> int | None:
        return min(100 * self.readings // self.meters, 100) if self.meters else None


def readings_to_check(session: Session, today: date) -> Waiting:
    return _waiting(session, today, Reading.state, (ReadingState.review,), Reading.received_at)


def readings_in_review(session: Session, *, after: int | None, size: int) -> Sequence[Reading]:
    """Up to `size` readings that wait for a clerk, the oldest first, after an id; with meter, address and payer."""
    statement = _in_review().order_by(Reading.id).limit(size)
    return session.scalars(statement if after is None else statement.where(Reading.id > after)).all()


def reading_in_review(session: Session, pk: int) -> Reading | None:
    """One of them; None when nobody waits for it any more."""
    return session.scalar(_in_review().where(Reading.id == pk))


def _in_review() -> Select[Reading]:
    return (
        select(Reading)
        .where(Reading.state == literal(ReadingState.review, Reading.state.type, literal_execute=True))
        .options(
            joinedload(Reading.meter).joinedload(Meter.service),
            joinedload(Reading.account).joinedload(Account.premises),
            joinedload(Reading.account).joinedload(Account.customer),
            joinedload(Reading.account).joinedload(Account.legal_entity),
        )
    )


def senders(session: Session, found: Sequence[Reading]) -> dict[int, SiteUser]:
    """Who sent the readings from the cabinet, by the user's id."""
    ids = {each.user_id for each in found if each.source is ReadingSource.cabinet}
    return {user.id: user for user in session.scalars(select(SiteUser).where(SiteUser.id.in_(ids)))}


def locked_reading(session: Session, pk: int) -> Reading | None:
    return session.scalar(select(Reading).where(Reading.id == pk).with_for_update())


def open_requests(session: Session, today: date) -> Waiting:
    states = (RequestState.new, RequestState.accepted, RequestState.in_progress)
    since, promised = ServiceRequest.created_at, ServiceRequest.promised_on
    return _waiting(session, today, ServiceRequest.state, states, since, promised)


def unidentified_payments(session: Session, today: date) -> Waiting:
    return _waiting(session, today, BankOperation.state, (BankOperationState.unidentified,), BankOperation.paid_at)


def payments_to_look_at(session: Session, today: date) -> Waiting:
    """Payments with an alert; one in review has one always."""
    first = select(Payment.changed_at).where(Payment.alert.is_not(None)).order_by(Payment.id).limit(MOST + 1).subquery()
    count, oldest = session.execute(select(func.count(), func.min(first.c.changed_at))).one()
    return Waiting(min(count, MOST), count > MOST, oldest, 0, None)


def dead_letters(session: Session, today: date) -> Waiting:
    return _waiting(session, today, OutboxMessage.state, (OutboxState.dead,), OutboxMessage.created_at)


def works_cut_off(session: Session, today: date) -> Waiting:
    """Works over a month that were cut off and have not come to an end yet; the table is short."""
    cut_off = BillingRun.restarts > 0, BillingRun.state.in_(UNFINISHED)
    count, oldest = session.execute(select(func.count(), func.min(BillingRun.started_at)).where(*cut_off)).one()
    return Waiting(min(count, MOST), count > MOST, oldest, 0, None)


def _waiting(
    session: Session,
    today: date,
    state: InstrumentedAttribute[Any],
    states: Sequence[StrEnum],
    since: InstrumentedAttribute[datetime],
    promised: ColumnElement[Any] | InstrumentedAttribute[date] | None = None,
) -> Waiting:
    """One statement over the first rows of each state by its index; the states stand in the text of the statement,
    or partial indexes would not be used."""
    key = state.class_.id
    term = cast(null(), Date) if promised is None else promised
    firsts = [
        select(since.label("since"), term.label("promised"))
        .where(state == literal(each, state.type, literal_execute=True))
        .order_by(key)
        .limit(MOST + 1)
        .subquery()
        for each in states
    ]
    rows = union_all(*(select(first) for first in firsts)).subquery()
    is_late = rows.c.promised < today
    count, oldest, overdue, promise = session.execute(
        select(func.count(), func.min(rows.c.since), func.count().filter(is_late), func.min(rows.c.promised))
    ).one()
    return Waiting(min(count, MOST), count > MOST, oldest, overdue, promise)


def coverage(session: Session, period: date) -> Coverage:
    rows = session.execute(
        select(CoverageTotal.source, func.sum(CoverageTotal.readings), func.max(CoverageTotal.counted_at))
        .where(CoverageTotal.period == period)
        .group_by(CoverageTotal.source)
    ).all()
    meters = session.scalar(select(func.sum(PeriodTotal.meters)).where(PeriodTotal.period == period))
    counts = {source: int(count) for source, count, _ in rows}
    return Coverage(
        by_source=[(source, counts[source]) for source in ReadingSource if source in counts],
        meters=int(meters or 0),
        counted_at=max((counted_at for *_, counted_at in rows), default=None),
    )
