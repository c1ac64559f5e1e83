"""Facts of periods against a slow count in Python over generated ledgers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import facts
from app.domain.calendar import due_date, next_month, previous_month
from app.models import (
    Account,
    AccountDebt,
    AccountPeriod,
    AccountStatus,
    Charge,
    ChargeKind,
    ChargeMethod,
    CoverageTotal,
    DebtTotal,
    EntryKind,
    LedgerEntry,
    PayerGroup,
    Period,
    PeriodState,
    PeriodTotal,
    ReadingSource,
    ReadingState,
)
from app.queries.facts import AGES
from tests import factories
from tests.periods import close

NOVEMBER = date(2026, 11, 1)
MONTHS = [date(2026, month, 1) for month in range(2, 12)]
MONEY = {EntryKind.payment, EntryKind.refund, EntryKind.offset}
PARTS = count()  # lines of one account, month and kind are told apart
ZERO = Decimal(0)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


def post(session: Session, account: Account, period: date, kind: EntryKind, amount: str, code: str = "cold") -> None:
    made = LedgerEntry(
        account_id=account.id,
        service_id=factories.service(session, code).id,
        period=period,
        kind=kind,
        amount=Decimal(amount),
        source=f"test:{post.number}",  # type: ignore[attr-defined]
        reason="test",
        posted_at=clock.now(),
    )
    post.number += 1  # type: ignore[attr-defined]
    session.add(made)


post.number = 0  # type: ignore[attr-defined]


def charge(
    session: Session,
    account: Account,
    period: date,
    volume: str,
    kind: ChargeKind = ChargeKind.main,
    code: str = "cold",
) -> None:
    session.add(
        Charge(
            account_id=account.id,
            service_id=factories.service(session, code).id,
            period=period,
            kind=kind,
            part=next(PARTS),
            method=ChargeMethod.meter,
            volume=Decimal(volume),
            price=Decimal(10),
            vat_rate=Decimal(22),
            vat=ZERO,
            amount=Decimal(100),
        )
    )


def generate(session: Session, seed: int) -> None:
    """Accounts of both groups whose months hold a random mixture of every kind of entry, kopecks included."""
    random = Random(seed)
    for number in range(12):
        account = factories.account(session, is_company=number % 4 == 0)
        for code in ("cold", "sewerage"):
            if random.random() < 0.4:
                opening = str(Decimal(random.randint(-90000, 150000)) / 100)
                post(session, account, random.choice(MONTHS), EntryKind.opening, opening, code)
            for period in MONTHS:
                for kind in random.choices(list(EntryKind)[1:], weights=(10, 2, 8, 1, 2, 1), k=random.randint(0, 3)):
                    low, high = {"payment": (-150000, -1), "charge": (1, 100000), "refund": (1, 9000)}.get(
                        kind, (-9000, 9000)
                    )
                    post(session, account, period, kind, str(Decimal(random.randint(low, high)) / 100), code)
                if random.random() < 0.5:
                    charge(session, account, period, str(random.randint(0, 20)), code=code)


def billed_and_paid(session: Session) -> dict[tuple[int, int], dict[date, list[Decimal]]]:
    sums: dict[tuple[int, int], dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(lambda: [ZERO, ZERO]))
    for entry in session.scalars(select(LedgerEntry)):
        is_money = entry.kind in MONEY
        sums[entry.account_id, entry.service_id][entry.period][is_money] += -entry.amount if is_money else entry.amount
    return sums


def slow_debts(session: Session) -> dict[int, list[Decimal]]:
    """First in, first out: all money and all credits of a service cover its oldest bills first."""
    debts: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for (account_id, _service), months in billed_and_paid(session).items():
        money = sum((paid - min(billed, ZERO) for billed, paid in months.values()), ZERO)
        for period in sorted(months):
            bill = max(months[period][0], ZERO)
            covered = min(bill, money)
            money -= covered
            days = (clock.today() - due_date(period, 15)).days
            if days > 0:
                age = 0 if days <= 30 else 1 if days <= 60 else 2 if days <= 90 else 3
                debts[account_id][age] += bill - covered
    return {account: ages for account, ages in debts.items() if sum(ages)}


@pytest.mark.parametrize("closed", [0, 3, 8, 9, 10])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_debts_by_age_are_those_of_first_in_first_out(act: Any, seed: int, closed: int) -> None:
    with act() as session:
        generate(session, seed)
    with act() as session:
        close(session, *MONTHS[:closed])
        facts.refresh(session)
    with act() as session:
        found = {row.account_id: [getattr(row, age) for age in AGES] for row in session.scalars(select(AccountDebt))}
        assert found == slow_debts(session)
        assert all(row.total == sum(found[row.account_id]) for row in session.scalars(select(AccountDebt)))
        groups = {account.id: account.payer_group for account in session.scalars(select(Account))}
        for total in session.scalars(select(DebtTotal)):
            ours = [ages for account, ages in found.items() if groups[account] is total.payer_group]
            assert [total.debtors, total.total] == [len(ours), sum(map(sum, ours))]
            assert [getattr(total, age) for age in AGES] == [sum(ages) for ages in zip(*ours, strict=True)]


@pytest.mark.parametrize("closed", [0, 4, 10])
def test_totals_of_periods_carry_on_from_month_to_month(act: Any, closed: int) -> None:
    with act() as session:
        generate(session, 7)
    with act() as session:
        close(session, *MONTHS[:closed])
        facts.refresh(session)
    with act() as session:
        groups = {account.id: account.payer_group for account in session.scalars(select(Account))}
        balance: dict[tuple[int, PayerGroup], Decimal] = defaultdict(lambda: ZERO)
        slow = billed_and_paid(session)
        found = {(row.period, row.service_id, row.payer_group): row for row in session.scalars(select(PeriodTotal))}
        for period in MONTHS:
            for service, group in {key[1:] for key in found if key[0] == period}:
                row = found[period, service, group]
                ours = [
                    months[period]
                    for (account, of), months in slow.items()
                    if (of, groups[account]) == (service, group) and period in months
                ]
                balance[service, group] += sum((billed - paid for billed, paid in ours), ZERO)
                assert row.paid == sum((paid for _billed, paid in ours), ZERO)
                assert (period, row.closing) == (period, balance[service, group])
                assert row.closing == row.opening + row.charged - row.paid
        drafts = select(Period.first_on).where(Period.state == PeriodState.open)
        volumes = sum(row.volume for row in session.scalars(select(Charge).where(Charge.period.not_in(drafts))))
        assert sum(row.volume for row in found.values()) == volumes


def test_an_account_s_month_goes_on_from_the_one_before(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        post(session, account, MONTHS[0], EntryKind.opening, "100.00")
        post(session, account, MONTHS[0], EntryKind.charge, "50.00")
        post(session, account, MONTHS[1], EntryKind.charge, "30.00")
        post(session, account, MONTHS[1], EntryKind.correction, "-5.00")
        post(session, account, MONTHS[1], EntryKind.penalty, "1.50")
        post(session, account, MONTHS[1], EntryKind.payment, "-120.00")
        charge(session, account, MONTHS[1], "7.5")
        charge(session, account, MONTHS[1], "4", ChargeKind.excess)
    with act() as session:
        close(session, *MONTHS[:3])
    with act() as session:
        months = session.scalars(select(AccountPeriod).order_by(AccountPeriod.period)).all()
        names = ("opening", "charged", "corrected", "penalty", "paid", "closing", "volume")
        assert [[str(getattr(month, name)) for name in names] for month in months] == [
            ["100.00", "50.00", "0.00", "0.00", "0.00", "150.00", "0.000"],
            ["150.00", "30.00", "-5.00", "1.50", "120.00", "56.50", "7.500"],
            ["56.50", "0.00", "0.00", "0.00", "0.00", "56.50", "0.000"],
        ]


def test_what_was_posted_before_the_books_begin_is_their_opening_balance(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        post(session, account, MONTHS[0], EntryKind.charge, "10.00")
        post(session, account, MONTHS[2], EntryKind.payment, "-4.00")
        post(session, account, MONTHS[3], EntryKind.charge, "5.00")
        close(session, MONTHS[3])
    with act() as session:
        month = session.scalars(select(AccountPeriod)).one()
        assert [str(each) for each in (month.opening, month.charged, month.closing)] == ["6.00", "5.00", "11.00"]


@pytest.mark.parametrize("first", PayerGroup)
def test_payer_groups_close_their_months_apart(act: Any, first: PayerGroup) -> None:
    with act() as session:
        generate(session, 4)
        close(session, *MONTHS[:4])
        close(session, *MONTHS[4:7], groups=[first])
        facts.refresh(session)
    with act() as session:
        known = session.execute(select(AccountPeriod.period, AccountPeriod.payer_group).distinct())
        assert {(period, group) for period, group in known if period > MONTHS[3]} == {
            (period, first) for period in MONTHS[4:7]
        }
        debts = {row.account_id: [getattr(row, age) for age in AGES] for row in session.scalars(select(AccountDebt))}
        assert debts == slow_debts(session)
        totals = {row[:-1]: row.closing for row in _closings(session)}
        close(session, *MONTHS[4:7], groups=set(PayerGroup) - {first})
        facts.refresh(session)
    with act() as session:
        assert {row[:-1]: row.closing for row in _closings(session)} == totals


def _closings(session: Session) -> Any:
    return session.execute(
        select(PeriodTotal.period, PeriodTotal.service_id, PeriodTotal.payer_group, PeriodTotal.closing)
    )


def test_a_second_count_changes_nothing(act: Any) -> None:
    with act() as session:
        generate(session, 5)
        close(session, MONTHS[0])
        facts.refresh(session)
    with act() as session:
        before = snapshot(session)
        facts.refresh(session)
    with act() as session:
        assert snapshot(session) == before


def snapshot(session: Session) -> list[str]:
    tables = (AccountDebt, AccountPeriod, DebtTotal, PeriodTotal)
    return sorted(
        str({column: getattr(row, column) for column in table.__mapper__.columns.keys()})  # noqa: SIM118
        for table in tables
        for row in session.scalars(select(table))
    )


def test_a_closed_period_is_counted_again_only_when_it_was_closed_since(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        post(session, account, MONTHS[0], EntryKind.charge, "10.00")
        close(session, MONTHS[0])
        facts.refresh(session)
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        with act() as session:
            facts.refresh(session)
        with act() as session:
            counted = dict(session.execute(select(PeriodTotal.period, PeriodTotal.counted_at)).all())
            assert counted[MONTHS[0]] < counted[NOVEMBER]
            close(session, MONTHS[1])
            facts.refresh(session)
        with act() as session:
            counted = dict(session.execute(select(PeriodTotal.period, PeriodTotal.counted_at)).all())
            assert counted[MONTHS[0]] < counted[MONTHS[1]] == counted[NOVEMBER]


def test_coverage_counts_the_reading_that_counts_by_day_and_channel(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        meters = [factories.meter(session, account) for _ in range(3)]
        factories.reading(session, meters[0], "5", NOVEMBER, state=ReadingState.replaced)
        factories.reading(session, meters[0], "6", NOVEMBER, attempt=2)
        factories.reading(session, meters[1], "7", NOVEMBER)
        factories.reading(session, meters[2], "8", NOVEMBER, source=ReadingSource.phone, taken_on=date(2026, 11, 20))
        factories.reading(session, meters[2], "1", previous_month(NOVEMBER))
        facts.refresh(session)
    with act() as session:
        rows = session.scalars(select(CoverageTotal).where(CoverageTotal.period == NOVEMBER)).all()
        assert {(row.day.day, row.source, row.readings) for row in rows} == {
            (22, ReadingSource.cabinet, 2),
            (20, ReadingSource.phone, 1),
        }
        assert session.scalars(select(PeriodTotal.meters).where(PeriodTotal.meters > 0)).all() == [3]


def test_an_account_that_was_taken_back_owes_nothing(act: Any) -> None:
    with act() as session:
        account = factories.account(session, status=AccountStatus.undone)
        post(session, account, MONTHS[0], EntryKind.charge, "10.00")
        close(session, MONTHS[0])
        facts.refresh(session)
    with act() as session:
        assert session.scalars(select(AccountDebt)).all() == []
        assert sum(session.scalars(select(PeriodTotal.closing))) == 0


def test_what_is_not_due_yet_is_no_debt(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        post(session, account, NOVEMBER, EntryKind.charge, "10.00")
        post(session, account, previous_month(NOVEMBER), EntryKind.charge, "3.00")
        facts.refresh(session)
        assert due_date(previous_month(NOVEMBER), 15) == date(2026, 11, 16)
    with act() as session:
        assert session.scalars(select(AccountDebt.total)).all() == [Decimal("3.00")]
    with time_machine.travel("2026-11-16T09:00:00Z", tick=False), act() as session:
        facts.refresh(session)
        assert session.scalars(select(AccountDebt.total)).all() == []


def test_there_is_nothing_to_count_before_the_first_account(act: Any) -> None:
    with act() as session:
        facts.refresh(session)
        assert session.scalars(select(PeriodTotal)).all() == []


def test_nothing_is_open_while_this_month_is_closed(act: Any) -> None:
    with act() as session:
        post(session, factories.account(session), NOVEMBER, EntryKind.charge, "10.00")
        close(session, NOVEMBER)
        facts.refresh(session)
    with act() as session:
        facts.refresh(session)
        assert session.scalars(select(PeriodTotal.closing)).all() == [Decimal("10.00")]


def test_the_totals_of_accounts_that_are_all_taken_back_go(act: Any) -> None:
    with act() as session:
        account = factories.account(session)
        post(session, account, NOVEMBER, EntryKind.charge, "10.00")
        facts.refresh(session)
    with act() as session:
        session.scalars(select(Account)).one().status = AccountStatus.undone
    with act() as session:
        facts.refresh(session)
        assert session.scalars(select(PeriodTotal)).all() == []


def test_months_without_entries_are_counted_up_to_this_one(act: Any) -> None:
    with act() as session:
        post(session, factories.account(session), MONTHS[0], EntryKind.charge, "10.00")
        facts.refresh(session)
    with act() as session:
        periods = sorted(set(session.scalars(select(PeriodTotal.period))))
        assert periods == MONTHS
        assert next_month(periods[-1]) - timedelta(days=1) > clock.today()
