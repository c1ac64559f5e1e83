"""Accounts of a billing system, from the file to the rows, and back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import ledger as ledger_rules
from app.domain.errors import DomainError
from app.domain.imports import batches, profiles, refusals, text, undoing
from app.extensions import db, transaction
from app.model_types import Base, house_key
from app.models import (
    Account,
    AccountAccess,
    AccountService,
    AccountStatus,
    Contract,
    Customer,
    EntryKind,
    House,
    ImportBatch,
    ImportState,
    LedgerEntry,
    LegalEntity,
    Meter,
    PayerGroup,
    Premises,
    Reading,
    ReadingSource,
    ReadingState,
    Setting,
    Street,
)
from app.queries import ledger
from app.security.scope import SYSTEM, become
from tests import factories
from tests.domain.exports import ACCOUNTS, COMPANY, EXPECTED, LATER, NO_METER, PERSON, line, take_in, write
from tests.samples import one_of_each
from tests.statements import recorded

KEPT = (Account, AccountService, Contract, Customer, House, LedgerEntry, LegalEntity, Meter, Premises, Reading, Street)


@pytest.fixture
def system(app: Flask, database: None) -> Iterator[Session]:
    """An application whose rows the test may see; it opens its transactions itself."""
    with app.app_context():
        become(SYSTEM)
        yield db.session()


def counts(session: Session) -> dict[str, int]:
    return {model.__name__: session.scalar(select(func.count()).select_from(model)) or 0 for model in KEPT}


def refused(done: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["line"], each["reason"]) for each in done["refused"]]


def test_the_export_brings_what_it_must(system: Session) -> None:
    expected = json.loads(EXPECTED.read_text())
    done = take_in(ACCOUNTS)

    assert (done["accounts"], done["meters"]) == (expected["accounts"], expected["meters"])
    assert done["balance"] == {"cold": expected["sum_balance_cold"], "sewerage": expected["sum_balance_sewerage"]}
    assert sorted(each["reason"] for each in done["refused"]) == sorted(expected["refused_lines"])
    assert counts(system)["Account"] == expected["accounts"]
    assert counts(system)["Meter"] == counts(system)["Reading"] == expected["meters"]
    assert system.scalar(select(func.sum(LedgerEntry.amount))) == sum(map(Decimal, done["balance"].values()))


def test_an_account_is_complete_after_its_import(system: Session, tmp_path: Path) -> None:
    second = line(**LATER, Прибор="52013961", УслугаПрибора="ГВС", Показание="7")
    done = take_in(write(tmp_path / "export.csv", [line(Телефон="291-73-39"), second]))

    account = system.scalars(select(Account)).one()
    assert (account.number, account.number_key, account.residents) == ("0048213507", "48213507", 2)
    assert (account.payer_group, account.status) == (PayerGroup.population, AccountStatus.active)
    assert account.customer is not None
    assert (account.customer.full_name, account.customer.phone) == ("Пробная Анна Сергеевна", "73422917339")
    assert account.premises.address == "Пермь, ул. Ленина, 8а, кв. 14"
    assert [(s.code, balance) for s, balance in ledger.balances(system, account.id)] == [
        ("cold", Decimal("100.50")),
        ("sewerage", Decimal("-20.00")),
    ]
    entries = system.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert {entry.kind for entry in entries} == {EntryKind.opening}
    assert [entry.source for entry in entries] == [f"opening:{done['batch']}:{code}" for code in ("cold", "sewerage")]
    cold, hot = system.scalars(select(Meter).order_by(Meter.id)).all()
    assert (cold.service.code, hot.service.code, cold.digits) == ("cold", "hot", 5)
    assert (cold.installed_on, cold.opening_value) == (date(2026, 10, 23), Decimal("123.456"))
    reading = system.scalars(select(Reading).where(Reading.meter_id == cold.id)).one()
    assert (reading.value, reading.period, reading.volume) == (Decimal("123.456"), date(2026, 10, 1), None)
    assert (reading.source, reading.state, reading.attempt) == (ReadingSource.imported, ReadingState.billed, 1)


def test_houses_are_ordered_by_number_after_an_import(system: Session) -> None:
    take_in(ACCOUNTS)
    houses = system.scalars(select(House)).all()
    assert houses
    assert [house.number_key for house in houses] == [house_key(house.number) for house in houses]


def test_a_firm_has_its_contract_and_its_accounts_share_it(system: Session, tmp_path: Path) -> None:
    other = line(COMPANY, ЛицевойСчет="0048213509", Дом="10", Прибор="5")
    renamed = line(COMPANY, ЛицевойСчет="0048213510", Дом="12", Прибор="6", Абонент="ООО «Иная»")
    take_in(write(tmp_path / "export.csv", [line(COMPANY), other, renamed]))

    firm = system.scalars(select(LegalEntity)).one()
    contract = system.scalars(select(Contract)).one()
    assert (firm.name, firm.inn, firm.kpp) == ("ООО «Проба»", "5902817382", "590201001")
    accounts = system.scalars(select(Account)).all()
    assert {(row.legal_entity_id, row.contract_id, row.payer_group) for row in accounts} == {
        (firm.id, contract.id, PayerGroup.other)
    }
    batch = system.scalars(select(ImportBatch)).one()
    assert batch.result["notes"] == {refusals.OTHER_NAME: {"count": 1, "lines": [4]}}


def test_two_accounts_may_pay_for_one_flat(system: Session, tmp_path: Path) -> None:
    take_in(write(tmp_path / "export.csv", [line(), line(ЛицевойСчет="7", Дом="8А", Абонент="Другой")]))
    assert (counts(system)["Account"], counts(system)["Premises"], counts(system)["House"]) == (2, 1, 1)


def test_a_zero_balance_needs_no_entry(system: Session, tmp_path: Path) -> None:
    zero = line(ЛицевойСчет="1", СальдоХВС="0,00", СальдоВО="")
    empty = line(ЛицевойСчет="2", **LATER)
    assert take_in(write(tmp_path / "export.csv", [zero, empty]))["accounts"] == 2
    assert counts(system)["LedgerEntry"] == 0


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "cp866", "koi8-r"])
def test_the_same_file_changes_nothing_renamed_or_in_another_encoding(
    encoding: str, system: Session, tmp_path: Path
) -> None:
    first = take_in(ACCOUNTS)
    before = counts(system)
    again = tmp_path / "другое имя.txt"
    again.write_bytes(ACCOUNTS.read_bytes().decode("cp1251").encode(encoding, errors="replace"))
    done = take_in(again)

    assert (done["accounts"], done["meters"], done["known"]) == (0, 0, 400)
    assert done["balance"] == {"cold": "0.00", "sewerage": "0.00"}
    assert done["refused"] == first["refused"]
    assert counts(system) == before


@pytest.mark.parametrize("encoding", ["cp866", "koi8-r"])
def test_the_export_is_taken_in_from_an_older_system(encoding: str, system: Session, tmp_path: Path) -> None:
    plain = ACCOUNTS.read_bytes().decode("cp1251").translate(str.maketrans("«»„“№", '""""N'))
    path = tmp_path / "export.csv"
    path.write_bytes(plain.encode(encoding))
    done = take_in(path)
    assert (done["accounts"], done["meters"], len(done["refused"])) == (400, 473, 7)


