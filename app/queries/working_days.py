"""Days on which the utility works against the country's calendar."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import CalendarDay

MOST = 1000


def overrides(session: Session) -> dict[date, bool]:
    """Whether each of these days is a working one; the latest of them."""
    rows = session.execute(select(CalendarDay.day, CalendarDay.is_working).order_by(CalendarDay.day.desc()).limit(MOST))
    return {day: is_working for day, is_working in rows}
