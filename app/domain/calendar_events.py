"""What a calendar shows of an account: works at its house, days for readings, the term of the bill, verifications."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..formats import localized, month, span
from ..i18n import _
from ..models import AccountStatus, CalendarLink, Meter, NetworkWork, WorkState
from ..queries import meters, network_works
from . import calendar, dues, reading_window

KEPT = timedelta(days=30)  # what is over stays so long
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something from a moment to a moment, or from a day to a day, which is not included. `key` tells it from all other
    events of the utility; `changed_at` is when it was said last; `page` is where more is told."""

    key: str
    title: str
    starts: datetime | date
    ends: datetime | date
    changed_at: datetime
    page: str
    text: str = ""
    is_canceled: bool = False


def of_link(session: Session, link: CalendarLink, settings: Mapping[str, str]) -> list[Event]:
    """The events of the link's account, in the language at work."""
    used = [meter for meter in meters.of_account(session, link.account_id) if meter.removed_on is None]
    since = clock.today() - KEPT
    works = network_works.of_house(session, link.account.premises.house_id, clock.now() - KEPT)
    found = [_work(each) for each in works]
    if link.account.status is AccountStatus.active and used:
        found += _windows(link, settings)
        found += [_verification(link, meter) for meter in used if meter.verified_until and meter.verified_until > since]
    return [*found, *_term(session, link, since)]


def _work(work: NetworkWork) -> Event:
    starts, ends = work.no_water_from or work.starts_at, work.no_water_to or work.ends_at
    if work.ended_at is not None and work.ended_at > starts:
        ends = min(ends, work.ended_at)
    told = [
        _("No water: %(span)s.", span=span(starts, ends)) if work.no_water_from else "",
        _("Closed roads: %(roads)s.", roads=work.roads) if work.roads else "",
        work.description,
    ]
    return Event(
        key=f"work-{work.id}",
        title=work.title,
        starts=starts,
        ends=ends,
        changed_at=work.changed_at or work.published_at or work.starts_at,
        page=f"works/{work.id}",
        text="\n".join(filter(None, told)),
        is_canceled=work.state is WorkState.canceled,
    )


def _windows(link: CalendarLink, settings: Mapping[str, str]) -> Iterator[Event]:
    """The days of this month and of the next one."""
    this = clock.today().replace(day=1)
    for period in (this, calendar.next_month(this)):
        first, last = reading_window.of_month_of(period, settings)
        yield _day(link, f"window-{period:%Y-%m}", _("Send the readings"), (first, last), "cabinet/readings")


def _verification(link: CalendarLink, meter: Meter) -> Event:
    name = ", ".join(filter(None, (localized(meter.service, "name"), meter.location)))
    last = meter.verified_until or date.max
    title = _("The verification of the meter ends: %(meter)s", meter=name)
    return _day(link, f"meter-{meter.id}", title, (last, last), "cabinet/meters")


def _term(session: Session, link: CalendarLink, since: date) -> Iterator[Event]:
    """The last day to pay the last bill in time."""
    period = dues.of_account(session, link.account_id).last_period
    terms = dues.terms(session, period, link.account) if period else None
    if period is None or terms is None or terms.due_on < since:
        return
    title = _("Pay for %(month)s: the last day", month=month(period))
    yield _day(link, f"bill-{period:%Y-%m}", title, (terms.due_on, terms.due_on), "cabinet/charges")


def _day(link: CalendarLink, key: str, title: str, days: tuple[date, date], page: str) -> Event:
    first, last = days
    return Event(f"{key}-{link.id}", title, first, last + A_DAY, link.created_at, page)
