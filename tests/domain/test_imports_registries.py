"""Registries of other banks: profiles as rows, whole files only, encodings, 1CClientBankExchange."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.errors import DomainError
from app.domain.imports import profiles, refusals
from app.domain.imports.refusals import FileRefused
from app.domain.imports.text import examine
from app.extensions import db, transaction
from app.models import BankOperation, BankOperationState, LedgerEntry, RegistryProfile
from app.queries import registry_profiles
from app.security.scope import SYSTEM, become
from tests import factories
from tests.domain.exports import take_in

EXCHANGE = """1CClientBankExchange
ВерсияФормата=1.02
Кодировка=Windows
РасчСчет=40702810600000000001
СекцияРасчСчет
РасчСчет=40702810600000000001
ВсегоПоступило=350.50
ВсегоСписано=10.00
КонецРасчСчет
СекцияДокумент=Платежное поручение
Номер=17
Дата=05.11.2026
Сумма=100.50
ПлательщикСчет=40702810000000000017
ПолучательСчет=40702810600000000001
ДатаПоступило=05.11.2026
НазначениеПлатежа=За воду, л/с 0048213507, октябрь
КонецДокумента
СекцияДокумент=Платежное поручение
Номер=18
Дата=05.11.2026
Сумма=250.00
ПлательщикСчет=40702810000000000018
ПолучательСчет=40702810600000000001
ДатаПоступило=05.11.2026
НазначениеПлатежа=Оплата по договору
КонецДокумента
СекцияДокумент=Платежное поручение
Номер=1
Дата=05.11.2026
Сумма=10.00
ПлательщикСчет=40702810600000000001
ПолучательСчет=40702810000000000099
ДатаСписано=05.11.2026
НазначениеПлатежа=За связь
КонецДокумента
КонецФайла
"""


@pytest.fixture
def system(app: Flask, database: None) -> Iterator[Session]:
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            factories.account(session, number="0048213507")
        yield db.session()


def profile(session: Session, name: str = "other", **values: Any) -> profiles.BankProfile:
    defaults = {"label": "Другой банк", "columns": ["operation", "date", "account", "amount", "purpose"]}
    with transaction() as opened:
        row = RegistryProfile(**{"name": name, "date_format": "%Y.%m.%d", **defaults, **values})
        opened.add(row)
        opened.flush()
        return profiles.registry(row)


def file(path: Path, text: str, encoding: str = "cp1251") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def posted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def test_the_profiles_known_from_the_start_are_rows(system: Session) -> None:
    assert [row.name for row in registry_profiles.all_of_them(system)] == ["bank", "1c"]


def test_a_row_is_enough_to_read_another_bank(system: Session, tmp_path: Path) -> None:
    lines = "1;2026.11.05;0048213507;100,50;За воду\n2;2026.11.05;77;20,00;\n=2;120,50\n"
    done = take_in(file(tmp_path / "a.txt", lines), profile(system))

    assert (done["payments"], done["unidentified"], done["total"]) == (1, 1, "100.50")
    kept = system.scalars(select(BankOperation).order_by(BankOperation.id)).all()
    assert [(row.source, row.credited, row.fee, row.purpose) for row in kept] == [
        ("other", Decimal("100.50"), 0, "За воду"),
        ("other", Decimal("20.00"), 0, ""),
    ]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("2;2026.13.05;0048213507;20,00;", refusals.BAD_DATE),
        ("1;2026.11.05;0048213507;20,00;", refusals.OTHER_OPERATION),
    ],
)
def test_a_profile_decides_whether_a_file_with_a_bad_line_is_taken(
    second: str, reason: str, system: Session, tmp_path: Path
) -> None:
    path = file(tmp_path / "a.txt", f"1;2026.11.05;0048213507;100,50;\n{second}\n=2;120,50\n")

    refused = take_in(path, profile(system))["refused"]
    assert [(each["line"], reason in each["reason"]) for each in refused] == [(2, True)]
    assert posted(system) == 0
    taken = take_in(path, profile(system, "partial", takes_partial=True))
    assert (taken["payments"], taken["refused"]) == (1, [{"line": 2, "reason": reason}])


@pytest.mark.parametrize("written", ["cp866", "utf-8"])
def test_a_file_in_another_encoding_than_its_profile_says_is_refused(
    written: str, system: Session, tmp_path: Path
) -> None:
    lines = "1;2026.11.05;0048213507;100,50;За холодную воду и водоотведение\n=1;100,50\n"
    strict = profile(system, encoding="cp1251")
    with pytest.raises(FileRefused, match="Windows-1251"):
        examine(file(tmp_path / "a.txt", lines, written), strict)
    assert examine(file(tmp_path / "b.txt", lines), strict).encoding == "cp1251"


def test_an_exchange_brings_what_came_in_to_the_accounts_that_purposes_name(system: Session, tmp_path: Path) -> None:
    row = registry_profiles.named(system, "1c")
    assert row is not None
    done = take_in(file(tmp_path / "kl_to_1c.txt", EXCHANGE), profiles.registry(row))

    assert (done["payments"], done["total"], done["unidentified"], done["refused"]) == (1, "100.50", 1, [])
    waiting = system.scalars(select(BankOperation).where(BankOperation.state == BankOperationState.unidentified)).one()
    assert (waiting.amount, waiting.purpose) == (Decimal("250.00"), "Оплата по договору")
    again = take_in(file(tmp_path / "again.txt", EXCHANGE, "cp866"), profiles.registry(row))
    assert (again["payments"], again["repeated"]) == (0, 2)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("=350.50", "=350.51", "350.51"),
        ("КонецФайла\n", "", "КонецФайла"),
        ("1CClientBankExchange", "Выписка", "1CClientBankExchange"),
    ],
)
def test_an_exchange_that_is_cut_off_or_does_not_agree_posts_nothing(
    before: str, after: str, words: str, system: Session, tmp_path: Path
) -> None:
    row = registry_profiles.named(system, "1c")
    assert row is not None
    done = take_in(file(tmp_path / "a.txt", EXCHANGE.replace(before, after)), profiles.registry(row))
    assert [words in each["reason"] for each in done["refused"]] == [True]
    assert posted(system) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"columns": ["date", "operation", "account"]}, "columns"),
        ({"columns": ["date", "operation", "account", "amount", "amount"]}, "columns"),
        ({"columns": ["date", "operation", "account", "amount", "сумма"]}, "columns"),
        ({"encoding": "EBCDIC"}, "encoding"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"date_format": "%d-%m"}, "date_format"),
        ({"name": "perm"}, "name"),
    ],
    ids=str,
)
def test_a_profile_that_could_read_nothing_is_refused(values: dict[str, Any], field: str, system: Session) -> None:
    row = RegistryProfile(**{**profiles.KNOWN[0], "name": "new", **values})
    with pytest.raises(DomainError) as refused:
        profiles.prepare(system, row)
    assert refused.value.field == field
