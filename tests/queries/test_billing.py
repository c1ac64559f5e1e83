"""A month calculated over all accounts, held against the pure rules of one account, line by line.

Two thousand of them on SQLite, fewer on PostgreSQL, which runs the same statements;
`BILLING_ACCOUNTS=5000 .venv/bin/pytest tests/queries/test_billing.py` tries more than the suite has time for.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import billing_facts, billing_run, rates
from app.domain.billing import Bill, Reason
from app.domain.billing_penalties import Received, Weights, owed, parts
from app.domain.billing_volumes import Use
from app.domain.calendar import next_month, previous_month
from app.domain.estimates import last_day
from app.models import (
    Account,
    AccountPeriod,
    AccountService,
    AccountStatus,
    Charge,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    LedgerEntry,
    MeterVolume,
    NotBilled,
    PayerClass,
    PayerGroup,
    Payment,
    PenaltyCharge,
    Period,
    Service,
)
from app.queries.facts import is_of
from app.queries.ledger import MONEY
from tests import billing
from tests.conftest import Act

BEFORE, FIRST, LAST = date(2026, 5, 1), date(2026, 6, 1), date(2026, 9, 1)
ACCOUNTS = {"sqlite": 1000, "postgresql": 260}  # of a seed, each of them in four months
CHUNK = 400
ZERO = Decimal(0)
FACTS = {
    EntryKind.opening: "opening",
    EntryKind.charge: "charged",
    EntryKind.correction: "corrected",
    EntryKind.penalty: "penalty",
}
CASES = ("late", "back", "again")
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


def quiet(stage: str, done: int, total: int) -> None:
    pass


@pytest.mark.parametrize("seed", [1, 2])
def test_all_accounts_at_once_are_charged_what_each_is_alone(
    act: Act, seed: int, request: pytest.FixtureRequest
) -> None:
    number = int(os.environ.get("BILLING_ACCOUNTS") or ACCOUNTS[request.config.getoption("--database")])
    with act() as session:
        billing.fill(session, seed, number, FIRST, LAST)
        write_facts(session, list(billing.months(billing.FIRST, BEFORE)))
        debts = Debts(session)
        for group in PayerGroup:
            bring_penalties(session, debts, group)
    seen: Counter[str] = Counter()
    for month in billing.months(FIRST, LAST):
        for group in PayerGroup:
            with act() as session:
                period = Period(first_on=month, payer_group=group)
                session.add(period)
                session.flush()
                expected, penalties = alone(session, month, group), debts.alone(session, month, group)
                for part in billing_run.parts(session, period):
                    billing_run.calculate(session, period, progress=quiet, part=part)
                assert lines(session, month, group) == expected.lines
                assert volumes(session, month, group) == expected.volumes
                assert not_billed(session, month, group) == expected.reasons
                assert penalty_rows(session, month, group) == penalties
                seen.update(kind for _account, _service, kind, _part in expected.lines)
                seen.update(line[0] for line in expected.lines.values())
                seen.update(expected.reasons.values())
                seen.update(case for use in expected.uses for case in cases(use))
                seen["penalty"] += len(penalties)
                post_twice(session, period)
        with act() as session:
            write_facts(session, [month])
            billing.befall_late(session, seed, month)
    seen["again"] = debts.again
    rare = [case for case in (*ChargeKind, *ChargeMethod, *Reason, *CASES, "penalty") if seen[case] <= 5]
    assert not rare, dict(seen)


def cases(use: Use) -> Iterator[str]:
    """What is rare about a meter: removed before, charged for interference before where other months were already."""
    yield from ["late"] if use.is_late and use.volume else []
    yield from ["back"] if use.back and use.dial.charged else []


def post_twice(session: Session, period: Period) -> None:
    """What has been posted is not posted again."""
    posted = select(func.count(), func.sum(LedgerEntry.amount)).where(LedgerEntry.source.like("charge:%"))
    billing_run.post(session, period)
    once = session.execute(posted).one()
    billing_run.post(session, period)
    assert session.execute(posted).one() == once
    assert once[0] > 100
    of_month = LedgerEntry.source.like(f"charge:{period.first_on:%Y-%m}:%"), LedgerEntry.kind == EntryKind.correction
    for source, reason in session.execute(select(LedgerEntry.source, LedgerEntry.reason).where(*of_month)):
        assert reason == billing_run.WHY_CORRECTED[ChargeKind(source.split(":")[3])]


# Charges --------------------------------------------------------------------------------------------------


class Expected:
    """What the pure rules say of the accounts of a group."""

    def __init__(self, session: Session) -> None:
        self.services = {row.code: row.id for row in session.scalars(select(Service))}
        self.billed: defaultdict[int, list[int]] = defaultdict(list)
        links = select(AccountService.account_id, Service.id).join(Service).where(Service.is_billed)
        for account_id, service_id in session.execute(links):
            self.billed[account_id].append(service_id)
        self.lines: Rows = {}
        self.uses: list[Use] = []
        self.volumes: dict[int, tuple[Any, ...]] = {}
        self.reasons: dict[tuple[int, int], str] = {}

    def add(self, account_id: int, made: Bill | Reason) -> None:
        if isinstance(made, Reason):
            self.reasons |= {(account_id, service_id): made.value for service_id in self.billed[account_id]}
            return
        for line in made.lines:
            own = line.line
            self.lines[account_id, self.services[line.service], own.kind.value, line.part] = (
                line.method.value, own.volume, own.coefficient, own.price, own.vat_rate, own.vat, own.amount,
                line.tariff_id, line.residents, line.normative_id, line.coefficient_id,
            )  # fmt: skip
        for use in made.uses:
            values = (use.from_value, use.to_value, use.shown, use.volume, use.missing, use.back_months)
            self.uses.append(use)
            self.volumes[use.dial.id] = (use.method.value, *values)


def alone(session: Session, month: date, group: PayerGroup) -> Expected:
    found = Expected(session)
    of_group = Account.payer_group == group, Account.opened_on < next_month(month)
    before = set(session.scalars(select(Charge.account_id).where(Charge.period == previous_month(month))))
    accounts = [
        account
        for account in session.scalars(select(Account).where(*of_group))
        if account.status == AccountStatus.active
        or (account.closed_on >= month if account.closed_on else account.id in before)
    ]
    for start in range(0, len(accounts), CHUNK):
        for account_id, made in billing_facts.of_accounts(session, accounts[start : start + CHUNK], month).items():
            found.add(account_id, made)
    return found


def lines(session: Session, month: date, group: PayerGroup) -> Rows:
    rows = session.scalars(select(Charge).where(Charge.period == month, is_of(Charge.account_id, [group])))
    return {
        (row.account_id, row.service_id, row.kind.value, row.part): (
            row.method.value, row.volume, row.coefficient, row.price, row.vat_rate, row.vat, row.amount,
            row.tariff_id, row.residents, row.normative_id, row.coefficient_id,
        )
        for row in rows
    }  # fmt: skip


def volumes(session: Session, month: date, group: PayerGroup) -> dict[int, tuple[Any, ...]]:
    rows = session.scalars(
        select(MeterVolume).where(MeterVolume.period == month, is_of(MeterVolume.account_id, [group]))
    )
    return {
        row.meter_id: (
            row.method.value,
            row.from_value,
            row.to_value,
            row.shown,
            row.volume,
            row.missing,
            row.back_months,
        )
        for row in rows
    }


def not_billed(session: Session, month: date, group: PayerGroup) -> dict[tuple[int, int], str]:
    rows = session.scalars(select(NotBilled).where(NotBilled.period == month, NotBilled.payer_group == group))
    return {(row.account_id, row.service_id): row.reason for row in rows}


# Penalties ------------------------------------------------------------------------------------------------


class Debts:
    """The penalties of each account by the pure rules; what a day costs is remembered from month to month."""

    def __init__(self, session: Session) -> None:
        due = {month: rates.due_on(session, month) for month in billing.months(billing.FIRST, LAST)}
        self.weights = Weights(rates.penalty_rules(session), due.__getitem__)
        accounts = session.scalars(select(Account))
        self.classes: dict[int, PayerClass] = {account.id: rates.payer_class(account) for account in accounts}
        payments = session.execute(select(Payment.id, Payment.paid_at))
        self.again = 0
        self.paid_at = {f"payment:{payment_id}": paid_at for payment_id, paid_at in payments}

    def alone(self, session: Session, month: date, group: PayerGroup) -> Rows:
        """Days, the penalty to date and what of it the month charges, by account, service and month of the debt."""
        billed, money = self._movements(session, month, group)
        key = PenaltyCharge.account_id, PenaltyCharge.service_id, PenaltyCharge.debt_period
        sums = session.execute(select(*key, func.sum(PenaltyCharge.amount)).group_by(*key))
        charged = {tuple(debt): amount for *debt, amount in sums}
        found = {}
        for (account_id, service_id), by_month in billed.items():
            its = parts(by_month, money[account_id, service_id], last_day(month))
            self.again += sum(part.again is not None for part in its)
            for period, each in owed(its, self.classes[account_id], self.weights).items():
                amount = each.to_date - charged.get((account_id, service_id, period), ZERO)
                if amount:
                    found[account_id, service_id, period] = (each.days, each.to_date, amount)
        return found

    def _movements(self, session: Session, month: date, group: PayerGroup) -> tuple[Any, Any]:
        """What each month billed, and money by its day, of each account's services."""
        billed: Any = defaultdict(lambda: defaultdict(lambda: ZERO))
        money: Any = defaultdict(list)
        row = LedgerEntry
        columns = (row.account_id, row.service_id, row.period, row.kind, row.amount, row.source, row.posted_at)
        entries = session.execute(select(*columns).where(row.period <= month, is_of(row.account_id, [group])))
        for account_id, service_id, period, kind, amount, source, posted_at in entries:
            if kind in MONEY:
                at = self.paid_at.get(source.rpartition(":")[0]) or posted_at
                money[account_id, service_id].append(Received(clock.local(at).date(), -amount))
            elif kind is not EntryKind.penalty and period < month:
                billed[account_id, service_id][period] += amount
        for key, by_month in billed.items():
            given_back = {last_day(period): -amount for period, amount in by_month.items() if amount < 0}
            money[key] += [Received(day, amount) for day, amount in given_back.items()]
        return billed, money


