"""The life of a month, for each payer group apart: open → calculating → calculated → approved → closed.

Its charges are a draft until the approval, which posts them; closing writes the facts. Who calculates, approves and
closes does it one after another (`app/single.py`), so that a long statement need not hold the row.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from .. import clock, formats
from ..i18n import _
from ..models import PayerGroup, Period, PeriodState
from ..queries import periods as queries
from . import billing_run, facts, rates
from .calendar import next_month
from .errors import DomainError
from .months import open_months

S = PeriodState


class Event(StrEnum):
    begin = "begin"
    fail = "fail"
    restore = "restore"
    finish = "finish"
    reopen = "reopen"
    approve = "approve"
    close = "close"


TRANSITIONS = {
    (S.open, Event.begin): S.calculating,
    (S.calculating, Event.begin): S.calculating,  # the calculation before was killed
    (S.calculated, Event.begin): S.calculating,  # a draft is calculated as often as one likes
    (S.calculating, Event.fail): S.open,
    (S.calculating, Event.restore): S.calculated,  # the draft from before stands
    (S.calculating, Event.finish): S.calculated,
    (S.calculated, Event.reopen): S.open,  # readings are taken again
    (S.calculated, Event.approve): S.approved,
    (S.approved, Event.close): S.closed,
}
"""(state, event) → the next state; a pair that is missing is refused."""


def asked(session: Session, month: date, group: PayerGroup) -> Period:
    """The row of a month that somebody names; opened where it is its turn. Raises DomainError for a month that has not
    begun and for one before the books."""
    if month > clock.today():
        raise DomainError(_("%(month)s has not begun yet.", month=_named(month)))
    open_months(session, month)
    period = queries.of(session, month, group)
    if period is None:
        raise DomainError(_("There was no billing here in %(month)s.", month=formats.period(month)))
    return period


def may(period: Period, event: Event) -> bool:
    return (period.state, event) in TRANSITIONS


def check(session: Session, period: Period, event: Event, *, user_id: int | None = None) -> None:
    """Raise DomainError unless this may happen to the month now, by the hand of this user."""
    if not may(period, event):
        raise DomainError(_refusal(period, event))
    if event in (Event.begin, Event.close):
        turn = queries.first_open(session, period.payer_group)
        if turn is not None and turn < period.first_on:
            months = {"before": formats.period(turn), "month": formats.period(period.first_on)}
            raise DomainError(_("Close %(before)s first: %(month)s goes on from it.", **months))
    if event is Event.approve and user_id is not None and user_id == period.calculated_by_id:
        raise DomainError(_("You calculated this month yourself: another person looks at it and approves it."))


def begin(session: Session, period_id: int, *, user_id: int | None) -> Period:
    """Fix the readings of the month; the calculation follows. What is known of the draft from before stays until
    `finish`. Raises DomainError, too, where the month has no due day."""
    period = _moved(session, period_id, Event.begin, user_id=user_id)
    rates.due_on(session, period.first_on)
    return period


def finish(session: Session, period_id: int, *, user_id: int | None) -> None:
    """The draft is there, made at this user's wish, with the day by which its bills are paid."""
    period = _moved(session, period_id, Event.finish)
    period.due_on = rates.due_on(session, period.first_on)
    period.calculated_by_id, period.calculated_at = user_id, clock.now()


def give_up(session: Session, period_id: int) -> None:
    """The calculation failed: the month is what it was before, calculated or open."""
    is_known = session.get_one(Period, period_id).calculated_at is not None
    _moved(session, period_id, Event.restore if is_known else Event.fail)


def reopen(session: Session, period_id: int) -> None:
    """Take readings again; the draft is calculated anew after that."""
    _moved(session, period_id, Event.reopen).calculated_at = None


def approve(session: Session, period_id: int, *, user_id: int | None) -> None:
    """Post the month's charges and penalties; from now on customers see them. Payments into the month go on meanwhile:
    the row is taken at the end alone. One approval at a time is the caller's business."""
    period = session.get_one(Period, period_id)
    check(session, period, Event.approve, user_id=user_id)
    billing_run.post(session, period)
    period = _moved(session, period_id, Event.approve, user_id=user_id)
    period.approved_by_id, period.approved_at = user_id, clock.now()


def close(session: Session, period_id: int) -> None:
    """Write each account's facts of the month and let nothing more into it. Who posts into it meanwhile waits, and
    posts into the next one."""
    period = _moved(session, period_id, Event.close)
    period.closed_at = clock.now()
    facts.write_account_periods(session, period)
    open_months(session, next_month(period.first_on))


def _moved(session: Session, period_id: int, event: Event, *, user_id: int | None = None) -> Period:
    period = queries.locked(session, period_id)
    if period is None:
        raise LookupError(f"There is no period {period_id}")
    check(session, period, event, user_id=user_id)
    period.state = TRANSITIONS[period.state, event]
    return period


def _refusal(period: Period, event: Event) -> str:
    month = _named(period.first_on)
    if period.state in (S.approved, S.closed):
        return _("%(month)s is approved already: what was wrong is corrected in the next month.", month=month)
    if event is Event.close:
        return _("%(month)s is not approved yet.", month=month)
    return _("%(month)s is not calculated yet.", month=month)


def _named(month: date) -> str:
    return formats.period(month).capitalize()
