"""Files of rates: what comes with the program, and what a utility brings."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.domain import published, rates
from app.domain.errors import DomainError
from app.domain.published import Outcome
from app.models import ActStatus, Coefficient, DueDay, KeyRate, PenaltyShare, Tariff, VatRate
from tests.conftest import Act

FILES = (*published.FEDERAL, *published.DEMO)
HEAD = "service,payer_group,territory,price,vat_mode,valid_from,valid_to,act,status"
ROW = "cold,population,Кунгур,30.00,inside,2026-01-01,,Приказ № 1,approved"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tariffs_2026.csv"


def test_a_new_installation_has_the_federal_rates_and_no_prices(act: Act) -> None:
    with act() as session:
        assert session.scalar(select(func.count(KeyRate.id))) == 34
        assert session.scalar(select(func.count(PenaltyShare.id))) == 8
        assert [row.valid_to for row in session.scalars(select(VatRate).order_by(VatRate.valid_from))] == [
            date(2025, 12, 31),
            None,
        ]
        assert session.scalar(select(func.count(Tariff.id))) == 0


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_program_names_an_act_and_a_source_in_each_row(name: str) -> None:
    with (published.DATA / name).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            assert row["act"], row
            assert row["source"], row
            assert row["status"] in ("approved", "demo"), row


def test_the_same_files_twice_add_nothing(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
    with act() as session:
        for name in FILES:
            assert set(published.load(session, published.DATA / name)) == {Outcome.known}, name


def test_the_tables_give_the_rules_of_the_files(act: Act) -> None:
    with act() as session:
        of_tables, of_files = rates.penalty_rules(session), published.penalty_rules()
    for name in ("key_rates", "caps", "shares", "moratoria"):
        assert {*getattr(of_tables, name)} == {*getattr(of_files, name)}


def test_a_utility_brings_its_own_prices(act: Act, file: Path) -> None:
    file.write_text(f"\ufeff{HEAD}\n{ROW}\n\n", "utf-8")
    with act() as session:
        assert published.load(session, file) == Counter({Outcome.added: 1})
        row = session.scalars(select(Tariff)).one()
        assert (row.territory, row.price, row.status, row.act) == ("Кунгур", 30, ActStatus.approved, "Приказ № 1")


def test_a_spreadsheet_writes_semicolons_commas_and_days_first(act: Act, file: Path) -> None:
    head = "service;payer_group;territory;price;vat_mode;valid_from"
    file.write_text(f"{head}\ncold;population;Кунгур;30,25;inside;01.02.2026\n", "utf-8")
    with act() as session:
        published.load(session, file)
        row = session.scalars(select(Tariff)).one()
        assert (row.price, row.valid_from, row.status) == (Decimal("30.25"), date(2026, 2, 1), ActStatus.draft)


def test_a_row_that_staff_changed_stays_and_an_open_one_is_closed(act: Act) -> None:
    with act() as session:
        first, second = session.scalars(select(DueDay).order_by(DueDay.valid_from)).all()
        session.delete(second)
        first.valid_to = None
        cold = session.scalars(select(Coefficient).where(Coefficient.value == 3)).one()
        cold.value = Decimal("2.5")
        session.flush()
        assert published.load(session, published.DATA / "due_days.csv") == {Outcome.closed: 1, Outcome.added: 1}
        assert first.valid_to == date(2026, 2, 28)
        assert published.load(session, published.DATA / "coefficients.csv")[Outcome.kept] == 1
        assert cold.value == Decimal("2.5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "tariffs_2026.csv"),
        ("service,price\ncold,1\n", "territory"),
        (f"{HEAD},colour\n{ROW},red\n", "territory"),
        (f"{HEAD}\n{ROW},more\n", "2"),
        (f"{HEAD}\n{ROW}\n{ROW.replace('2026-01-01', '2026-05-01')}\n", "3"),
        (f"{HEAD}\n{ROW.replace('30.00', 'NaN')}\n", "price"),
        (f"{HEAD}\n{ROW.replace('30.00', '1e309')}\n", "price"),
        (f"{HEAD}\n{ROW.replace('30.00', '')}\n", "price"),
        (f"{HEAD}\n{ROW.replace('30.00', '0')}\n", "price"),
        (f"{HEAD}\n{ROW.replace('cold', 'tea')}\n", "service"),
        (f"{HEAD}\n{ROW.replace('inside', 'beside')}\n", "vat_mode"),
        (f"{HEAD}\n{ROW.replace('2026-01-01', '2026-02-30')}\n", "valid_from"),
        (f"{HEAD}\n{ROW.replace('Приказ № 1', 'ж' * 201)}\n", "act"),
        (f"{HEAD}\n{ROW}\n".replace("Приказ", "При\x00каз"), "act"),
        (f"{HEAD}\n{'ж' * 200_000}\n", "2"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_by_its_line(act: Act, file: Path, text: str, words: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(DomainError) as refused, act() as session:
        published.load(session, file)
    assert refused.value.message.startswith("tariffs_2026.csv")
    assert words in refused.value.message
    with act() as session:
        assert session.scalar(select(func.count(Tariff.id))) == 0


def test_a_text_of_another_encoding_is_refused(act: Act, file: Path) -> None:
    file.write_bytes(f"{HEAD}\n{ROW}".encode("cp1251"))
    with act() as session, pytest.raises(DomainError, match="UTF-8"):
        published.load(session, file)


def test_a_file_is_known_by_its_name(act: Act, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(f"{HEAD}\n{ROW}\n")
    with act() as session, pytest.raises(DomainError, match="key_rates"):
        published.load(session, path)
