"""Works on the networks and the houses that they touch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from ..models import (
    Account,
    AccountStatus,
    AuditEvent,
    House,
    HouseSide,
    NetworkWork,
    Premises,
    SiteUser,
    Street,
    WorkKind,
    WorkRange,
    WorkState,
)
from .literals import one_of

_DIGITS = {HouseSide.odd: tuple("13579"), HouseSide.even: tuple("02468")}
_DIGIT = func.substr(House.number_key, 6, 1)  # the last one of the number itself
COVERS: ColumnElement[bool] = and_(
    WorkRange.street_id == House.street_id,
    House.number_key >= WorkRange.first_key,
    House.number_key <= WorkRange.last_key,
    or_(
        WorkRange.side == HouseSide.both,
        *(and_(WorkRange.side == side, one_of(_DIGIT, digits)) for side, digits in _DIGITS.items()),
    ),
)
"""Whether a range has a house: what `house_ranges.HouseRange.covers` says of one, for as many as there are."""


def touches(house_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether a work touches the house."""
    of_house = select(WorkRange.work_id).join(House, COVERS).where(House.id == house_id)
    return or_(NetworkWork.is_everywhere, NetworkWork.id.in_(of_house))


def house_ids(work: NetworkWork) -> Select[int]:
    """Ids of the houses that the work touches, as a subquery."""
    everywhere = select(House.id)
    return everywhere if work.is_everywhere else everywhere.join(WorkRange, COVERS).where(WorkRange.work_id == work.id)


def affected_accounts(work: NetworkWork) -> Select[int]:
    """Ids of the open accounts that the work touches, as a subquery: for letters and counts."""
    accounts = select(Account.id).where(Account.status == AccountStatus.active)
    if work.is_everywhere:
        return accounts
    return accounts.join(Premises, Premises.id == Account.premises_id).where(Premises.house_id.in_(house_ids(work)))


def count_accounts(session: Session, work: NetworkWork) -> int:
    return session.scalar(select(func.count()).select_from(affected_accounts(work).subquery())) or 0


def count_houses(session: Session, work: NetworkWork) -> int:
    return session.scalar(select(func.count()).where(House.id.in_(house_ids(work)))) or 0


def houses(session: Session, work: NetworkWork, most: int) -> Sequence[House]:
    """The houses that the work touches, along their streets."""
    statement = select(House).join(House.street).where(House.id.in_(house_ids(work)))
    return session.scalars(statement.order_by(Street.name_fold, Street.id, House.number_key).limit(most)).all()


