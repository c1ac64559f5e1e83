"""`flask demo --accounts N`: the rows that SQL makes are those that the models and the rules would make."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app import clock
from app.domain import billing_facts, rates
from app.domain.billing import Bill
from app.domain.charges import ChargeLine, metered_line, normative_lines
from app.domain.estimates import last_day
from app.domain.identifiers import inn
from app.extensions import db
from app.model_types import folded, house_key
from app.models import (
    Account,
    AccountPeriod,
    AccountService,
    Charge,
    ChargeKind,
    ChargeMethod,
    Contract,
    Customer,
    EntryKind,
    House,
    LedgerEntry,
    LegalEntity,
    Meter,
    PayerGroup,
    Payment,
    PaymentLine,
    PenaltyCharge,
    PeriodTotal,
    Premises,
    Reading,
    Service,
)
from app.queries import demo as queries
from app.queries import facts
from app.security.scope import SYSTEM, become
from tests import factories
from tests.conftest import fresh_database, taken_back

pytestmark = pytest.mark.xdist_group("large demo")  # one worker makes it once

ACCOUNTS = 1401


def schema(session: Session) -> list[tuple[str, str]]:
    """Constraints and indexes as PostgreSQL writes them; SQLite keeps its own during the load."""
    if session.get_bind().dialect.name == "sqlite":
        return []
    constraints = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    return sorted(map(tuple, session.execute(text(f"{constraints} UNION ALL {indexes}"))))


@pytest.fixture(scope="module")
def large(app: Flask, database_url: str, data_dir: Path) -> Iterator[list[tuple[str, str]]]:
    """The schema as it was before the load."""
    with fresh_database(app, database_url, data_dir):
        with app.app_context():
            before = schema(db.session())
            db.session.remove()
        result = app.test_cli_runner().invoke(args=["demo", "--accounts", str(ACCOUNTS)])
        assert result.exit_code == 0, result.output
        yield before


@pytest.fixture
def session(large: list[tuple[str, str]], app: Flask) -> Iterator[Session]:
    with app.app_context():
        become(SYSTEM)
        yield db.session()
        db.session.rollback()


@pytest.fixture
def first(session: Session) -> int:
    """The id of the first account that the load made: the believable ones stand before it."""
    return 402


def test_there_are_as_many_accounts_as_were_asked_for(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(Account)) == ACCOUNTS
    assert session.scalar(select(func.count()).select_from(Meter)) == 474 + 1500


def test_the_schema_is_what_it_was(large: list[tuple[str, str]], session: Session) -> None:
    assert schema(session) == large


def test_the_books_are_proved(large: list[tuple[str, str]], app: Flask) -> None:
    proved = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (proved.exit_code, proved.output) == (0, "24 closed months: no faults\n")


def test_no_row_points_nowhere(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    invalid = "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"
    assert session.get_bind().dialect.name == "sqlite" or session.scalar(text(invalid)) == 0


def test_keys_and_folded_names_are_those_that_the_models_make(session: Session, first: int) -> None:
    for account in session.scalars(select(Account).where(Account.id >= first)):
        assert account.number_key == account.number.lstrip("0")
        assert len(account.number) == 11
    for model, name in ((Customer, "full_name"), (Premises, "address"), (House, "label"), (LegalEntity, "name")):
        fold = f"{name.removeprefix('full_')}_fold"
        for row in session.scalars(select(model)):
            assert getattr(row, fold) == folded(getattr(row, name))
    assert all(house.number_key == house_key(house.number) for house in session.scalars(select(House)))
    women = [name for name in session.scalars(select(Customer.full_name)) if name.endswith("на")]
    assert 400 < len(women) < 1000
    assert all(name.split()[0].endswith("а") for name in women)


def test_firms_have_right_numbers_and_contracts(session: Session, first: int) -> None:
    firms = session.scalars(select(Account).where(Account.id >= first, Account.legal_entity_id.is_not(None))).all()
    assert len(firms) == 10
    for account in firms:
        assert account.legal_entity is not None
        assert inn(account.legal_entity.inn)
        contract = session.get_one(Contract, account.contract_id)
        assert contract.legal_entity_id == account.legal_entity_id


def test_dials_go_on_and_volumes_hold_missing_months(session: Session, first: int) -> None:
    shown = {meter.id: meter.opening_value for meter in session.scalars(select(Meter))}
    count, this_month = 0, clock.today().replace(day=1)
    rows = select(Reading).where(Reading.account_id >= first).order_by(Reading.meter_id, Reading.period)
    for reading in session.scalars(rows):
        assert reading.volume == reading.value - shown[reading.meter_id] > 0
        assert reading.taken_on.replace(day=1) == reading.period
        shown[reading.meter_id] = reading.value
        count += reading.period < this_month
    assert abs(count - 1500 * 12 * 3 // 4) < 50


def expected(session: Session, charge: Charge, account: Account, book: rates.RateBook) -> ChargeLine:
    """The line that the rules make of the charge's volume."""
    day = last_day(charge.period)
    code = charge.service.code
    price = book.price(code, account.payer_group, day)
    if charge.kind is ChargeKind.excess or (charge.method is ChargeMethod.normative and code == "cold"):
        assert account.residents
        assert charge.volume == account.residents * book.normative("cold", day)
        main, excess = normative_lines(
            residents=account.residents,
            normative=book.normative("cold", day),
            price=price.amount,
            vat_rate=price.vat_rate,
            vat_mode=price.vat_mode,
            coefficient=book.coefficient("cold", day),
        )
        return main if charge.kind is ChargeKind.main else excess
    return metered_line(charge.volume, price.amount, price.vat_rate, price.vat_mode)


