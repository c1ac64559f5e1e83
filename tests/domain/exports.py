"""Files of a billing system and of a bank, made up for tests: each states only what matters."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from app.domain.imports import batches, profiles, report, text
from app.domain.imports.account_lines import AccountLine, Reader
from app.extensions import db, transaction
from app.models import ImportBatch, RegistryProfile

BANK_PROFILE = profiles.registry(RegistryProfile(**profiles.KNOWN[0]))
DATA = Path(__file__).parents[1] / "data"
ACCOUNTS, BANK, EXPECTED = (DATA / name for name in ("perm_accounts.csv", "perm_bank.txt", "perm_expected.json"))
HEADER = (
    "ЛицевойСчет;Тип;Абонент;ИНН;КПП;Договор;Город;Улица;Дом;Квартира;Проживает;Услуги;Прибор;УслугаПрибора;"
    "Разрядность;ПоверкаДо;ПоказаниеДата;Показание;СальдоХВС;СальдоВО;Телефон;Email"
)
PERSON = {
    "ЛицевойСчет": "0048213507",
    "Тип": "ФЛ",
    "Абонент": "Пробная Анна Сергеевна",
    "Город": "Пермь",
    "Улица": "ул. Ленина",
    "Дом": "8а",
    "Квартира": "14",
    "Проживает": "2",
    "Услуги": "ХВС,ВО",
    "Прибор": "17304561",
    "УслугаПрибора": "ХВС",
    "Разрядность": "5",
    "ПоверкаДо": "23.12.2030",
    "ПоказаниеДата": "23.10.2026",
    "Показание": "123,456",
    "СальдоХВС": "100,50",
    "СальдоВО": "-20,00",
}
NO_METER = dict.fromkeys(("Прибор", "УслугаПрибора", "Разрядность", "ПоверкаДо", "ПоказаниеДата", "Показание"), "")
LATER = {"СальдоХВС": "", "СальдоВО": ""}
COMPANY = {
    **PERSON,
    "ЛицевойСчет": "0048213508",
    "Тип": "ЮЛ",
    "Абонент": "ООО «Проба»",
    "ИНН": "5902817382",
    "КПП": "590201001",
    "Договор": "77/26",
    "Квартира": "",
    "Проживает": "",
    "Прибор": "17304562",
}


def line(like: dict[str, str] = PERSON, /, **changes: str) -> str:
    """A line of the export; the names are the columns of the file."""
    values = {**like, **changes}
    assert values.keys() <= set(HEADER.split(";"))
    return ";".join(values.get(column, "") for column in HEADER.split(";"))


def reader(header: str = HEADER) -> Reader:
    return Reader(profiles.PERM, header, mask=r"\d{1,20}", local_prefix="342")


def parsed(like: dict[str, str] = PERSON, /, **changes: str) -> AccountLine:
    """The line as it is understood. Raises LineRefused."""
    rules = reader()
    return rules.parse(rules.columns(line(like, **changes)))


def write(path: Path, lines: Iterable[str], *, header: str | None = HEADER, encoding: str = "cp1251") -> Path:
    path.write_text("".join(f"{each}\r\n" for each in ([header] if header else []) + list(lines)), encoding, newline="")
    return path


def take_in(path: Path, profile: Any = profiles.PERM) -> dict[str, Any]:
    """Run the file from its first line to its last, as commands and the worker do; what it did. In an application."""
    with transaction() as session:
        batch_id = batches.register(session, profile=profile, file_name=path.name, facts=text.examine(path, profile)).id
    batches.run(transaction, batch_id, path)
    batch = db.session().get_one(ImportBatch, batch_id)
    return {**report.as_json(db.session(), batch), "batch": batch_id, "known": batch.result["counts"].get("known", 0)}


Build = Callable[..., Path]
