"""What staff put on record too late for a bill: which approved months it would have changed, and no later one takes in.

A month's bill is counted once. The next one takes in by itself interference told of late (`billing.back_volume`, as
far as the law goes back), what a removed meter showed, and by the next reading all that averages and normatives
guessed. What is left must be corrected by hand: people who moved, hours without water, a reading that should not have
been believed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from .. import clock, formats
from ..i18n import N_, _
from ..models import Account, AccountStatus, ChargeMethod, House, Meter, MeterFaultKind, PayerGroup
from ..queries import billing_facts, periods
from ..queries import circumstances as queries
from ..queries.billing_tables import month_number, month_of
from ..queries.circumstances import Doubt, Number, Place, Span
from . import billing_rates
from .billing import People, charged_months, hours_beyond
from .billing_volumes import Fault
from .calendar import days, month_range, next_month

Spans = list[tuple[datetime, datetime]]


class Cause(StrEnum):
    """What a correction is about."""

    residents = "residents"
    fault = "fault"
    interruption = "interruption"


REASONS = {
    Cause.residents: N_("The number of residents: %(months)s"),
    Cause.fault: N_("Charges by the meter: %(months)s"),
    Cause.interruption: N_("Interruption of supply: %(months)s"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Months, the oldest first, whose approved bills stand as they are; of an account, or of a house's accounts that
    are charged for a service."""

    cause: Cause
    months: Sequence[date]
    account: Account | None = None
    house: House | None = None
    service_id: int | None = None


def reason(cause: Cause, since: date, until: date) -> str:
    """What a correction says that puts the bills of these months right."""
    return _(REASONS[cause], months=named(since, until))


def named(since: date, until: date) -> str:
    """«октябрь 2026», «август 2026 – октябрь 2026»."""
    return " – ".join(dict.fromkeys((formats.period(since), formats.period(until))))


def of_residents(session: Session, was: Number | None, now: Number | None) -> Iterator[Standing]:
    """`was` before the change and `now` after it, which is written; None for a row that was not there or is gone."""
    known = [each for each in (was, now) if each is not None]
    if not known:
        return
    account = session.get_one(Account, known[0].account_id)
    last = periods.last_billed(session, account.payer_group)
    first = min(each.valid_from for each in known).replace(day=1)
    if last is None or last < first:
        return
    rows = [(row.valid_from, row.residents) for row in billing_facts.residents(session, [account.id])]
    before = [row for row in rows if now is None or row != (now.valid_from, now.residents)]
    before = sorted(before + ([(was.valid_from, was.residents)] if was is not None else []))
    people = [People(account.residents, each, account.opened_on, account.closed_on) for each in (before, rows)]
    interference = charged_months(billing_facts.interference_charged(session, [account.id], first, next_month(last)))
    by_people = {*queries.months_by_people(session, account.id, first, last)}.union(*interference.values())
    months = [
        month
        for month in sorted(by_people)
        if first <= month <= last and any(people[0].on(day) != people[1].on(day) for day in days(month))
    ]
    if months:
        yield Standing(Cause.residents, months, account=account)


def of_fault(session: Session, was: Doubt | None, now: Doubt | None) -> Iterator[Standing]:
    """The same of a meter's fault; one that became another's or of another kind is gone there and new here."""
    is_same = was is not None and now is not None and (was.meter_id, was.kind) == (now.meter_id, now.kind)
    changes = [(was, now)] if is_same else [(was, None), (None, now)]
    found: dict[Account, set[date]] = {}
    for before, after in changes:
        known = before or after
        if known is not None:
            meter = session.get_one(Meter, known.meter_id)
            found.setdefault(meter.account, set()).update(_months_of_fault(session, meter, known.kind, before, after))
    for account, months in found.items():
        if months:
            yield Standing(Cause.fault, sorted(months), account=account)


