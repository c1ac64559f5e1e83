"""What the files of other systems look like, as data: a new billing system or bank is a new profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...i18n import N_
from ...models import ImportKind

RECOGNISE = "recognise"


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
    """One line per payment, columns by position, then the control line `=count;sum;…`."""

    columns: tuple[str, ...]
    time_format: str
    control_mark: str


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
BANK = BankProfile(
    name="bank",
    label=N_("Registry of a bank: a line per payment, the control line at the end"),
    kind=ImportKind.payments,
    delimiter=";",
    encoding=RECOGNISE,
    tie="cp1251",
    date_format="%d-%m-%Y",
    decimal=",",
    columns=("date", "time", "terminal", "office", "operation", "account", "amount", "credited", "fee"),
    time_format="%H-%M-%S",
    control_mark="=",
)
PROFILES: Mapping[str, AccountsProfile | BankProfile] = {profile.name: profile for profile in (PERM, BANK)}


def of_kind(kind: ImportKind) -> list[str]:
    return [profile.name for profile in PROFILES.values() if profile.kind is kind]
