"""What the files of other systems look like, as data: a new billing system or bank is a new profile.

Those of banks are rows that staff keep (`RegistryProfile`); `flask init` adds the ones that are known from the start.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from ...i18n import N_, _
from ...models import ImportKind, RegistryProfile
from ...queries import registry_profiles as queries
from ..errors import DomainError

RECOGNISE = "recognise"
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1251": "Windows-1251", "cp866": "CP866 (DOS)", "koi8-r": "KOI8-R"}
NEEDED = ("date", "operation", "account", "amount")
COLUMNS = (*NEEDED, "time", "credited", "fee", "purpose")
SKIPPED = "-"


class Payer(StrEnum):
    person = "person"
    company = "company"
    trader = "trader"


@dataclass(frozen=True, slots=True)
class Profile:
    """The part that all files share. `encoding` is a codec or RECOGNISE; `tie` is taken where the text does not tell.

    A number with `decimal` as its mark is read as it stands; see `text.number` for the other mark.
    """

    name: str
    label: str
    kind: ImportKind
    delimiter: str
    encoding: str
    tie: str
    date_format: str
    decimal: str


@dataclass(frozen=True, slots=True)
class AccountsProfile(Profile):
    """One line per meter under a line of column names; an account's balance stands in its first line.

    `columns`: field → column; `balances`: service code → column; `services` and `payers`: the file's words → ours.
    """

    columns: Mapping[str, str]
    balances: Mapping[str, str]
    services: Mapping[str, str]
    payers: Mapping[str, Payer]
    service_separator: str


@dataclass(frozen=True, slots=True)
class BankProfile(Profile):
    """One line per payment, columns by position, then the control line `=count;sum;…` where there is a `control_mark`.

    Without columns the file is a 1CClientBankExchange, which names its fields itself. `date_format` is that of the
    columns date and time with a space between. Unless it `takes_partial`, one bad line refuses the whole file.
    """

    columns: tuple[str, ...]
    control_mark: str
    takes_partial: bool

    @property
    def is_exchange(self) -> bool:
        return not self.columns


PERM = AccountsProfile(
    name="perm",
    label=N_("Export of the billing system: a line per meter under a line of column names"),
    kind=ImportKind.accounts,
    delimiter=";",
    encoding=RECOGNISE,
    tie="cp1251",
    date_format="%d.%m.%Y",
    decimal=",",
    columns={
        "number": "ЛицевойСчет",
        "payer": "Тип",
        "name": "Абонент",
        "inn": "ИНН",
        "kpp": "КПП",
        "contract": "Договор",
        "locality": "Город",
        "street": "Улица",
        "house": "Дом",
        "flat": "Квартира",
        "residents": "Проживает",
        "services": "Услуги",
        "serial": "Прибор",
        "meter_service": "УслугаПрибора",
        "digits": "Разрядность",
        "verified_until": "ПоверкаДо",
        "taken_on": "ПоказаниеДата",
        "value": "Показание",
        "phone": "Телефон",
        "email": "Email",
    },
    balances={"cold": "СальдоХВС", "sewerage": "СальдоВО"},
    services={"ХВС": "cold", "ВО": "sewerage", "ГВС": "hot"},
    payers={"ФЛ": Payer.person, "ЮЛ": Payer.company, "ИП": Payer.trader},
    service_separator=",",
)
PLACES = Profile(
    name="places",
    label=N_("GeoJSON with the addresses of OpenStreetMap"),
    kind=ImportKind.places,
    delimiter="",
    encoding=RECOGNISE,
    tie="utf-8-sig",
    date_format="",
    decimal=".",
)
KNOWN: tuple[dict[str, Any], ...] = (
    {
        "name": "bank",
        "label": "Реестр банка: строка на платёж, в конце контрольная строка",
        "encoding": "",
        "delimiter": ";",
        "columns": ["date", "time", SKIPPED, SKIPPED, "operation", "account", "amount", "credited", "fee"],
        "date_format": "%d-%m-%Y %H-%M-%S",
        "control_sign": "=",
        "takes_partial": True,
    },
    {
        "name": "1c",
        "label": "Выписка банка для 1С (1CClientBankExchange)",
        "encoding": "",
        "delimiter": ";",
        "columns": [],
        "date_format": "%d.%m.%Y",
        "control_sign": "",
        "takes_partial": True,
    },
)

OWN: dict[str, Profile] = {each.name: each for each in (PERM, PLACES)}
"""Those that are no rows of staff."""


def add_known(session: Session) -> None:
    """Add the registries that every installation begins with; those that staff changed stay as they are."""
    session.add_all(RegistryProfile(**row) for row in KNOWN if queries.named(session, row["name"]) is None)


def registry(row: RegistryProfile) -> BankProfile:
    return BankProfile(
        name=row.name,
        label=row.label,
        kind=ImportKind.payments,
        delimiter=row.delimiter,
        encoding=row.encoding or RECOGNISE,
        tie="cp1251",
        date_format=row.date_format,
        decimal=",",
        columns=tuple(row.columns),
        control_mark=row.control_sign,
        takes_partial=row.takes_partial,
    )


def named(session: Session, name: str) -> Profile | None:
    if own := OWN.get(name):
        return own
    row = queries.named(session, name)
    return registry(row) if row is not None else None


def of_kind(session: Session, kind: ImportKind) -> list[tuple[str, str]]:
    """(name, words) of the profiles to choose from."""
    if kind is ImportKind.accounts:
        return [(PERM.name, _(PERM.label))]
    if kind is ImportKind.places:
        return [(PLACES.name, _(PLACES.label))]
    return [(row.name, row.label) for row in queries.all_of_them(session)]


def prepare(session: Session, row: RegistryProfile) -> None:
    """Make a profile that staff typed ready to be written. Raises DomainError."""
    if row.name in OWN:
        raise DomainError(_("This name is taken. Choose another one."), field="name")
    row.encoding = _codec(row.encoding)
    if len(row.delimiter) != 1 or row.delimiter.isalnum():
        raise DomainError(_("Enter the one sign between the columns, for example a semicolon."), field="delimiter")
    unknown = [name for name in row.columns if name not in (*COLUMNS, SKIPPED)]
    missing = [name for name in NEEDED if row.columns.count(name) != 1] if row.columns else []
    if unknown or missing:
        names = ", ".join(unknown or missing)
        words = _("Check these columns: %(names)s. Date, operation, account and amount stand once each.", names=names)
        raise DomainError(words, field="columns")
    if not all(sign in row.date_format for sign in ("%d", "%m", "%Y")):
        raise DomainError(_("Enter the signs of day, month and year, as in the other profiles."), field="date_format")


def _codec(name: str) -> str:
    """The encoding under the name that Python knows it by; empty to recognise it."""
    try:
        found = codecs.lookup(name).name if name else ""
    except LookupError:
        found = "?"
    found = {"utf-8": "utf-8-sig"}.get(found, found)
    if found and found not in ENCODINGS:
        raise DomainError(
            _("Enter UTF-8, cp1251, cp866 or KOI8-R, or nothing to have it recognised."), field="encoding"
        )
    return found
