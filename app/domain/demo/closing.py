"""The demo's months closed, and the figures of reports counted."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...queries import demo as queries
from .. import facts, months
from ..calendar import next_month


def open_books(session: Session, periods: Sequence[date]) -> None:
    """The books begin with the first of the months."""
    months.open_months(session, periods[0])
    months.open_months(session, next_month(periods[-1]))


def close(session: Session, periods: Sequence[date]) -> None:
    """Close the months, the oldest first; the one after them is open."""
    for period in periods:
        facts.close_period(session, period)


def count(session: Session, periods: Sequence[date]) -> None:
    """Count what reports show; then each month was closed on the first day after it."""
    facts.refresh(session)
    queries.date_closings(session, {period: clock.at(next_month(period), 3) for period in periods})