def test_a_known_account_is_not_changed_but_gets_its_new_meter(system: Session, tmp_path: Path) -> None:
    take_in(write(tmp_path / "one.csv", [line()]))
    changed = line(Абонент="Иная Анна", СальдоХВС="999,00")
    new = line(**{**LATER, "Абонент": "Иная Анна", "Прибор": "5", "Показание": "1"})
    done = take_in(write(tmp_path / "two.csv", [changed, new]))

    assert (done["accounts"], done["known"], done["meters"]) == (0, 1, 1)
    assert done["balance"] == {"cold": "0.00", "sewerage": "0.00"}
    assert system.scalars(select(Customer.full_name)).all() == ["Пробная Анна Сергеевна"]
    assert counts(system)["LedgerEntry"] == 2


def test_a_number_that_differs_by_leading_zeros_is_not_taken_for_another_account(
    system: Session, tmp_path: Path
) -> None:
    take_in(write(tmp_path / "one.csv", [line()]))
    done = take_in(write(tmp_path / "two.csv", [line(ЛицевойСчет="48213507"), line(ЛицевойСчет="5")]))
    assert refused(done) == [(2, refusals.OTHER_ZEROS)]
    assert done["accounts"] == 1


def test_a_closed_account_gets_no_new_meter(system: Session, tmp_path: Path) -> None:
    take_in(write(tmp_path / "one.csv", [line()]))
    with transaction() as session:
        session.scalars(select(Account)).one().status = AccountStatus.closed
    done = take_in(write(tmp_path / "two.csv", [line(), line(**{**LATER, "Прибор": "5"})]))
    assert refused(done) == [(3, refusals.CLOSED_ACCOUNT)]


