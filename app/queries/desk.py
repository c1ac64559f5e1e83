"""The first page of staff: what waits for them, how the month's readings come in. Every count is bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from ..models import (
    AccessApplication,
    Account,
    ApplicationState,
    BankOperation,
    BankOperationState,
    BillingRun,
    Campaign,
    CampaignState,
    Correction,
    CorrectionState,
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
from .literals import one_of
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


def waiting(session: Session, codes: Iterable[str], today: date) -> dict[str, Waiting]:
    """The queues of these codes; one statement over the first rows of each by its index."""
    asked = [_QUEUES[code] for code in codes]
    rows = session.execute(union_all(*asked), {"today": today}) if asked else ()
    return {code: Waiting(min(count, MOST), count > MOST, *rest) for code, count, *rest in rows}


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
        .where(one_of(Reading.state, [ReadingState.review]))
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


def _first(
    which: ColumnElement[bool],
    since: InstrumentedAttribute[Any],
    promised: InstrumentedAttribute[date] | None = None,
) -> Select[Any]:
    """The first rows of a queue, of one state or other condition that has an index."""
    term = cast(null(), Date) if promised is None else promised
    rows = select(since.label("since"), term.label("promised")).where(which)
    return select(rows.order_by(since.class_.id).limit(MOST + 1).subquery())


def _counted(code: str, firsts: Sequence[Select[Any]]) -> Select[str, int, Any, int, Any]:
    rows = union_all(*firsts).subquery()
    is_late = rows.c.promised < bindparam("today", type_=Date)
    promise = func.min(rows.c.promised)
    return select(literal(code, String), func.count(), func.min(rows.c.since), func.count().filter(is_late), promise)


_OPEN_REQUESTS = (RequestState.new, RequestState.accepted, RequestState.in_progress)
_QUEUES = {
    code: _counted(code, firsts)
    for code, firsts in {
        "readings": [_first(one_of(Reading.state, [ReadingState.review]), Reading.received_at)],
        "requests": [
            _first(one_of(ServiceRequest.state, [state]), ServiceRequest.created_at, ServiceRequest.promised_on)
            for state in _OPEN_REQUESTS
        ],
        "applications": [
            _first(one_of(AccessApplication.state, [state]), AccessApplication.created_at)
            for state in (ApplicationState.new, ApplicationState.review)
        ],
        "payments": [_first(one_of(BankOperation.state, [BankOperationState.unidentified]), BankOperation.paid_at)],
        "alerts": [_first(Payment.alert.is_not(None), Payment.changed_at)],  # one in review has an alert always
        "corrections": [_first(one_of(Correction.state, [CorrectionState.asked]), Correction.created_at)],
        "mailings": [_first(one_of(Campaign.state, [CampaignState.asked]), Campaign.asked_at)],
        "letters": [_first(one_of(OutboxMessage.state, [OutboxState.dead]), OutboxMessage.created_at)],
        "works": [  # over a month, cut off and not at their end yet; the table is short
            _first(and_(BillingRun.restarts > 0, BillingRun.state.in_(UNFINISHED)), BillingRun.started_at)
        ],
    }.items()
}


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
