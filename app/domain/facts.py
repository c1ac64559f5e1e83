"""What managers' reports read: facts of closed periods, totals of periods, coverage by readings, debts by age.

A closed period does not change any more, so it is totalled once; what is open is counted anew each time. Each payer
group closes its periods apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..models import PayerGroup, Period, PeriodState, PeriodTotal
from ..queries import facts, periods
from ..queries.facts import AGES, NEVER, NOTHING, LastClosed, Slice, Sums
from . import rates
from .calendar import month_range, next_month, previous_month

AGE_ENDS = (30, 60, 90)
"""The last day past the due date of each age but the oldest."""


def write_account_periods(session: Session, period: Period) -> None:
    """Write the facts of a period that is being closed: they go on from those of the one closed before it."""
    group, month = period.payer_group, period.first_on
    last_closed = periods.last_closed(session, group, before=month) or NEVER
    facts.write_account_periods(session, month, group, last_closed)


def refresh(session: Session) -> None:
    """Count anew what may have changed: open periods, periods closed since they were counted, debts to this day.

    Safe to repeat. A job of the night; a demo calls it once after its last period was closed.
    """
    now, rows = clock.now(), facts.held_periods(session)
    closed = [row for row in rows if row.state is PeriodState.closed]
    last_closed = {
        group: max((row.first_on for row in closed if row.payer_group is group), default=NEVER) for group in PayerGroup
    }
    counted = facts.counted_at(session)
    stale = {row.first_on for row in closed if _is_stale(row, counted.get(row.first_on))}
    drafts = {(row.first_on, row.payer_group) for row in rows if row.state not in periods.BILLED}
    open_sums = _open_sums(session, last_closed, facts.moves_since(session, last_closed, drafts))
    still_open = (period for period in counted if period > min(last_closed.values()))
    months = sorted({*stale, *still_open, *(period for period, _service, _group in open_sums)})
    if months:
        _write_totals(session, months, facts.closed_sums(session, months) | open_sums, now)
        facts.write_coverage(session, months, previous_month(months[0]), now)
    _write_debts(session, last_closed, now)


def _is_stale(closed: Period, counted_at: datetime | None) -> bool:
    return counted_at is None or closed.closed_at is None or counted_at < closed.closed_at


def _open_sums(session: Session, last_closed: LastClosed, moves: dict[Slice, Sums]) -> dict[Slice, Sums]:
    """The sums of the months after the last closed one, each opening with what the one before closed with."""
    served = facts.accounts_served(session)
    balances = {
        (service, group): sums.closing
        for (period, service, group), sums in facts.closed_sums(session, [*last_closed.values()]).items()
        if period == last_closed[group]
    }
    keys = {*served, *balances, *((service, group) for _period, service, group in moves)}
    totals: dict[Slice, Sums] = {}
    for service, group in keys:
        moved = (period for period, _service, of in moves if of is group)
        for period in _open_months(last_closed[group], moved):
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


def _write_totals(session: Session, months: list[date], totals: dict[Slice, Sums], now: datetime) -> None:
    rows = []
    for period in months:
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
    facts.replace_totals(session, months, rows)


def _write_debts(session: Session, last_closed: LastClosed, now: datetime) -> None:
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