def _mask(session: Session, pattern: str) -> None:
    session.scalars(select(Setting).where(Setting.key == "accounts.mask")).one().value = pattern


def test_the_mask_of_account_numbers_is_a_setting(system: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "export.csv", [line(ЛицевойСчет="59-АБ-1"), line(ЛицевойСчет="12")])
    with transaction() as session:
        _mask(session, r"\d\d-[А-Я]{2}-\d")
    done = take_in(path)
    assert refused(done) == [(3, refusals.BAD_NUMBER)]
    with transaction() as session:
        _mask(session, "(")
    assert refused(take_in(path)) == [(0, "The setting accounts.mask is not a regular expression.")]


def test_a_file_with_other_columns_is_refused_as_a_whole(system: Session, tmp_path: Path) -> None:
    done = take_in(write(tmp_path / "export.csv", [line()], header="a;b;c"))
    assert (done["accounts"], done["meters"]) == (0, 0)
    assert done["refused"][0]["line"] == 1
    assert "does not name these columns: ЛицевойСчет" in done["refused"][0]["reason"]
    assert system.get_one(ImportBatch, done["batch"]).state is ImportState.failed


# Chunks, kills and returns ----------------------------------------------------------------------------


class Killed(BaseException):
    pass


@contextmanager
def dying(at: int) -> Iterator[Any]:
    """Transactions of which one never reaches its commit."""
    opened = iter(range(1, 1000))

    @contextmanager
    def open_transaction() -> Iterator[Session]:
        with transaction() as session:
            yield session
            if next(opened) == at:
                raise Killed

    yield open_transaction


@pytest.mark.parametrize("at", [1, 2, 4, 7, 8], ids=lambda at: f"in transaction {at}")
def test_an_import_killed_half_way_is_finished_by_going_on(
    at: int, system: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 100)
    facts = text.examine(ACCOUNTS, profiles.PERM)
    with transaction() as session:
        batch_id = batches.register(session, profile=profiles.PERM, file_name="x", facts=facts).id
    with dying(at) as open_transaction, pytest.raises(Killed):
        batches.run(open_transaction, batch_id, ACCOUNTS)
    batches.run(transaction, batch_id, ACCOUNTS)
    batches.run(transaction, batch_id, ACCOUNTS)  # a second worker finds nothing left

    batch = system.get_one(ImportBatch, batch_id)
    assert (batch.state, batch.rows_done, batch.rows_total) == (ImportState.done, 525, 525)
    assert batch.result["counts"] == {"accounts": 400, "meters": 473, "known": 0}
    assert batch.result["sums"] == {"cold": "418378.69", "sewerage": "423041.08"}
    assert batch.result["refused"] == 7
    assert (counts(system)["Account"], counts(system)["Meter"]) == (400, 473)


def test_a_killed_import_is_finished_by_starting_the_file_again(
    system: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 100)
    facts = text.examine(ACCOUNTS, profiles.PERM)
    with transaction() as session:
        batch_id = batches.register(session, profile=profiles.PERM, file_name="x", facts=facts).id
    with dying(4) as open_transaction, pytest.raises(Killed):
        batches.run(open_transaction, batch_id, ACCOUNTS)
    half = system.get_one(ImportBatch, batch_id).result["counts"]["accounts"]
    done = take_in(ACCOUNTS)

    assert 0 < half < 400
    assert half + done["accounts"] == counts(system)["Account"] == 400
    assert counts(system)["Meter"] == 473
    dead = system.get_one(ImportBatch, batch_id)
    assert (dead.state, dead.result["failure"]["reason"]) == (ImportState.failed, refusals.INTERRUPTED)


def test_a_chunk_costs_the_same_few_statements_however_long_it_is(system: Session, tmp_path: Path) -> None:
    def statements(size: int) -> int:
        people = [line(ЛицевойСчет=f"{size}{n:06d}", Квартира=str(n), Прибор=f"{n}") for n in range(size)]
        with recorded() as seen:
            take_in(write(tmp_path / "export.csv", people))
        asked = (one.lstrip().upper() for one in seen)
        return len([one for one in asked if one.startswith("SELECT") and "NEXTVAL" not in one])

    statements(1)  # opens the month
    assert statements(300) == statements(3)


