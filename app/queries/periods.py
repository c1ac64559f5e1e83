"""Lists by period: a page is named by the period that it stops before, so that old pages cost what new ones cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session


@dataclass(frozen=True, slots=True)
class PeriodPage:
    """Periods, the newest first; `older` and `newer` name the neighbouring pages where there are any."""

    periods: Sequence[date]
    older: date | None  # the next page holds periods before it
    newer: date | None  # the page before holds periods after it


def page(
    session: Session,
    period: InstrumentedAttribute[date],
    *where: ColumnElement[bool],
    size: int,
    before: date | None = None,
    after: date | None = None,
) -> PeriodPage:
    """The periods in which rows with these conditions stand, `size` of them before or after a period."""
    statement = select(period).where(*where).distinct().limit(size + 1)
    if after is not None:
        found = session.scalars(statement.where(period > after).order_by(period)).all()
        shown = found[:size][::-1]
        return PeriodPage(shown, shown[-1] if shown else None, shown[0] if len(found) > size else None)
    if before is not None:
        statement = statement.where(period < before)
    found = session.scalars(statement.order_by(period.desc())).all()
    shown = found[:size]
    is_first = before is None or not shown
    return PeriodPage(shown, shown[-1] if len(found) > size else None, None if is_first else shown[0])
