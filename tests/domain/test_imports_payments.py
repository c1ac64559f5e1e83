"""A bank's registry, from the file to the ledger, and back."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import facts
from app.domain.imports import refusals, undoing
from app.extensions import db, transaction
from app.models import (
    Account,
    AccountDebt,
    AccountService,
    BankOperation,
    BankOperationState,
    EntryKind,
    ImportBatch,
    ImportState,
    LedgerEntry,
    Payment,
    PaymentChannel,
    PaymentState,
    PeriodTotal,
)
from app.queries.facts import AGES
from app.security.scope import SYSTEM, become
from tests import factories
from tests.domain.exports import ACCOUNTS, BANK, EXPECTED, take_in, write
from tests.domain.exports import BANK_PROFILE as PROFILE
from tests.payments import nobody_is_paid, owe
from tests.periods import close


@pytest.fixture
def system(app: Flask, database: None) -> Iterator[Session]:
    with app.app_context():
        become(SYSTEM)
        yield db.session()


@pytest.fixture
def account(system: Session) -> str:
    """The number of an account with cold water and sewerage."""
    with transaction() as session:
        return factories.account(session, number="0048213507").number


def bank_line(operation: str = "1", account: str = "0048213507", amount: str = "100,00", **values: str) -> str:
    row = {"date": "05-11-2026", "time": "21-30-15", "credited": "99,20", "fee": "0,80", **values}
    return ";".join([row["date"], row["time"], "6984", "1", operation, account, amount, row["credited"], row["fee"]])


def registry(path: Path, *lines: str, control: str | None = None) -> Path:
    """A file with a control line that agrees, or with another one (an empty one is left out)."""
    if control is None:
        total = sum((Decimal(each.split(";")[6].replace(",", ".")) for each in lines), Decimal(0))
        control = f"={len(lines)};{total:.2f};0,00;0,00;00001;22-11-2026".replace(".", ",")
    return write(path, [*lines, *([control] if control else [])], header=None)


def take(path: Path) -> dict[str, Any]:
    return take_in(path, PROFILE)


def received(session: Session) -> Decimal:
    return -(session.scalar(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.kind == EntryKind.payment)) or 0)


def test_the_registry_brings_what_it_must_and_nothing_the_second_time(system: Session) -> None:
    expected = json.loads(EXPECTED.read_text())
    take_in(ACCOUNTS)
    done = take(BANK)

    assert (done["unidentified"], done["repeated"], done["refused"]) == (
        expected["bank_unknown"],
        expected["bank_repeated"],
        [],
    )
    assert done["payments"] + done["unidentified"] + done["repeated"] == expected["bank_lines"]
    not_posted = Decimal("150.00") + Decimal("71.06")  # of the unknown account, and repeated
    assert Decimal(done["total"]) == Decimal(expected["bank_total"]) - not_posted == received(system)
    waiting = select(BankOperation).where(BankOperation.state == BankOperationState.unidentified)
    assert [row.amount for row in system.scalars(waiting)] == [Decimal("150.00")]

    again = take(BANK)
    assert (again["payments"], again["total"], again["unidentified"]) == (0, "0.00", 0)
    assert again["repeated"] == expected["bank_lines"]
    assert received(system) == Decimal(done["total"])


def test_without_anybody_who_is_paid_the_registry_is_refused(system: Session, account: str, tmp_path: Path) -> None:
    with transaction() as session:
        nobody_is_paid(session)
    done = take(registry(tmp_path / "bank.txt", bank_line()))
    assert (done["payments"], len(done["refused"]), received(system)) == (0, 1, 0)


def test_a_payment_is_posted_at_the_local_time_of_the_bank(system: Session, account: str, tmp_path: Path) -> None:
    take(registry(tmp_path / "bank.txt", bank_line()))

    payment = system.scalars(select(Payment)).one()
    assert (payment.channel, payment.state, payment.amount) == (
        PaymentChannel.bank,
        PaymentState.succeeded,
        Decimal("100.00"),
    )
    assert payment.paid_at == datetime(2026, 11, 5, 16, 30, 15, tzinfo=UTC)
    operation = system.scalars(select(BankOperation)).one()
    assert (operation.payment_id, operation.credited, operation.fee) == (payment.id, Decimal("99.20"), Decimal("0.80"))
    assert received(system) == Decimal(100)


@pytest.mark.parametrize("written", ["48213507", "0048213507", "0000000048213507"])
def test_an_account_is_known_with_its_leading_zeros_and_without(
    written: str, system: Session, account: str, tmp_path: Path
) -> None:
    assert take(registry(tmp_path / "bank.txt", bank_line(account=written)))["payments"] == 1


@pytest.mark.parametrize("written", ["", "9999", "Иванов", "0", "1" * 60])
def test_money_without_a_known_account_waits(written: str, system: Session, account: str, tmp_path: Path) -> None:
    done = take(registry(tmp_path / "bank.txt", bank_line(account=written)))
    assert (done["payments"], done["unidentified"], done["refused"]) == (0, 1, [])


def test_a_number_that_fits_two_accounts_waits_unless_it_is_exact(
    system: Session, account: str, tmp_path: Path
) -> None:
    with transaction() as session:
        factories.account(session, number="048213507")
    lines = [bank_line("1", "48213507"), bank_line("2", "048213507")]
    done = take(registry(tmp_path / "bank.txt", *lines))
    assert (done["payments"], done["unidentified"]) == (1, 1)


def test_an_operation_known_with_another_sum_or_account_is_refused(
    system: Session, account: str, tmp_path: Path
) -> None:
    lines = [bank_line("1"), bank_line("1"), bank_line("1", amount="200,00"), bank_line("1", account="5")]
    done = take(registry(tmp_path / "bank.txt", *lines))
    assert (done["payments"], done["repeated"]) == (1, 1)
    assert done["refused"] == [{"line": n, "reason": refusals.OTHER_OPERATION} for n in (3, 4)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"operation": ""}, refusals.NO_OPERATION),
        ({"operation": "9" * 61}, refusals.TOO_LONG),
        ({"date": "31-02-2026"}, refusals.BAD_DATE),
        ({"time": "25-00-00"}, refusals.BAD_DATE),
        ({"amount": "0,00"}, refusals.NO_AMOUNT),
        ({"amount": "-5,00"}, refusals.NO_AMOUNT),
        ({"fee": "x"}, refusals.BAD_AMOUNT),
    ],
    ids=str,
)
def test_a_bad_line_stops_no_other(
    changes: dict[str, str], reason: str, system: Session, account: str, tmp_path: Path
) -> None:
    bad = bank_line(**{"operation": "1", **changes})
    done = take(registry(tmp_path / "bank.txt", bad, bank_line("2")))
    assert done["payments"] == 1
    assert done["refused"] == [{"line": 1, "reason": reason}]


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("=3;200,00;0,00", "The control line says 3 payments of 200.00, the file has 2 of 200.00."),
        ("=2;200,01;0,00", "The control line says 2 payments of 200.01, the file has 2 of 200.00."),
        ("", "The last line is not the control line"),
        ("=x;200,00", "does not begin with a count and a sum"),
        ("=2", "does not begin with a count and a sum"),
        ("=2;200,00\r\n" + bank_line("3"), "There are lines after the control line."),
        ("мусор\r\n=2;200,00", "The amount of this line cannot be read"),
    ],
)
def test_a_file_whose_control_line_does_not_agree_posts_nothing(
    control: str, words: str, system: Session, account: str, tmp_path: Path
) -> None:
    done = take(registry(tmp_path / "bank.txt", bank_line("1"), bank_line("2"), control=control))

    assert (done["payments"], done["total"], done["unidentified"], done["repeated"]) == (0, "0.00", 0, 0)
    assert [words in each["reason"] for each in done["refused"]] == [True]
    assert system.get_one(ImportBatch, done["batch"]).state is ImportState.failed
    assert system.scalar(select(func.count()).select_from(BankOperation)) == 0


def test_a_registry_is_taken_back_and_can_be_taken_in_again(system: Session) -> None:
    take_in(ACCOUNTS)
    before = system.scalar(select(func.sum(LedgerEntry.amount)))
    done = take(BANK)
    with transaction() as session:
        undoing.undo(session, done["batch"])

    assert system.scalar(select(func.sum(LedgerEntry.amount))) == before
    assert set(system.scalars(select(Payment.state))) == {PaymentState.canceled}
    assert set(system.scalars(select(BankOperation.state))) == {BankOperationState.undone}
    assert received(system) == 0

    again = take(BANK)
    assert {**again, "batch": 0} == {**done, "batch": 0}
    assert system.scalar(select(func.sum(LedgerEntry.amount))) == (before or 0) - Decimal(done["total"])
    assert system.scalar(select(func.count()).select_from(BankOperation)) == 121


SEPTEMBER = date(2026, 9, 1)


def test_money_that_was_taken_back_is_neither_charged_nor_paid_and_makes_no_debt_younger(
    system: Session, account: str, tmp_path: Path
) -> None:
    with transaction() as session:
        owe(session, session.scalars(select(Account)).one(), "100.00", period=SEPTEMBER)
        facts.refresh(session)
    owed = ages(system)
    done = take(registry(tmp_path / "bank.txt", bank_line(date="05-09-2026")))
    with transaction() as session:
        undoing.undo(session, done["batch"])
        facts.refresh(session)

    sums = select(func.sum(PeriodTotal.charged), func.sum(PeriodTotal.paid))
    assert tuple(system.execute(sums).one()) == (Decimal(100), Decimal(0))
    assert (ages(system), owed.count(Decimal(100))) == (owed, 2)
    reversal = system.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert reversal is not None
    assert (reversal.kind, reversal.period) == (EntryKind.payment, SEPTEMBER)
    assert "bank.txt" in str(reversal.reason)


def ages(session: Session) -> list[Decimal]:
    return list(session.execute(select(*(getattr(AccountDebt, age) for age in ("total", *AGES)))).one())


def test_money_of_a_month_that_was_closed_since_is_taken_back_in_this_one(
    system: Session, account: str, tmp_path: Path
) -> None:
    done = take(registry(tmp_path / "bank.txt", bank_line(date="05-09-2026")))
    with transaction() as session:
        close(session, SEPTEMBER)
        undoing.undo(session, done["batch"])
    periods = system.scalars(select(LedgerEntry.period).order_by(LedgerEntry.id)).all()
    assert periods == [SEPTEMBER, clock.today().replace(day=1)]


def test_money_of_the_future_is_refused(system: Session, account: str, tmp_path: Path) -> None:
    days = [(clock.today() + timedelta(days=days)).strftime("%d-%m-%Y") for days in (1, 2)]
    done = take(registry(tmp_path / "bank.txt", *(bank_line(str(n), date=day) for n, day in enumerate(days))))
    assert (done["payments"], done["refused"]) == (1, [{"line": 2, "reason": refusals.LATER_DATE}])


def test_an_account_without_services_lets_its_money_wait(system: Session, account: str, tmp_path: Path) -> None:
    with transaction() as session:
        bare = factories.account(session, number="77")
        session.execute(delete(AccountService).where(AccountService.account_id == bare.id))
    done = take(registry(tmp_path / "bank.txt", bank_line(account="77")))
    assert (done["payments"], done["unidentified"]) == (0, 1)