# Taking back ------------------------------------------------------------------------------------------


def undo(batch_id: int) -> None:
    with transaction() as session:
        undoing.undo(session, batch_id)


def test_a_batch_is_taken_back_by_reversing_and_the_file_can_be_taken_in_again(system: Session) -> None:
    done = take_in(ACCOUNTS)
    undo(done["batch"])

    assert system.get_one(ImportBatch, done["batch"]).state is ImportState.undone
    assert set(system.scalars(select(Account.status))) == {AccountStatus.undone}
    assert set(system.scalars(select(Reading.state))) == {ReadingState.undone}
    assert system.scalar(select(func.count()).where(Meter.removed_on.is_(None))) == 0
    assert set(system.scalars(select(func.sum(LedgerEntry.amount)).group_by(LedgerEntry.account_id))) == {Decimal(0)}
    reasons = set(system.scalars(select(LedgerEntry.reason).where(LedgerEntry.kind == EntryKind.correction)))
    assert len(reasons) == 1
    assert all("perm_accounts.csv" in str(reason) for reason in reasons)

    again = take_in(ACCOUNTS)
    assert {**again, "batch": 0} == {**done, "batch": 0}
    live = select(func.count(Account.id)).where(Account.status == AccountStatus.active)
    assert system.scalar(live) == 400
    people = counts(system)["Customer"] + counts(system)["LegalEntity"]
    assert people == 400  # nobody stands twice

    with pytest.raises(DomainError):
        undo(done["batch"])


def _access(session: Session, account: Account) -> None:
    user = factories.user(session)
    session.add(AccountAccess(user_id=user.id, account_id=account.id, basis="test", granted_at=clock.now()))


def _reading(session: Session, account: Account) -> None:
    factories.reading(session, session.scalars(select(Meter)).one(), "130", date(2026, 11, 1))


def _meter(session: Session, account: Account) -> None:
    factories.meter(session, account)


def _entry(session: Session, account: Account) -> None:
    service = factories.service(session)
    ledger_rules.post(
        session,
        account_id=account.id,
        service_id=service.id,
        period=date(2026, 11, 1),
        kind=EntryKind.correction,
        amount=Decimal(5),
        source="by hand",
        reason="A mistake",
    )


def _samples(session: Session, account: Account) -> None:
    one_of_each(session, account, factories.user(session))


@pytest.mark.parametrize("later", [_access, _reading, _meter, _entry, _samples])
def test_a_batch_that_something_depends_on_stays(later: Any, system: Session, tmp_path: Path) -> None:
    done = take_in(write(tmp_path / "export.csv", [line()]))
    with transaction() as session:
        later(session, session.scalars(select(Account)).one())
    before = counts(system)

    with pytest.raises(DomainError, match=r"[1-9]"):
        undo(done["batch"])
    assert counts(system) == before
    assert system.get_one(ImportBatch, done["batch"]).state is ImportState.done


def test_meters_added_to_known_accounts_are_taken_back_alone(system: Session, tmp_path: Path) -> None:
    take_in(write(tmp_path / "one.csv", [line()]))
    new = line(**{**LATER, "Прибор": "5", "Показание": "1"})
    done = take_in(write(tmp_path / "two.csv", [line(), new]))
    undo(done["batch"])

    assert system.scalars(select(Account.status)).all() == [AccountStatus.active]
    assert system.scalars(select(Meter.serial).where(Meter.removed_on.is_(None))).all() == ["17304561"]
    assert take_in(write(tmp_path / "two.csv", [line(), new]))["meters"] == 1


def test_nothing_is_ever_deleted(system: Session, tmp_path: Path) -> None:
    done = take_in(write(tmp_path / "export.csv", [line(), line(COMPANY, **NO_METER)]))
    kept: dict[type[Base], list[Any]] = {model: list(system.scalars(select(model.id))) for model in (Account, Reading)}  # type: ignore[attr-defined]
    undo(done["batch"])
    assert {model: list(system.scalars(select(model.id))) for model in kept} == kept  # type: ignore[attr-defined]
    assert PERSON["ЛицевойСчет"] in system.scalars(select(Account.number)).all()