def bring_penalties(session: Session, debts: Debts, group: PayerGroup) -> None:
    """What the months before had charged, in one row for each debt."""
    session.add_all(
        PenaltyCharge(
            account_id=account_id, service_id=service_id, period=BEFORE, debt_period=debt_period,
            days=days, to_date=to_date, amount=amount,
        )
        for (account_id, service_id, debt_period), (days, to_date, amount) in debts.alone(
            session, BEFORE, group
        ).items()
    )  # fmt: skip


def penalty_rows(session: Session, month: date, group: PayerGroup) -> Rows:
    row = PenaltyCharge
    rows = session.scalars(select(row).where(row.period == month, is_of(row.account_id, [group])))
    return {(row.account_id, row.service_id, row.debt_period): (row.days, row.to_date, row.amount) for row in rows}


def write_facts(session: Session, months: Iterable[date]) -> None:
    """What closing writes of each account."""
    groups = {account_id: group for account_id, group in session.execute(select(Account.id, Account.payer_group))}
    for month in months:
        facts = facts_of(session, month)
        for (account_id, service_id), fact in facts.items():
            fact["closing"] = sum(fact.values()) - 2 * fact["paid"]
            fact |= {"account_id": account_id, "service_id": service_id, "period": month, "volume": ZERO}
            fact["payer_group"] = groups[account_id]
        if facts:
            session.execute(insert(AccountPeriod), list(facts.values()))


def facts_of(session: Session, month: date) -> dict[tuple[int, int], dict[str, Any]]:
    """Sums by account and service."""
    found: defaultdict[tuple[int, int], dict[str, Any]] = defaultdict(
        lambda: dict.fromkeys((*FACTS.values(), "paid"), ZERO)
    )
    before, entry = AccountPeriod, LedgerEntry
    carried = select(before.account_id, before.service_id, before.closing).where(
        before.period == (month - timedelta(days=1)).replace(day=1)
    )
    for account_id, service_id, closing in session.execute(carried):
        found[account_id, service_id]["opening"] += closing
    sums = (
        select(entry.account_id, entry.service_id, entry.kind, func.sum(entry.amount))
        .where(entry.period == month)
        .group_by(entry.account_id, entry.service_id, entry.kind)
    )
    for account_id, service_id, kind, amount in session.execute(sums):
        fact = found[account_id, service_id]
        if kind in MONEY:
            fact["paid"] -= amount
        else:
            fact[FACTS[kind]] += amount
    return dict(found)