def _months_of_fault(
    session: Session, meter: Meter, kind: MeterFaultKind, was: Doubt | None, now: Doubt | None
) -> Iterator[date]:
    last = periods.last_billed(session, meter.account.payer_group)
    first = min(each.since for each in (was, now) if each is not None).replace(day=1)
    if last is None or last < first:
        return
    before, after = (None if each is None else Fault(kind, each.since, each.until) for each in (was, now))
    methods = queries.methods_of(session, meter, first, last)
    if kind is MeterFaultKind.tampered:
        yield from _interference(session, meter, [*methods], before, after)
        return
    taken = queries.days_of_readings(session, meter, first, last)
    for month, method in methods.items():
        if method is ChargeMethod.normative:  # in doubt, a coefficient raised it
            if _touches(before, month) != _touches(after, month):
                yield month
        elif method is ChargeMethod.meter and (day := taken.get(month)) is not None:
            yield from [month] if _covers(after, day) and not _covers(before, day) else []


def _interference(
    session: Session, meter: Meter, months: Sequence[date], was: Fault | None, now: Fault | None
) -> Iterator[date]:
    """A month that was charged for it is not charged again; one that was not, the next month charges within reach."""
    if not months:
        return
    last = periods.last_billed(session, meter.account.payer_group)
    assert last is not None
    due = next_month(last)
    charged = charged_months(billing_facts.interference_charged(session, [meter.account_id], months[0], due))[meter.id]
    reach = month_of(month_number(due) - billing_rates.law(session).tampered_back) if _is_billed(meter, due) else due
    for month in months:
        changed = [(_covers(was, day), _covers(now, day)) for day in days(month)]
        is_new = any(after and not before for before, after in changed)
        is_gone = any(before and not after for before, after in changed)
        if (is_new or is_gone) if month in charged else (is_new and month < reach):
            yield month


def _is_billed(meter: Meter, month: date) -> bool:
    """Whether the meter stands, and its account is open, in a month that comes."""
    account = meter.account
    ends = [each for each in (meter.removed_on, account.closed_on) if each is not None]
    is_open = account.status is AccountStatus.active or account.closed_on is not None
    return is_open and all(end >= month for end in ends)


def _covers(fault: Fault | None, day: date) -> bool:
    return fault is not None and fault.covers(day)


def _touches(fault: Fault | None, month: date) -> bool:
    return fault is not None and fault.touches(month)


def of_interruption(session: Session, was: Span | None, now: Span | None) -> Iterator[Standing]:
    """The same of a time without a service: where it changes the full hours that lower a charge."""
    billed = {group: periods.last_billed(session, group) for group in PayerGroup}
    newest = max((month for month in billed.values() if month is not None), default=date.min)
    for place in dict.fromkeys(each.place for each in (was, now) if each is not None):
        before, after = (_spans(each, place) for each in (was, now))
        months = []
        for month in _months_of(before + after, newest):
            groups = [group for group, last in billed.items() if last is not None and month <= last]
            is_changed = _changes_hours(session, place, month, before, after)
            if is_changed and queries.is_charged(session, place, month, groups):
                months.append(month)
        if months:
            house_id, service_id = place
            yield Standing(Cause.interruption, months, house=session.get_one(House, house_id), service_id=service_id)


def _spans(span: Span | None, place: Place) -> Spans:
    return [(span.began_at, span.ended_at)] if span is not None and span.place == place else []


def _months_of(spans: Spans, newest: date) -> Iterator[date]:
    month = min(clock.month(began_at) for began_at, _ended_at in spans)
    last = min(max(clock.month(ended_at) for _began_at, ended_at in spans), newest)
    while month <= last:
        yield month
        month = next_month(month)


def _changes_hours(session: Session, place: Place, month: date, was: Spans, now: Spans) -> bool:
    first, end = (clock.at(day) for day in month_range(month))
    free = billing_rates.law(session).free_hours
    after = queries.spans(session, place, first, end)
    before = [span for span in after if span not in now] + was
    return hours_beyond(before, (first, end), free) != hours_beyond(after, (first, end), free)
