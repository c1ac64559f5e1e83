"""A month calculated over all accounts, held against the pure rules of one account, line by line."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
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
from app.domain.calendar import month_range, next_month
from app.models import (
    Account,
    AccountPeriod,
    AccountStatus,
    Charge,
    EntryKind,
    LedgerEntry,
    MeterVolume,
    NotBilled,
    PayerGroup,
    Payment,
    PenaltyCharge,
    Period,
)
from app.queries.billing_results import is_of
from app.queries.ledger import MONEY
from tests import billing
from tests.conftest import Act

BEFORE, FIRST, LAST = date(2026, 5, 1), date(2026, 6, 1), date(2026, 9, 1)
ACCOUNTS = 700
CHUNK = 400
ZERO = Decimal(0)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


def quiet(stage: str, done: int, total: int) -> None:
    pass


@pytest.mark.parametrize("seed", [1, 2])
def test_all_accounts_at_once_are_charged_what_each_is_alone(act: Act, seed: int) -> None:
    with act() as session:
        billing.fill(session, seed, ACCOUNTS, FIRST, LAST)
        write_facts(session, list(billing.months(billing.FIRST, BEFORE)))
        for group in PayerGroup:
            bring_penalties(session, group)
    seen: dict[str, int] = defaultdict(int)
    for month in billing.months(FIRST, LAST):
        for group in PayerGroup:
            with act() as session:
                period = Period(first_on=month, payer_group=group)
                session.add(period)
                session.flush()
                expected = alone(session, month, group)
                penalties = penalties_alone(session, month, group)
                billing_run.calculate(session, period, progress=quiet)
                assert lines(session, month, group) == expected.lines
                assert volumes(session, month, group) == expected.volumes
                assert not_billed(session, month, group) == expected.reasons
                assert penalty_rows(session, month, group) == penalties
                for line in expected.lines.values():
                    seen[f"{line[0]}"] += 1
                for reason in expected.reasons.values():
                    seen[reason] += 1
                seen["penalty"] += len(penalties)
                billing_run.post(session, period)
        with act() as session:
            write_facts(session, [month])
    for case in ("tampered", "normative", "average", "control", "meter", *Reason, "penalty"):
        assert seen[case] > 5, (case, dict(seen))


class Expected:
    def __init__(self) -> None:
        self.lines: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.volumes: dict[int, tuple[Any, ...]] = {}
        self.reasons: dict[tuple[int, int], str] = {}


def alone(session: Session, month: date, group: PayerGroup) -> Expected:
    """What the pure rules say of each account of the group."""
    found, services = Expected(), service_ids(session)
    accounts = session.scalars(
        select(Account).where(
            Account.payer_group == group,
            Account.status == AccountStatus.active,
            Account.opened_on < next_month(month),
        )
    ).all()
    for start in range(0, len(accounts), CHUNK):
        chunk = accounts[start : start + CHUNK]
        homes = billing_facts.of_accounts(session, chunk, month)
        for account in chunk:
            add(found, session, account, homes[account.id], services)
    return found


def add(found: Expected, session: Session, account: Account, made: Bill | Reason, services: dict[str, int]) -> None:
    if isinstance(made, Reason):
        for link in session.scalars(select(billing_services()).where(billing_services().account_id == account.id)):
            if link.service.is_billed:
                found.reasons[account.id, link.service_id] = made.value
        return
    for line in made.lines:
        own = line.line
        found.lines[account.id, services[line.service], own.kind.value, line.part] = (
            line.method.value, own.volume, own.coefficient, own.price, own.vat_rate, own.vat, own.amount,
            line.tariff_id, line.residents, line.normative_id, line.coefficient_id,
        )  # fmt: skip
    for use in made.uses:
        found.volumes[use.dial.id] = (
            use.method.value, use.from_value, use.to_value, use.shown, use.volume, use.missing,
        )  # fmt: skip


def billing_services() -> Any:
    from app.models import AccountService

    return AccountService


def service_ids(session: Session) -> dict[str, int]:
    from app.models import Service

    return {row.code: row.id for row in session.scalars(select(Service))}


def lines(session: Session, month: date, group: PayerGroup) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = session.scalars(select(Charge).where(Charge.period == month, is_of(Charge.account_id, group)))
    return {
        (row.account_id, row.service_id, row.kind.value, row.part): (
            row.method.value, row.volume, row.coefficient, row.price, row.vat_rate, row.vat, row.amount,
            row.tariff_id, row.residents, row.normative_id, row.coefficient_id,
        )
        for row in rows
    }  # fmt: skip


def volumes(session: Session, month: date, group: PayerGroup) -> dict[int, tuple[Any, ...]]:
    rows = session.scalars(select(MeterVolume).where(MeterVolume.period == month, is_of(MeterVolume.account_id, group)))
    return {
        row.meter_id: (row.method.value, row.from_value, row.to_value, row.shown, row.volume, row.missing)
        for row in rows
    }


def not_billed(session: Session, month: date, group: PayerGroup) -> dict[tuple[int, int], str]:
    rows = session.scalars(select(NotBilled).where(NotBilled.period == month, NotBilled.payer_group == group))
    return {(row.account_id, row.service_id): row.reason for row in rows}


# Penalties ------------------------------------------------------------------------------------------------


def penalties_alone(session: Session, month: date, group: PayerGroup) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    asof = month_range(month)[1].replace(day=1)
    asof = date.fromordinal(asof.toordinal() - 1)
    weights = Weights(rates.penalty_rules(session), lambda period: rates.due_on(session, period))
    billed: dict[tuple[int, int], dict[date, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    money: dict[tuple[int, int], list[Received]] = defaultdict(list)
    paid_at = {f"payment:{row.id}": row.paid_at for row in session.scalars(select(Payment))}
    entries = session.scalars(
        select(LedgerEntry).where(LedgerEntry.period <= month, is_of(LedgerEntry.account_id, group))
    )
    for entry in entries:
        key = entry.account_id, entry.service_id
        if entry.kind in MONEY:
            at = paid_at.get(entry.source.rpartition(":")[0]) or entry.posted_at
            money[key].append(Received(clock.local(at).date(), -entry.amount))
        elif entry.kind is not EntryKind.penalty and entry.period < month:
            billed[key][entry.period] += entry.amount
    for key, by_month in billed.items():
        for period, amount in by_month.items():
            if amount < 0:
                last = date.fromordinal(next_month(period).toordinal() - 1)
                money[key].append(Received(last, -amount))
    key = PenaltyCharge.account_id, PenaltyCharge.service_id, PenaltyCharge.debt_period
    sums = session.execute(select(*key, func.sum(PenaltyCharge.amount)).group_by(*key))
    charged = {tuple(debt): amount for *debt, amount in sums}
    classes = {
        account.id: rates.payer_class(account)
        for account in session.scalars(select(Account).where(Account.payer_group == group))
    }
    found = {}
    for (account_id, service_id), by_month in billed.items():
        its = parts(by_month, money[account_id, service_id], asof)
        for period, each in owed(its, classes[account_id], weights).items():
            amount = each.to_date - charged.get((account_id, service_id, period), ZERO)
            if amount:
                found[account_id, service_id, period] = (each.days, each.to_date, amount)
    return found


def bring_penalties(session: Session, group: PayerGroup) -> None:
    """What the months before had charged, in one row for each debt."""
    session.add_all(
        PenaltyCharge(
            account_id=account_id, service_id=service_id, period=BEFORE, debt_period=debt_period,
            days=days, to_date=to_date, amount=amount,
        )
        for (account_id, service_id, debt_period), (days, to_date, amount) in penalties_alone(
            session, BEFORE, group
        ).items()
    )  # fmt: skip


def penalty_rows(session: Session, month: date, group: PayerGroup) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = session.scalars(
        select(PenaltyCharge).where(PenaltyCharge.period == month, is_of(PenaltyCharge.account_id, group))
    )
    return {(row.account_id, row.service_id, row.debt_period): (row.days, row.to_date, row.amount) for row in rows}


def write_facts(session: Session, months: list[date]) -> None:
    """What closing writes of each account."""
    names = {
        EntryKind.opening: "opening", EntryKind.charge: "charged", EntryKind.correction: "corrected",
        EntryKind.penalty: "penalty",
    }  # fmt: skip
    entries: dict[date, list[LedgerEntry]] = defaultdict(list)
    for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.period.in_(months))):
        entries[entry.period].append(entry)
    balances: dict[tuple[int, int], Decimal] = {}
    groups = {account.id: account.payer_group for account in session.scalars(select(Account))}
    before = session.scalars(
        select(AccountPeriod).where(AccountPeriod.period < months[0]).order_by(AccountPeriod.period)
    )
    for fact in before:
        balances[fact.account_id, fact.service_id] = fact.closing
    for month in months:
        rows: dict[tuple[int, int], dict[str, Any]] = {}
        keys = {(entry.account_id, entry.service_id) for entry in entries[month]} | balances.keys()
        for key in keys:
            rows[key] = dict.fromkeys(("opening", "charged", "corrected", "penalty", "paid"), ZERO)
            rows[key]["opening"] = balances.get(key, ZERO)
        for entry in entries[month]:
            row = rows[entry.account_id, entry.service_id]
            if entry.kind in MONEY:
                row["paid"] -= entry.amount
            else:
                row[names[entry.kind]] += entry.amount
        for key, row in rows.items():
            closing = row["opening"] + row["charged"] + row["corrected"] + row["penalty"] - row["paid"]
            balances[key] = closing
            row |= {
                "account_id": key[0], "service_id": key[1], "period": month, "closing": closing, "volume": ZERO,
                "payer_group": groups[key[0]],
            }  # fmt: skip
        if rows:
            session.execute(insert(AccountPeriod), list(rows.values()))