def has_houses(session: Session, each: WorkRange) -> bool:
    """Whether any house is in a range that is not written yet."""
    digits = _DIGITS.get(each.side)
    statement = select(House.id).where(
        House.street_id == each.street_id,
        House.number_key >= each.first_key,
        House.number_key <= each.last_key,
        true() if digits is None else one_of(_DIGIT, digits),
    )
    return session.scalar(statement.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Driest:
    """The house that is longest without water, for so many minutes, and how many houses are beyond the limit."""

    label: str
    minutes: int
    houses: int


def without_water(session: Session, since: datetime, until: datetime) -> Sequence[NetworkWork]:
    """Announced works that leave houses without water at some time within these moments."""
    return session.scalars(
        select(NetworkWork).where(
            one_of(NetworkWork.state, (WorkState.published, WorkState.finished)),
            NetworkWork.no_water_from < until,
            NetworkWork.no_water_to > since,
        )
    ).all()


def driest(session: Session, work: NetworkWork, minutes: Mapping[int, int], limit: int) -> Driest | None:
    """Of the houses of the work those that are longer without water than the limit, in minutes, over the works whose
    minutes are given; one statement."""
    of_house = (
        select(House.id, House.label, WorkRange.work_id)
        .select_from(House)
        .join(WorkRange, and_(COVERS, WorkRange.work_id.in_(minutes)), isouter=work.is_everywhere)
        .where(House.id.in_(house_ids(work)))
        .distinct()
        .subquery()
    )
    everywhere = select(NetworkWork.id).where(NetworkWork.id.in_(minutes), NetworkWork.is_everywhere)
    always = sum(minutes[each] for each in session.scalars(everywhere))
    total = func.sum(case(dict(minutes), value=of_house.c.work_id, else_=0)) + always
    sums = (
        select(of_house.c.label, total.label("minutes"))
        .group_by(of_house.c.id, of_house.c.label)
        .having(total > limit)
        .subquery()
    )
    found = session.execute(
        select(sums.c.label, sums.c.minutes, func.count().over()).order_by(sums.c.minutes.desc(), sums.c.label).limit(1)
    ).one_or_none()
    return None if found is None else Driest(*found)


# staff's pages ----------------------------------------------------------------------------------------


def one(session: Session, work_id: int, *, lock: bool = False) -> NetworkWork | None:
    """The work with its ranges; its row is kept from others where it is to be changed."""
    statement = (
        select(NetworkWork)
        .where(NetworkWork.id == work_id)
        .options(selectinload(NetworkWork.ranges).joinedload(WorkRange.street))
    )
    return session.scalar(statement.with_for_update(of=NetworkWork) if lock else statement)


def page(session: Session, state: WorkState | None, *, before: int | None, size: int) -> Sequence[NetworkWork]:
    """Works, the newest first."""
    statement = select(NetworkWork)
    if state is not None:
        statement = statement.where(NetworkWork.state == state)
    if before is not None:
        statement = statement.where(NetworkWork.id < before)
    return session.scalars(statement.order_by(NetworkWork.id.desc()).limit(size)).all()


def history(session: Session, work_id: int, most: int = 100) -> Sequence[tuple[AuditEvent, SiteUser | None]]:
    """Who did what with the work, the last act first."""
    rows = session.execute(
        select(AuditEvent, SiteUser)
        .outerjoin(SiteUser, SiteUser.id == AuditEvent.user_id)
        .where(AuditEvent.object_type == NetworkWork.__tablename__, AuditEvent.object_id == str(work_id))
        .order_by(AuditEvent.id.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


# everybody's pages ------------------------------------------------------------------------------------


NO_WATER, ROADS = "no-water", "roads"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which works a page is about: of one kind, those without water, those that close roads; all where nothing is."""

    kind: WorkKind | None = None
    fact: str = ""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.kind is not None:
            yield NetworkWork.kind == self.kind
        if self.fact == NO_WATER:
            yield NetworkWork.no_water_from.is_not(None)
        if self.fact == ROADS:
            yield NetworkWork.roads != ""


EVERYTHING = Wanted()


def current(
    session: Session,
    now: datetime,
    wanted: Wanted = EVERYTHING,
    *,
    house_id: int | None = None,
    after: tuple[datetime, int] | None = None,
    most: int = 100,
) -> Sequence[NetworkWork]:
    """Published works that go on or are planned, the nearest first; of one house where it is given. `after` is the
    (beginning, id) of the last one on the page before."""
    statement = select(NetworkWork).where(
        NetworkWork.state == WorkState.published, NetworkWork.ends_at > now, *wanted.conditions()
    )
    if house_id is not None:
        statement = statement.where(touches(house_id))
    if after is not None:
        start, last_id = after
        statement = statement.where(
            or_(NetworkWork.starts_at > start, and_(NetworkWork.starts_at == start, NetworkWork.id > last_id))
        )
    return session.scalars(statement.order_by(NetworkWork.starts_at, NetworkWork.id).limit(most)).all()


def over(
    session: Session, now: datetime, wanted: Wanted, *, before: tuple[datetime, int] | None, most: int
) -> Sequence[NetworkWork]:
    """Works that are over or were called off, the last first; `before` is the (end, id) of the last one on the page
    before."""
    statement = select(NetworkWork).where(
        or_(
            one_of(NetworkWork.state, (WorkState.finished, WorkState.canceled)),
            and_(NetworkWork.state == WorkState.published, NetworkWork.ends_at <= now),
        ),
        *wanted.conditions(),
    )
    if before is not None:
        end, last_id = before
        statement = statement.where(
            or_(NetworkWork.ends_at < end, and_(NetworkWork.ends_at == end, NetworkWork.id < last_id))
        )
    return session.scalars(statement.order_by(NetworkWork.ends_at.desc(), NetworkWork.id.desc()).limit(most)).all()


def published(session: Session, work_id: int) -> NetworkWork | None:
    """The work, unless it is a draft."""
    return session.scalar(select(NetworkWork).where(NetworkWork.id == work_id, NetworkWork.state != WorkState.draft))


def newest(session: Session, since: datetime, most: int) -> Sequence[NetworkWork]:
    """What was published last of works that end after a moment, what was called off too."""
    return session.scalars(
        select(NetworkWork)
        .where(NetworkWork.state != WorkState.draft, NetworkWork.ends_at > since)
        .order_by(NetworkWork.published_at.desc().nulls_last(), NetworkWork.id.desc())
        .limit(most)
    ).all()


def of_house(session: Session, house_id: int, since: datetime, most: int = 100) -> Sequence[NetworkWork]:
    """What was published of the house and ends after a moment: over, going on, planned, called off."""
    return session.scalars(
        select(NetworkWork)
        .where(NetworkWork.state != WorkState.draft, NetworkWork.ends_at > since, touches(house_id))
        .order_by(NetworkWork.starts_at, NetworkWork.id)
        .limit(most)
    ).all()
