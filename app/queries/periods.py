"""The rows of the months of each payer group, and lists by month.

A page of such a list is named by the month that it stops before, so that old pages cost what new ones cost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, Date, Integer, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..models import Account, PayerGroup, Period, PeriodState
from .dialects import insert_for

BILLED = (PeriodState.approved, PeriodState.closed)
"""States in which a month's charges stand in the ledger; before them they are a draft that nobody outside sees."""


def add_missing(session: Session, months: Iterable[tuple[date, PayerGroup]]) -> None:
    """Add the rows that are not there yet; of two that add at once one waits for the other."""
    rows = [{"first_on": month, "payer_group": group, "state": PeriodState.open} for month, group in months]
    session.execute(insert_for(session, Period).values(rows).on_conflict_do_nothing())


def locked(session: Session, period_id: int) -> Period | None:
    """The row, held alone until the commit: who posts into the month waits, and who posted has committed."""
    return session.scalar(
        select(Period).where(Period.id == period_id).with_for_update().execution_options(populate_existing=True)
    )


def held(session: Session, month: date, group: PayerGroup) -> Period | None:
    """The row, held against closing until the commit, together with others who post into the month."""
    return session.scalar(
        select(Period)
        .where(Period.first_on == month, Period.payer_group == group)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )


def hold_open(session: Session, group: PayerGroup) -> None:
    """Hold all rows of the group that are not closed, as `held` holds one."""
    session.execute(_NOT_CLOSED, {"group": group}).all()


_NOT_CLOSED = (
    select(Period.id)
    .where(Period.payer_group == bindparam("group"), Period.state != PeriodState.closed)
    .with_for_update(read=True, key_share=True)
)


def of(session: Session, month: date, group: PayerGroup) -> Period | None:
    return session.scalar(select(Period).where(Period.first_on == month, Period.payer_group == group))


def of_months(session: Session, months: Sequence[date]) -> Sequence[Period]:
    """The rows of these months, the newest first."""
    rows = select(Period).where(Period.first_on.in_(months))
    return session.scalars(rows.order_by(Period.first_on.desc(), Period.payer_group.desc())).all()


def first(session: Session) -> date | None:
    """The first month that has a row."""
    return session.scalar(select(func.min(Period.first_on)))


def last_closed(session: Session, group: PayerGroup, *, before: date = date.max) -> date | None:
    """The last closed month of the group: the months before it are closed with it, whether they have a row or not."""
    return session.scalar(
        select(func.max(Period.first_on)).where(
            Period.payer_group == group, Period.state == PeriodState.closed, Period.first_on < before
        )
    )


def last_billed(session: Session, group: PayerGroup) -> date | None:
    """The last month of the group that is approved or closed; those before it are, too."""
    return session.scalar(
        select(func.max(Period.first_on)).where(Period.payer_group == group, Period.state.in_(BILLED))
    )


def first_open(session: Session, group: PayerGroup) -> date | None:
    """The oldest month of the group that is not closed."""
    return session.scalar(
        select(func.min(Period.first_on)).where(Period.payer_group == group, Period.state != PeriodState.closed)
    )


def first_in(session: Session, group: PayerGroup, state: PeriodState) -> date | None:
    """The oldest month of the group in a state."""
    return session.scalar(select(func.min(Period.first_on)).where(Period.payer_group == group, Period.state == state))


def drafts_of(account_id: BindParameter[int]) -> Select[date]:
    """The months whose charges of the account are no bill yet: for `Charge.period.not_in(…)`."""
    return (
        select(Period.first_on)
        .join(Account, Account.payer_group == Period.payer_group)
        .where(Account.id == account_id, Period.state.not_in(BILLED))
    )


# Lists by month -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeriodPage:
    """Periods, the newest first; `older` and `newer` name the neighbouring pages where there are any."""

    periods: Sequence[date]
    older: date | None  # the next page holds periods before it
    newer: date | None  # the page before holds periods after it


class PeriodPages:
    """The periods in which rows with some conditions stand; the conditions' values come with each question."""

    def __init__(self, period: InstrumentedAttribute[date], *where: ColumnElement[bool]) -> None:
        all_of_them = select(period).where(*where).distinct().limit(bindparam("most", type_=Integer))
        edge = bindparam("edge", type_=Date)
        self._newest = all_of_them.order_by(period.desc())
        self._before = self._newest.where(period < edge)
        self._after = all_of_them.where(period > edge).order_by(period)

    def page(
        self,
        session: Session,
        values: Mapping[str, object],
        *,
        size: int,
        before: date | None = None,
        after: date | None = None,
    ) -> PeriodPage:
        """`size` periods before or after one."""
        of = {**values, "most": size + 1}
        if after is not None:
            found = session.scalars(self._after, {**of, "edge": after}).all()
            shown = found[:size][::-1]
            return PeriodPage(shown, shown[-1] if shown else None, shown[0] if len(found) > size else None)
        if before is not None:
            found = session.scalars(self._before, {**of, "edge": before}).all()
        else:
            found = session.scalars(self._newest, of).all()
        shown = found[:size]
        is_first = before is None or not shown
        return PeriodPage(shown, shown[-1] if len(found) > size else None, None if is_first else shown[0])


MONTHS = PeriodPages(Period.first_on)
