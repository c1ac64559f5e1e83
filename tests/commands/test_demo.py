"""`flask demo`: a utility that stands up to a look, made once, never in production."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import billing_run, bills, receipts
from app.domain.allocation import Part
from app.domain.calendar import next_month
from app.domain.consumption import ConsumptionStatus, consumption
from app.domain.demo import people
from app.extensions import db
from app.models import (
    AccessApplication,
    Account,
    AccountAccess,
    AccountDebt,
    AccountPeriod,
    BankOperation,
    BankOperationState,
    Charge,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    House,
    LedgerEntry,
    Meter,
    MeterVolume,
    Payment,
    PaymentChannel,
    PaymentState,
    PenaltyCharge,
    Period,
    PeriodState,
    Reading,
    ReadingState,
    Receipt,
    RequestState,
    ServiceRequest,
    Tariff,
)
from app.queries import ledger, payments, readings
from app.queries.people import user_by_login
from app.security.scope import SYSTEM, become
from tests.conftest import fresh_database, taken_back

pytestmark = pytest.mark.xdist_group("demo")  # one worker makes it once


@pytest.fixture(scope="module")
def demo(app: Flask, database_url: str, data_dir: Path) -> Iterator[str]:
    """What the command said. Made once: the tests here only read."""
    with fresh_database(app, database_url, data_dir):
        result = app.test_cli_runner().invoke(args=["demo"])
        assert result.exit_code == 0, result.output
        yield result.output


@pytest.fixture
def session(demo: str, app: Flask) -> Iterator[Session]:
    with app.app_context():
        become(SYSTEM)
        yield db.session()
        db.session.rollback()


def accounts_of(session: Session, login: str) -> list[Account]:
    user = user_by_login(session, login)
    assert user is not None
    return list(
        session.scalars(
            select(Account)
            .join(AccountAccess, AccountAccess.account_id == Account.id)
            .where(AccountAccess.user_id == user.id)
        )
    )


def test_the_demo_is_made_once_and_says_who_may_sign_in(demo: str, session: Session, app: Flask) -> None:
    assert people.PASSWORD in demo
    for login in ("admin", "operator", "cashier", "manager", "customer", "company"):
        assert login in demo
    run = app.test_cli_runner().invoke
    again = run(args=["demo", "--if-empty"])
    assert (again.exit_code, again.output) == (0, "")
    refused = run(args=["demo"])
    assert refused.exit_code == 1
    assert "empty database" in refused.output
    assert session.scalar(select(func.count()).select_from(Account)) == 401


def test_production_refuses_the_demo(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO_ALLOWED", False)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "production" in result.output


def test_every_demo_sign_in_works(demo: str, app: Flask) -> None:
    for login in people.logins():
        body = {"username": login, "password": people.PASSWORD, "provider": "db"}
        assert app.test_client().post("/api/v1/security/login", json=body).status_code == 200, login


def test_the_books_of_the_demo_add_up(session: Session) -> None:
    charged = session.scalars(select(Charge.amount)).all()
    posted = session.scalars(select(LedgerEntry.amount).where(LedgerEntry.source.like("charge:%"))).all()
    assert sum(charged) == sum(posted)
    assert len(charged) == len(posted) > 18_000
    paid = session.scalar(select(func.sum(Payment.amount)).where(Payment.state == PaymentState.succeeded))
    assert paid == -session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.kind == EntryKind.payment))
    last = session.scalar(select(func.max(AccountPeriod.period)))
    closing = session.scalar(select(func.sum(AccountPeriod.closing)).where(AccountPeriod.period == last))
    assert closing == session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.period <= last))
    assert session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.kind == EntryKind.opening)) == (
        Decimal("418378.69") + Decimal("423041.08")
    )


def test_the_books_of_the_demo_are_proved(demo: str, app: Flask) -> None:
    proved = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (proved.exit_code, proved.output) == (0, "24 closed months: no faults\n")


def test_the_next_month_can_be_billed_right_after_the_demo(demo: str, app: Flask) -> None:
    month = f"--period={clock.today():%Y-%m}"
    result = app.test_cli_runner().invoke(args=["bill", month, "--dry-run", "--json"])
    assert result.exit_code == 0, result.output
    groups = json.loads(result.stdout)["groups"]
    assert [each["group"] for each in groups] == ["population", "other"]
    assert (
        sum(each["charges"]["cold"]["accounts"] for each in groups)
        + sum(sum(each["not_billed"].values()) for each in groups)
        >= 400
    )


def test_two_years_are_closed_and_the_month_is_open(session: Session) -> None:
    this_month = clock.today().replace(day=1)
    periods = session.scalars(select(Period).order_by(Period.first_on)).all()
    assert len(periods) == 50
    assert {row.first_on for row in periods if row.state is PeriodState.open} == {this_month}
    assert all(row.closed_at == clock.at(next_month(row.first_on), 3) for row in periods if row.first_on < this_month)


def test_readings_follow_each_other_by_the_rules(session: Session) -> None:
    meters = {meter.id: meter for meter in session.scalars(select(Meter))}
    shown = {meter_id: meter.opening_value for meter_id, meter in meters.items()}
    statuses = defaultdict(int)
    for reading in session.scalars(select(Reading).order_by(Reading.meter_id, Reading.period)):
        previous = shown[reading.meter_id]
        found = consumption(
            digits=meters[reading.meter_id].digits,
            previous=previous,
            current=reading.value,
            average=Decimal(400),
            months=24,
        )
        assert found.volume == reading.volume, reading
        statuses[found.status] += 1
        shown[reading.meter_id] = reading.value
    assert set(statuses) == {ConsumptionStatus.ok, ConsumptionStatus.rollover}
    assert min(shown.values()) >= 0
    assert statuses[ConsumptionStatus.ok] > 8_000


def test_bills_carry_the_prices_of_their_month(session: Session) -> None:
    prices = {tariff.id: tariff for tariff in session.scalars(select(Tariff))}
    for charge in session.scalars(select(Charge)):
        tariff = prices[charge.tariff_id]
        assert tariff.valid_from <= charge.period
        assert charge.price == tariff.price
        assert charge.vat_rate == (22 if charge.period >= date(2026, 1, 1) else 20)
    excess = session.scalars(select(Charge.coefficient).where(Charge.kind == ChargeKind.excess)).all()
    assert set(excess) == {Decimal("0.5"), Decimal(2)}


def test_the_customer_owes_last_month_and_may_send_readings(session: Session) -> None:
    first, second = accounts_of(session, "customer")
    meters = readings.of_account(session, first, date(2000, 1, 1))
    assert sorted(each.meter.service.code for each in meters) == ["cold", "hot"]
    assert all(len(each.readings) >= 22 for each in meters)
    this_month = clock.today().replace(day=1)
    assert all(each.readings[0].period < this_month for each in meters)
    for account, months in ((first, 1), (second, 4)):
        periods = select(Charge.period).where(Charge.account_id == account.id).distinct()
        unpaid = session.scalars(periods.order_by(Charge.period.desc()).limit(months)).all()
        billed = session.scalar(
            select(func.sum(Charge.amount)).where(Charge.account_id == account.id, Charge.period.in_(unpaid))
        )
        due = sum(balance for _service, balance in ledger.balances(session, account.id) if balance > 0)
        assert billed <= due < billed + 400  # an overpaid service stays overpaid


def test_the_account_of_who_was_away_has_an_average_a_recalculation_and_a_penalty(session: Session) -> None:
    _first, second = accounts_of(session, "customer")
    last = session.scalars(select(func.max(Charge.period)).where(Charge.account_id == second.id)).one()
    bill = bills.of_account(session, second, last)
    assert bill is not None
    assert {(line.service.code, line.kind, line.method) for line in bill.lines} == {
        ("cold", ChargeKind.correction, ChargeMethod.meter),
        ("sewerage", ChargeKind.main, ChargeMethod.average),
    }
    assert bill.total("penalty") == sum(row.amount for row in bill.penalties) > 0
    assert {use.method for use in bill.uses} == {ChargeMethod.meter, ChargeMethod.average}


def test_penalties_are_those_that_billing_charges(session: Session) -> None:
    last = session.scalars(select(func.max(PenaltyCharge.period))).one()

    def charged() -> dict[tuple[int, int, date], tuple[int, Decimal, Decimal]]:
        rows = session.scalars(select(PenaltyCharge).where(PenaltyCharge.period == last))
        return {(row.account_id, row.service_id, row.debt_period): (row.days, row.to_date, row.amount) for row in rows}

    told = charged()
    assert len(told) > 100
    with taken_back():
        for period in session.scalars(select(Period).where(Period.first_on == last)):
            period.state = PeriodState.open
            billing_run.calculate(session, period, progress=lambda *_step: None)
        session.expire_all()
        assert charged() == told


def test_nobody_is_charged_anew_for_what_averages_charged(session: Session) -> None:
    """Whatever a meter was billed for in two years is what it showed, but for the guesses since its last value."""
    rows = session.scalars(select(MeterVolume).order_by(MeterVolume.meter_id, MeterVolume.period)).all()
    told: defaultdict[int, Decimal] = defaultdict(Decimal)
    guessed: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.to_value is None:
            guessed[row.meter_id] += row.volume
            continue
        assert row.shown == row.volume + guessed[row.meter_id], row.meter_id
        assert (row.to_value - row.from_value - row.shown) in (0, -(10**5), -(10**4))
        told[row.meter_id] += row.volume + guessed.pop(row.meter_id, Decimal(0))
    assert len(rows) == 474 * 24
    assert sum(told.values()) > 100_000


def test_the_company_has_two_accounts_of_one_firm(session: Session) -> None:
    first, second = accounts_of(session, "company")
    assert first.legal_entity_id == second.legal_entity_id is not None
    based = session.scalars(select(Payment.basis).where(Payment.account_id.in_([first.id, second.id]))).all()
    assert based
    assert all(based)


def test_card_payments_have_receipts_without_gaps(session: Session) -> None:
    by_year = defaultdict(list)
    for receipt in session.scalars(select(Receipt).order_by(Receipt.issued_at, Receipt.number)):
        by_year[receipt.year].append(receipt.number)
    assert len(by_year) == 3
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_year.values())
    cards = session.scalar(select(func.count()).select_from(Payment).where(Payment.channel == PaymentChannel.card))
    assert cards == sum(map(len, by_year.values()))


def test_a_demo_receipt_has_the_shape_of_a_real_one(session: Session) -> None:
    with taken_back():
        receipt = session.scalars(select(Receipt).order_by(Receipt.id.desc()).limit(1)).one()
        payment = session.get_one(Payment, receipt.payment_id)
        lines = payments.lines_of(session, payment.id)
        parts = [Part(lines[0].service_id, None, Decimal(1))]
        real = receipts.issue(session, payment, lines, parts, operation="1", is_test=True)
        assert set(receipt.snapshot) == set(real.snapshot)
        assert set(receipt.snapshot["payee"]) == set(real.snapshot["payee"])
        assert set(receipt.snapshot["lines"][0]) == set(real.snapshot["lines"][0])
        assert set(receipt.snapshot["lines"][0]["parts"][0]) == set(real.snapshot["lines"][0]["parts"][0])


def test_the_desk_has_something_to_do(session: Session) -> None:
    today = clock.today()
    requests = session.scalars(select(ServiceRequest)).all()
    assert {request.state for request in requests} == set(RequestState)
    waiting = (RequestState.new, RequestState.accepted, RequestState.in_progress)
    assert Counter(session.scalars(select(AccessApplication.state))) == {"new": 2, "rejected": 1}
    assert session.scalar(select(func.count()).where(House.district.is_(None))) == 0
    assert session.scalar(select(func.count()).where(House.latitude.is_(None))) == 0
    assert sum(request.promised_on < today for request in requests if request.state in waiting) == 1
    unidentified = select(func.count()).select_from(BankOperation)
    assert session.scalar(unidentified.where(BankOperation.state == BankOperationState.unidentified)) == 3
    assert session.scalar(select(func.count()).select_from(AccountDebt)) in range(40, 200)
    future = session.scalar(select(func.max(Payment.paid_at)))
    assert future <= clock.now()
    if today.day >= 22:
        review = select(func.count()).select_from(Reading).where(Reading.state == ReadingState.review)
        assert session.scalar(review) == 5
