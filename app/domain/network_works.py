"""Notices of works on the networks: what may be published, whom it touches, and the ways that a notice goes.

A planned work keeps the rules of notice (ПП 354, приложение 1, п. 1): whoever breaks one says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..formats import long_date, period
from ..i18n import _, ngettext
from ..models import NetworkWork, Street, WorkKind, WorkRange, WorkState
from ..queries import houses, system
from ..queries import network_works as queries
from ..queries.find import Contains
from . import addresses, house_ranges, working_days
from .calendar import WorkingDays, add_working_days, month_range
from .errors import DomainError

MOST_RANGES, LONGEST_ADDRESSES, NAMED = 200, 2000, 5
MINUTE = timedelta(minutes=1)


class NoticeBreach(DomainError):  # noqa: N818 - it asks, it does not fail
    """A planned work breaks rules of notice: it is kept once somebody says why."""

    def __init__(self, breaches: Sequence[str]) -> None:
        super().__init__(_("Write why it cannot be done otherwise."), field="reason")
        self.breaches = breaches


@dataclass(frozen=True, slots=True)
class Notice:
    """What a clerk says of a work. Without water are the houses from `no_water_from` to `no_water_to`, or never."""

    kind: WorkKind
    is_planned: bool
    title: str
    description: str
    is_everywhere: bool
    addresses: str
    roads: str
    starts_at: datetime
    ends_at: datetime
    no_water_from: datetime | None
    no_water_to: datetime | None
    reason: str


def save(session: Session, work: NetworkWork, notice: Notice, contains: Contains) -> None:
    """Write the notice into a new work or into one that was read with its ranges.

    Raises DomainError for times out of order, for an address that is not there, and for a work that is over;
    NoticeBreach where a rule of notice is broken without a reason."""
    if work.state in (WorkState.finished, WorkState.canceled):
        raise DomainError(_("These works are over: their notice stays as it is."))
    _check_times(work, notice)
    write(session, work, notice, contains)
    _ask_for_reason(session, work)


def write(session: Session, work: NetworkWork, notice: Notice, contains: Contains) -> None:
    """Put the notice into the row. Raises DomainError for its addresses."""
    ranges = [] if notice.is_everywhere else read_ranges(session, notice.addresses, contains)
    for name in (
        *("kind", "is_planned", "title", "description", "is_everywhere", "roads"),
        *("starts_at", "ends_at", "no_water_from", "no_water_to", "reason"),
    ):
        setattr(work, name, getattr(notice, name))
    work.addresses = "" if notice.is_everywhere else "; ".join(_lines(session, ranges))
    if len(work.addresses) > LONGEST_ADDRESSES:
        raise DomainError(_("There are too many addresses for one notice: make two of it."), field="addresses")
    work.ranges, work.changed_at = ranges, clock.now()
    session.add(work)
    session.flush()


def addresses_to_edit(session: Session, work: NetworkWork) -> str:
    """The ranges as they were typed: a street a line."""
    return "\n".join(_lines(session, work.ranges))


def publish(session: Session, work: NetworkWork, reason: str = "") -> None:
    """Show a draft to everybody. Raises DomainError for what is no draft or would be over already, NoticeBreach."""
    _expect(work, WorkState.draft)
    if work.ends_at <= clock.now():
        raise DomainError(_("The announced time is over: change it before the notice is published."))
    work.state, work.published_at = WorkState.published, clock.now()
    work.reason = reason or work.reason
    work.changed_at = clock.now()
    session.flush()
    _ask_for_reason(session, work)


def prolong(work: NetworkWork, ends_at: datetime, reason: str) -> None:
    """Announce a later end; the water that was to come with the old end comes with the new one."""
    _expect(work, WorkState.published)
    if ends_at <= work.ends_at or ends_at <= clock.now():
        raise DomainError(_("Enter an end later than the announced one, and later than now."), field="ends_at")
    if not reason:
        raise DomainError(_("Write why the works take longer: people will read it."), field="reason")
    if work.no_water_to == work.ends_at:
        work.no_water_to = ends_at
    work.ends_at, work.prolonged_for, work.changed_at = ends_at, reason, clock.now()


def finish(work: NetworkWork, ended_at: datetime) -> None:
    _expect(work, WorkState.published)
    if not work.starts_at < ended_at <= clock.now():
        raise DomainError(_("Enter when the works ended: after they began, and not later than now."), field="ended_at")
    work.state, work.ended_at, work.changed_at = WorkState.finished, ended_at, clock.now()


def cancel(work: NetworkWork, reason: str) -> None:
    """Call the works off before they begin; the page goes on saying so."""
    _expect(work, WorkState.published)
    if work.starts_at <= clock.now():
        raise DomainError(_("These works have begun: finish them instead."))
    if not reason:
        raise DomainError(_("Write why the works are called off."), field="reason")
    work.state, work.prolonged_for, work.changed_at = WorkState.canceled, reason, clock.now()


def _expect(work: NetworkWork, state: WorkState) -> None:
    if work.state is not state:
        message = _("The works have become “%(state)s” meanwhile. Look at them again.", state=work.state.label)
        raise DomainError(message)


def _check_times(work: NetworkWork, notice: Notice) -> None:
    if notice.ends_at <= notice.starts_at:
        raise DomainError(_("Enter an end that is after the beginning."), field="ends_at")
    if work.state is WorkState.published and notice.ends_at != work.ends_at:
        raise DomainError(_("The end is announced: prolong or finish the works on their page."), field="ends_at")
    if work.state is not WorkState.published and notice.ends_at <= clock.now():
        raise DomainError(_("These works would be over already: enter an end that is ahead."), field="ends_at")
    if notice.no_water_from is None or notice.no_water_to is None:
        return
    if notice.no_water_to <= notice.no_water_from:
        raise DomainError(_("Enter a time when water comes back after it goes."), field="no_water_to")
    if notice.no_water_from < notice.starts_at or notice.no_water_to > notice.ends_at:
        raise DomainError(_("There may be no water only while the works go on."), field="no_water_from")


# addresses --------------------------------------------------------------------------------------------


def read_ranges(session: Session, text: str, contains: Contains) -> list[WorkRange]:
    """The ranges that a text names. Raises DomainError (field `addresses`) for a street that is not there or could be
    several, for houses that are not there, and for what nobody understands."""
    found: list[WorkRange] = []
    for line in house_ranges.lines(text):
        last = found[-1].street if found else None
        try:
            found += _read_line(session, line, contains, last)
        except DomainError as error:
            raise DomainError(f"«{line[:60]}»: {error.message}", field="addresses") from error
        if len(found) > MOST_RANGES:
            raise DomainError(_("There are too many addresses for one notice: make two of it."), field="addresses")
    if not found:
        raise DomainError(_("Enter the houses, for example: Lenina, 60–98 even."), field="addresses")
    return found


def _read_line(session: Session, line: str, contains: Contains, last: Street | None) -> list[WorkRange]:
    several: list[str] = []
    for name, ranges in house_ranges.readings(line):
        streets = addresses.streets(session, name, contains) if name else [last] if last else []
        if len(streets) == 1:
            return [_range(session, streets[0], each) for each in ranges]
        several = several or [f"{street.locality.name}, {street.name}" for street in streets]
    if several:
        names = "; ".join(several[:NAMED])
        raise DomainError(_("There are several such streets: %(names)s. Write more of the name.", names=names))
    raise DomainError(_("There is no such street. Check its name, and how the houses are written."))


def _range(session: Session, street: Street, each: house_ranges.HouseRange) -> WorkRange:
    made = WorkRange(
        street=street,
        street_id=street.id,
        side=each.side,
        first=each.first,
        last=each.last,
        first_key=each.first_key,
        last_key=each.last_key,
    )
    if not queries.has_houses(session, made):
        raise DomainError(_("%(street)s has no such houses: %(numbers)s.", street=street.name, numbers=each))
    return made


def _lines(session: Session, ranges: Sequence[WorkRange]) -> Iterator[str]:
    """«ул. Куйбышева, 28–52 чётные, 57» for each street; with its town where another one has such a street."""
    of_street: dict[int, list[WorkRange]] = {}
    for each in ranges:
        of_street.setdefault(each.street_id, []).append(each)
    for rows in of_street.values():
        street = rows[0].street
        name = street.name
        if houses.namesakes(session, street) > 1:
            name = f"{street.locality.name}, {name}"
        yield house_ranges.words(name, (house_ranges.HouseRange(row.side, row.first, row.last) for row in rows))


# rules of notice --------------------------------------------------------------------------------------


def _ask_for_reason(session: Session, work: NetworkWork) -> None:
    if work.reason or not work.is_planned:
        return
    broken = breaches(session, work)
    if broken:
        raise NoticeBreach(broken)


def breaches(session: Session, work: NetworkWork) -> list[str]:
    """The rules of notice that a planned work breaks, in words; the work is written already."""
    if not work.is_planned:
        return []
    settings = system.settings(session)
    return [
        *_too_late(work, int(settings["works.notice_days"]), working_days.known(session)),
        *_too_long(work, int(settings["works.longest_hours"])),
        *_too_much(session, work, int(settings["works.month_hours"])),
    ]


def _too_late(work: NetworkWork, days: int, working: WorkingDays) -> Iterator[str]:
    last = add_working_days(clock.local(work.starts_at).date(), -days, working)
    if clock.local(work.published_at or clock.now()).date() > last:
        yield ngettext(
            "People are told of planned works %(num)d working day ahead at least: by %(last)s.",
            "People are told of planned works %(num)d working days ahead at least: by %(last)s.",
            days,
            last=long_date(last),
        )


def _too_long(work: NetworkWork, hours: int) -> Iterator[str]:
    if work.no_water_from is None or work.no_water_to is None:
        return
    asked = work.no_water_to - work.no_water_from
    if asked > timedelta(hours=hours):
        told = {"asked": _time(asked), "limit": _hours(hours)}
        yield _("There is no water for %(asked)s at once; the most is %(limit)s.", **told)


def _too_much(session: Session, work: NetworkWork, hours: int) -> Iterator[str]:
    """For each local month that the work leaves houses without water in."""
    if work.no_water_from is None or work.no_water_to is None:
        return
    month = clock.month(work.no_water_from)
    while clock.at(month) < work.no_water_to:
        first, following = month_range(month)
        since, until = clock.at(first), clock.at(following)
        known = {each.id: each for each in (*queries.without_water(session, since, until), work)}
        minutes = {key: _minutes(each, since, until) for key, each in known.items()}
        found = queries.driest(session, work, minutes, hours * 60)
        if found is not None:
            told = {"month": period(first), "house": found.label, "asked": _time(found.minutes * MINUTE)}
            yield ngettext(
                "In %(month)s %(num)d house is without water beyond %(limit)s: %(house)s, %(asked)s.",
                "In %(month)s %(num)d houses are without water beyond %(limit)s: %(house)s, %(asked)s.",
                found.houses,
                limit=_hours(hours),
                **told,
            )
        month = following


def _minutes(work: NetworkWork, since: datetime, until: datetime) -> int:
    """Minutes of the time without water that fall between the moments; a finished work ended when it did."""
    start, end = work.no_water_from or until, work.no_water_to or since
    if work.ended_at is not None:
        end = min(end, work.ended_at)
    return max((min(end, until) - max(start, since)) // MINUTE, 0)


def _hours(count: int) -> str:
    return ngettext("%(num)d hour", "%(num)d hours", count)


def _time(span: timedelta) -> str:
    """«9 ч», «4 ч 30 мин»."""
    hours, minutes = divmod(span // MINUTE, 60)
    return _("%(hours)d h %(minutes)d min", hours=hours, minutes=minutes) if minutes else _("%(hours)d h", hours=hours)
