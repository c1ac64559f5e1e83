"""The month that an entry is posted in, held against closing.

A month's row exists from its opening. Whoever posts into a month holds the row until the commit, and closing waits for
them: nothing gets into a closed month, and its facts hold all that did.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from .. import clock
from ..models import PayerGroup, PeriodState
from ..queries import periods as queries
from .calendar import next_month


def month_for(session: Session, group: PayerGroup, month: date) -> date:
    """The month (its first day) that takes an entry of `month`: itself; where it is closed, the current one or the
    one after the last closed; where it lies before the books, their first one. It stays open until the commit."""
    while True:
        target = _open_month(session, group, month)
        period = queries.held(session, target, group)
        if period is None:
            open_months(session, target)
        elif period.state is not PeriodState.closed:  # it may have been closed while we waited for it
            return target


def _open_month(session: Session, group: PayerGroup, month: date) -> date:
    closed = queries.last_closed(session, group)
    if closed is None:
        return max(month, queries.first(session) or month)
    return month if month > closed else max(clock.today().replace(day=1), next_month(closed))


def open_month(session: Session, group: PayerGroup) -> date | None:
    """The oldest month that is open: neither calculated nor approved. It stays so until the commit. None where there is
    none up to now."""
    open_months(session, clock.today().replace(day=1))
    while (month := queries.first_in(session, group, PeriodState.open)) is not None:
        period = queries.held(session, month, group)
        if period is not None and period.state is PeriodState.open:  # it may have been calculated while we waited
            return month
    return None


def hold_open(session: Session, group: PayerGroup) -> tuple[date, date]:
    """For entries of many months at once: hold all months of the group that are open. The last closed month (the
    earliest date where there is none), and the month that takes what belongs to it and to those before."""
    instead = month_for(session, group, clock.today().replace(day=1))
    queries.hold_open(session, group)
    return queries.last_closed(session, group) or date.min, instead


def open_months(session: Session, through: date) -> None:
    """Open the months up to this one for both payer groups. The books begin with the first month ever opened."""
    first = queries.first(session) or through
    if first <= through:
        queries.add_missing(session, [(month, group) for month in _months(first, through) for group in PayerGroup])


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)