def test_charges_are_those_that_the_rules_make(session: Session, first: int) -> None:
    book = rates.RateBook(session)
    accounts = {account.id: account for account in session.scalars(select(Account))}
    charges = session.scalars(select(Charge).where(Charge.account_id >= first)).all()
    billed = select(func.count()).select_from(AccountService).where(AccountService.account_id >= first)
    assert len(charges) == session.scalar(billed) * 12 + 100 * 12
    volumes: dict[tuple[int, date], dict[str, Decimal]] = defaultdict(dict)
    for charge in charges:
        line = expected(session, charge, accounts[charge.account_id], book)
        made = (charge.amount, charge.vat, charge.price, charge.coefficient, charge.vat_rate)
        assert made == (line.amount, line.vat, line.price, line.coefficient, line.vat_rate), charge.id
        if charge.kind is ChargeKind.main:
            volumes[charge.account_id, charge.period][charge.service.code] = charge.volume
    assert all(volume.get("sewerage", volume["cold"]) >= volume["cold"] > 0 for volume in volumes.values())


def test_bills_are_by_the_meters_readings(session: Session, first: int) -> None:
    cold = session.scalars(select(Service.id).where(Service.code == "cold")).one()
    billed = session.scalar(
        select(func.sum(Charge.volume)).where(
            Charge.account_id >= first, Charge.service_id == cold, Charge.method != ChargeMethod.normative
        )
    )
    meters = session.scalars(select(Meter).where(Meter.account_id >= first, Meter.service_id == cold)).all()
    closed = select(Reading).where(Reading.period < clock.today().replace(day=1))
    last = {reading.meter_id: reading.value for reading in session.scalars(closed.order_by(Reading.period))}
    seen = sum(last[meter.id] - meter.opening_value for meter in meters)
    assert Decimal("0.97") * billed < seen <= billed  # the rest is billed by average in the last month


def test_the_next_readings_are_not_charged_for_what_the_averages_charged(session: Session, first: int) -> None:
    accounts = session.scalars(select(Account).where(Account.id >= first)).all()
    this_month = clock.today().replace(day=1)
    bills = billing_facts.of_accounts(session, accounts, this_month).values()
    uses = [use for bill in bills if isinstance(bill, Bill) for use in bill.uses]
    assert len(uses) > 1200  # who has no sewerage here needs no meter of hot water
    settled = [use for use in uses if use.dial.guesses and use.method is ChargeMethod.meter]
    assert all(use.volume == use.shown - sum(use.dial.guesses.values()) > 0 for use in settled)
    if any(use.dial.now(this_month) for use in uses):
        assert len(settled) > 300


def test_the_books_add_up(session: Session, first: int) -> None:
    charged = session.scalar(select(func.sum(Charge.amount)))
    paid = session.scalar(select(func.sum(PaymentLine.amount)))
    assert paid == session.scalar(select(func.sum(Payment.amount)))
    opening = session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.kind == EntryKind.opening))
    penalty = session.scalar(select(func.sum(PenaltyCharge.amount)))
    assert session.scalar(select(func.sum(LedgerEntry.amount))) == opening + charged + penalty - paid
    last = session.scalar(select(func.max(AccountPeriod.period)))
    closing = session.scalar(select(func.sum(AccountPeriod.closing)).where(AccountPeriod.period == last))
    assert closing == session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.period <= last))
    totals = select(func.sum(PeriodTotal.closing)).where(PeriodTotal.period == last)
    assert session.scalar(totals) == closing


def test_facts_are_those_that_closing_the_months_writes(session: Session) -> None:
    def written() -> list[tuple[object, ...]]:
        return sorted(map(tuple, session.execute(select(AccountPeriod.__table__))))

    before, last = written(), facts.NEVER
    with taken_back():
        session.execute(delete(AccountPeriod))
        for period in queries.closed_periods(session):
            for group in PayerGroup:
                facts.write_account_periods(session, period, group, last)
            last = period
        assert written() == before


def test_the_database_goes_on_from_the_last_key(session: Session) -> None:
    with taken_back():
        account = factories.account(session)
        meter = factories.meter(session, account)
        factories.reading(session, meter, "5", clock.today().replace(day=1))
        assert account.id == ACCOUNTS + 1


def test_the_same_size_again_adds_nothing(session: Session, app: Flask) -> None:
    before = session.scalar(select(func.count()).select_from(Charge))
    session.rollback()
    result = app.test_cli_runner().invoke(args=["demo", "--accounts", str(ACCOUNTS)])
    assert result.exit_code == 0
    become(SYSTEM)
    assert session.scalar(select(func.count()).select_from(Charge)) == before


def test_sqlite_is_not_asked_for_a_million(session: Session, app: Flask) -> None:
    if session.get_bind().dialect.name == "postgresql":
        return  # it is PostgreSQL that is asked
    result = app.test_cli_runner().invoke(args=["demo", "--accounts", "1000000"])
    assert result.exit_code == 1
    assert "DATABASE_URL" in result.output
