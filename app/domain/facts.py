"""What managers' reports read: facts of closed periods, totals of periods, coverage by readings, debts by age.

A closed period does not change any more, so it is totalled once; what is open is counted anew each time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..models import PayerGroup, Period, PeriodState, PeriodTotal
from ..queries import facts
from ..queries.facts import AGES, NEVER, NOTHING, Slice, Sums
from . import rates
from .calendar import month_range, next_month, previous_month

AGE_ENDS = (30, 60, 90)
"""The last day past the due date of each age but the oldest."""


def close_period(session: Session, period: date) -> None:
    """Close a month (its first day) for both payer groups and write each account's facts of it; months before it that
    are still open are closed with it, oldest first: the facts of a month go on from those of the month before.

    Safe to repeat for the month closed last. The next `refresh` totals what was closed.
    """
    known = facts.locked_periods(session)
    closed_before = [each.first_on for each in known if each.state is PeriodState.closed and each.first_on < period]
    last_closed = max(closed_before, default=NEVER)
    rows = {(each.first_on, each.payer_group): each for each in known}
    for month in _months_to_close(session, last_closed, period):
        facts.write_account_periods(session, month, last_closed)
        last_closed = month
        for group in PayerGroup:
            row = rows.get((month, group)) or Period(first_on=month, payer_group=group)
            row.state, row.closed_at = PeriodState.closed, clock.now()
            session.add(row)
    session.flush()


def _months_to_close(session: Session, last_closed: date, period: date) -> Iterator[date]:
    month = period
    if last_closed != NEVER:
        month = next_month(last_closed)
    elif (earliest := facts.earliest_period(session)) is not None:
        month = min(earliest, period)
    while month <= period:
        yield month
        month = next_month(month)


def refresh(session: Session) -> None:
    """Count anew what may have changed: open periods, periods closed since they were counted, debts to this day.

    Safe to repeat. A job of the night; a demo calls it once after its last `close_period`.
    """
    now = clock.now()
    closed = {row.first_on: row.closed_at for row in facts.locked_periods(session) if row.state is PeriodState.closed}
    last_closed = max(closed, default=NEVER)
    counted = facts.counted_at(session)
    stale = [period for period, at in closed.items() if at is None or period not in counted or counted[period] < at]
    totals = facts.closed_sums(session, stale) | _open_sums(session, last_closed)
    still_open = (period for period in counted if period > last_closed)
    periods = sorted({*stale, *still_open, *(period for period, _service, _group in totals)})
    if periods:
        _write_totals(session, periods, totals, now)
        facts.write_coverage(session, periods, previous_month(periods[0]), now)
    _write_debts(session, last_closed, now)


def _open_sums(session: Session, last_closed: date) -> dict[Slice, Sums]:
    """The sums of the months after the last closed one, each opening with what the one before closed with."""
    moves = facts.moves_since(session, last_closed)
    served = facts.accounts_served(session)
    balances = {
        (service, group): sums.closing
        for (_period, service, group), sums in facts.closed_sums(session, [last_closed]).items()
    }
    keys = {*served, *balances, *((service, group) for _period, service, group in moves)}
    totals: dict[Slice, Sums] = {}
    for period in _open_months(last_closed, (period for period, _service, _group in moves)):
        for service, group in keys:
            move = moves.get((period, service, group), NOTHING)
            opening = balances.get((service, group), Decimal(0)) + move.opening
            sums = replace(move, accounts=served.get((service, group), 0), opening=opening)
            totals[period, service, group] = sums
            balances[service, group] = sums.closing
    return totals


def _open_months(last_closed: date, moved: Iterable[date]) -> Iterator[date]:
    """Every month after the last closed one up to this one, and further where something was posted there."""
    months = {clock.today().replace(day=1), *moved}
    period = min(months) if last_closed == NEVER else next_month(last_closed)
    while period <= max(months):
        yield period
        period = next_month(period)


def _write_totals(session: Session, periods: list[date], totals: dict[Slice, Sums], now: datetime) -> None:
    rows = []
    for period in periods:
        meters = facts.meters_in_use(session, month_range(period))
        keys = {*meters, *((service, group) for of, service, group in totals if of == period)}
        for service, group in keys:
            sums = totals.get((period, service, group), NOTHING)
            rows.append(
                PeriodTotal(
                    period=period,
                    service_id=service,
                    payer_group=group,
                    accounts=sums.accounts,
                    meters=meters.get((service, group), 0),
                    volume=sums.volume,
                    opening=sums.opening,
                    charged=sums.charged,
                    paid=sums.paid,
                    closing=sums.closing,
                    counted_at=now,
                )
            )
    facts.replace_totals(session, periods, rows)


def _write_debts(session: Session, last_closed: date, now: datetime) -> None:
    """Sort the recent periods by the age of their debt today; the ones before them are of the oldest age."""
    today = clock.today()
    ages: dict[str, list[date]] = {age: [] for age in AGES[:-1]}
    period = today.replace(day=1)
    while (days := (today - rates.due_on(session, period)).days) <= AGE_ENDS[-1]:
        if days > 0:
            ages[next(age for age, end in zip(AGES, AGE_ENDS, strict=False) if days <= end)].append(period)
        period = previous_month(period)
    facts.write_debts(session, last_closed, ages=ages, before=period, now=now)
    facts.write_debt_totals(session, now)
