"""Months for tests, as far on their way as a test needs them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from app.domain import months, periods
from app.models import PayerGroup, Period, PeriodState
from app.queries import periods as queries


def in_state(
    session: Session, month: date, state: PeriodState = PeriodState.open, group: PayerGroup = PayerGroup.population
) -> Period:
    """The row of a month; the months of the books before it have theirs."""
    months.open_months(session, month)
    period = queries.of(session, month, group)
    assert period is not None
    period.state = state
    session.flush()
    return period


def close(session: Session, *of: date, groups: Iterable[PayerGroup] = tuple(PayerGroup)) -> None:
    """Close months one after another, as if they had been calculated and approved: what was posted, stands."""
    for group in groups:
        for month in of:
            periods.close(session, in_state(session, month, PeriodState.approved, group).id)
