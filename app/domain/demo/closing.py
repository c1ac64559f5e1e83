"""The demo's months on their way from open to closed, and the figures of reports counted."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...models import PayerGroup
from ...queries import demo as queries
from .. import facts, months, periods
from ..calendar import next_month


def open_books(session: Session, closed: Sequence[date]) -> None:
    """The books begin with the first of these months; the one after the last of them is open."""
    months.open_months(session, closed[0])
    months.open_months(session, next_month(closed[-1]))


def close(session: Session, closed: Sequence[date]) -> None:
    """Take the months through their life, the oldest first: their charges are told already, and posted."""
    for month in closed:
        for group in PayerGroup:
            period_id = periods.asked(session, month, group).id
            periods.begin(session, period_id, user_id=None)
            periods.finish(session, period_id, user_id=None)
            periods.approve(session, period_id, user_id=None)
            periods.close(session, period_id)


def count(session: Session, closed: Sequence[date]) -> None:
    """Count what reports show; then each month was closed on the first day after it."""
    facts.refresh(session)
    queries.date_closings(session, {month: clock.at(next_month(month), 3) for month in closed})
