"""A month of a payer group, calculated over all accounts at once and posted at its approval.

Until then its charges are a draft, which a new calculation replaces. The rules are those of `domain/billing.py` for one
account; here they are statements over work tables (`queries/billing_*.py`), the same on PostgreSQL and SQLite.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import N_, _
from ..models import ChargeKind, Period, PeriodState, Service
from ..queries import (
    billing_accounts,
    billing_lines,
    billing_meters,
    billing_penalties,
    billing_results,
    billing_tables,
)
from ..queries.billing_tables import ALL, Month, Part
from . import billing_rates, billing_rows, rates
from .billing_rates import CODES
from .calendar import month_range
from .errors import DomainError
from .runs import Tell

STAGES = (
    N_("Accounts and rates"),
    N_("Meters and readings"),
    N_("Volumes"),
    N_("Charges"),
    N_("Penalties"),
    N_("Writing down"),
)
"""What `progress` is told, beside how many of them are done and how many there are; to be translated when shown."""
WHY_CORRECTED = {
    ChargeKind.correction: N_("Recalculation: the meter showed less than had been charged without readings"),
    ChargeKind.interruption: N_("Interruption of supply beyond the hours allowed"),
}
"""The reasons of entries that lower a charge, by the kinds of their lines; to be translated when shown."""


@dataclass(frozen=True, slots=True)
class _Task:
    session: Session
    month: Month
    ids: Mapping[str, int]  # of services, by code
    billed: Sequence[str]  # codes of those that the utility charges


def parts(session: Session, period: Period) -> list[Part]:
    """What `calculate` may be asked for at the same time; together they are all accounts of the group."""
    return billing_accounts.halves(session, period.payer_group)


def calculate(session: Session, period: Period, *, progress: Tell, part: Part = ALL) -> None:
    """Replace the month's draft by a new one, for a part of the accounts, in the caller's transaction.

    Raises DomainError for a month that is approved already, and where a rate is missing without which nothing can be
    calculated.
    """
    if period.state in (PeriodState.approved, PeriodState.closed):
        raise DomainError(_("This month is approved already: what was wrong is corrected in the next one."))
    task = _task(session, period, part)
    steps = (_accounts, _meters, _volumes, _lines, _penalties, _written)
    billing_tables.create(session)
    billing_tables.add_months(session, task.month)
    billing_results.discard(session, task.month)
    for done, (stage, step) in enumerate(zip(STAGES, steps, strict=True)):
        progress(stage, done, len(STAGES))
        step(task)
    billing_tables.drop(session)
    progress(STAGES[-1], len(STAGES), len(STAGES))


def post(session: Session, period: Period) -> None:
    """Write the month's charges and penalties into the ledger, and mark the readings that it was billed by. Called at
    the approval; what has been posted is not posted again."""
    month, now = _task(session, period).month, clock.now()
    billing_results.post_charges(session, month, reasons=WHY_CORRECTED, at=now)
    billing_results.post_penalties(session, month, at=now)
    billing_results.mark_readings(session, month)


def _task(session: Session, period: Period, part: Part = ALL) -> _Task:
    services = {service.code: service for service in session.scalars(select(Service))}
    return _Task(
        session,
        Month(*month_range(period.first_on), period.payer_group, billing_rates.law(session), part),
        {code: services[code].id for code in CODES},
        [code for code in CODES if services[code].is_billed],
    )


def _accounts(task: _Task) -> None:
    billed = {code: task.ids[code] for code in task.billed}
    billing_rows.put_prices(task.session, task.month, billed)
    billing_rows.put_normatives(task.session, task.month)
    billing_accounts.add_houses(task.session, rates.CATEGORY)
    billing_rows.put_hours(task.session, task.month)
    billing_accounts.add_people(task.session, task.month)
    billing_accounts.add_accounts(task.session, task.month, task.ids, task.billed)


def _meters(task: _Task) -> None:
    billing_meters.add_meters(task.session, task.month, task.ids)
    billing_meters.add_readings(task.session, task.month)
    billing_rows.put_interference(task.session, task.month, task.ids)
    billing_meters.add_states(task.session, task.month)


def _volumes(task: _Task) -> None:
    billing_meters.add_averages(task.session, task.month)
    billing_meters.add_volumes(task.session, task.month)
    billing_lines.add_uses(task.session, task.month)


def _lines(task: _Task) -> None:
    billing_lines.add_lines(task.session, task.month, task.ids)


def _penalties(task: _Task) -> None:
    """Raises MissingRateError where a key rate or a due day is missing."""
    session, month = task.session, task.month
    offset = clock.local(clock.at(month.last, 12)).utcoffset()
    assert offset is not None
    known = billing_rows.weights(session, month)
    billing_penalties.add_debtors(session, month, billing_rows.late_classes(month, known))
    billing_penalties.add_moves(session, month)
    billing_penalties.add_debts(session)
    billing_penalties.add_money(session, month, int(offset.total_seconds()))
    billing_penalties.add_parts(session, month)
    billing_rows.put_returned(session, month)
    unit = billing_rows.put_weights(session, known)
    billing_penalties.write_penalties(session, month, unit)


def _written(task: _Task) -> None:
    writes = [billing_results.write_charges, billing_results.write_volumes]  # two halves at once: not into one table
    for write in writes if task.month.part.first is None else reversed(writes):
        write(task.session, task.month)
    billing_results.write_not_billed(task.session, task.month, {code: task.ids[code] for code in task.billed})
