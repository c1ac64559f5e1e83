"""The demo's months closed, and the figures of reports counted."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...models import PayerGroup, Period
from ...queries import demo as queries
from .. import facts
from ..calendar import next_month


def close(session: Session, periods: Sequence[date]) -> None:
    """Close the months, the oldest first; the one after them is open."""
    for period in periods:
        facts.close_period(session, period)
    session.add_all(Period(first_on=next_month(periods[-1]), payer_group=group) for group in PayerGroup)
    session.flush()


def count(session: Session, periods: Sequence[date]) -> None:
    """Count what reports show; then each month was closed on the first day after it."""
    facts.refresh(session)
    queries.date_closings(session, {period: clock.at(next_month(period), 3) for period in periods})
