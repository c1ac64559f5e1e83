"""One line of a billing system's export: turned into values, or refused with the reason.

What would lose an account is refused only where a wrong value would do harm: money, meters, who pays. A phone or an
e-mail that cannot be understood is left out with a note, and the account is taken in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NoReturn

from email_validator import EmailNotValidError, validate_email

from ...model_types import folded, number_key
from .. import identifiers
from ..errors import DomainError
from ..numbers import MAX_MONEY
from . import refusals as why
from . import text
from .profiles import AccountsProfile, Payer
from .refusals import FileRefused, LineRefused

LIMITS = {
    "number": 20,
    "name": 200,
    "contract": 40,
    "locality": 100,
    "street": 200,
    "house": 20,
    "flat": 20,
    "serial": 30,
}
LONGEST_ADDRESS = 250
_COUNT = re.compile(r"\d{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MeterLine:
    """A meter with its opening reading: `value` in m³, as the dial showed it on `taken_on`."""

    serial: str
    service: str
    digits: int
    verified_until: date | None
    taken_on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A good line. `balances` in roubles by service code, debt positive; None where the line says nothing of them."""

    number: str
    payer: Payer
    name: str
    inn: str | None
    kpp: str | None
    contract: str | None
    locality: str
    street: str
    house: str
    flat: str
    residents: int | None
    services: tuple[str, ...]
    balances: Mapping[str, Decimal] | None
    meter: MeterLine | None
    phone: str | None
    email: str | None
    notes: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        return number_key(self.number)

    @property
    def house_label(self) -> str:
        return f"{self.street}, {self.house}"

    @property
    def address(self) -> str:
        flat = f", кв. {self.flat}" if self.flat else ""
        return f"{self.locality}, {self.house_label}{flat}"


class Reader:
    """Reads the lines under one header. Raises FileRefused where the header does not have the profile's columns."""

    def __init__(self, profile: AccountsProfile, header: str, *, mask: str, local_prefix: str) -> None:
        self.profile, self.local_prefix = profile, local_prefix
        try:
            self.mask = re.compile(mask, re.ASCII)
        except re.error as error:
            raise FileRefused(why.WRONG_MASK) from error
        names = [name.casefold() for name in text.columns(header, profile.delimiter)]
        self.width = len(names)
        wanted = {**profile.columns, **{f"balance:{code}": name for code, name in profile.balances.items()}}
        missing = [name for name in wanted.values() if name.casefold() not in names]
        if missing:
            raise FileRefused(why.MISSING_COLUMNS, line=1, columns=", ".join(missing))
        for name in wanted.values():
            if names.count(name.casefold()) > 1:
                raise FileRefused(why.REPEATED_COLUMN, line=1, column=name)
        self.places = {field: names.index(name.casefold()) for field, name in wanted.items()}

    def columns(self, line: str) -> list[str]:
        return text.columns(line, self.profile.delimiter)

    def number_of(self, values: Sequence[str]) -> str:
        """The account number of a line that may be refused; empty where there is none."""
        place = self.places["number"]
        return values[place] if place < len(values) else ""

    def parse(self, values: Sequence[str]) -> AccountLine:
        """Raises LineRefused with the first thing that is wrong."""
        if len(values) < self.width:
            raise LineRefused(why.TOO_FEW)
        if len(values) > self.width:
            raise LineRefused(why.TOO_MANY)
        row = {field: values[place] for field, place in self.places.items()}
        number = self._number(row["number"])
        if any(len(row[field]) > limit for field, limit in LIMITS.items()):
            raise LineRefused(why.TOO_LONG)
        payer = self.profile.payers.get(row["payer"].upper())
        if payer is None:
            raise LineRefused(why.UNKNOWN_TYPE)
        if not row["name"]:
            raise LineRefused(why.NO_NAME)
        inn, kpp = _tax_numbers(payer, row["inn"], row["kpp"])
        if not all(row[field] for field in ("locality", "street", "house")):
            raise LineRefused(why.NO_ADDRESS)
        services = self._services(row["services"])
        phone, email = self._phone(row["phone"]), _email(row["email"])
        left_out = ((row["phone"], phone, why.PHONE_LEFT_OUT), (row["email"], email, why.EMAIL_LEFT_OUT))
        line = AccountLine(
            number=number,
            payer=payer,
            name=row["name"],
            inn=inn,
            kpp=kpp,
            contract=row["contract"] or None,
            locality=row["locality"],
            street=row["street"],
            house=row["house"],
            flat=row["flat"],
            residents=_residents(row["residents"]),
            services=services,
            balances=self._balances(row, services),
            meter=self._meter(row),
            phone=phone,
            email=email,
            notes=tuple(note for typed, understood, note in left_out if typed and understood is None),
        )
        if len(folded(line.name)) > LIMITS["name"] or len(folded(line.address)) > LONGEST_ADDRESS:
            raise LineRefused(why.TOO_LONG)
        return line

    def _number(self, value: str) -> str:
        if not value:
            raise LineRefused(why.NO_NUMBER)
        if len(value) > LIMITS["number"] or not self.mask.fullmatch(value) or not value.strip("0"):
            raise LineRefused(why.BAD_NUMBER)
        return value

    def _services(self, value: str) -> tuple[str, ...]:
        words = [word.strip() for word in value.split(self.profile.service_separator)]
        return tuple(dict.fromkeys(self._service(word) for word in words if word)) or _refuse(why.NO_SERVICE)

    def _service(self, word: str) -> str:
        return self.profile.services.get(word.upper()) or _refuse(why.UNKNOWN_SERVICE)

    def _balances(self, row: Mapping[str, str], services: Iterable[str]) -> Mapping[str, Decimal] | None:
        typed = {code: row[f"balance:{code}"] for code in self.profile.balances}
        if not any(typed.values()):
            return None
        balances = {code: self._money(value) if value else Decimal(0) for code, value in typed.items()}
        if any(amount and code not in services for code, amount in balances.items()):
            raise LineRefused(why.FOREIGN_BALANCE)
        return balances

    def _money(self, value: str) -> Decimal:
        amount = text.number(value, self.profile.decimal)
        if amount is None:
            raise LineRefused(why.BAD_BALANCE)
        if amount != round(amount, 2):
            raise LineRefused(why.BALANCE_PARTS)
        if abs(amount) > MAX_MONEY:
            raise LineRefused(why.BALANCE_TOO_LARGE)
        return amount

    def _meter(self, row: Mapping[str, str]) -> MeterLine | None:
        if not row["serial"]:
            if any(row[field] for field in ("meter_service", "digits", "verified_until", "taken_on", "value")):
                raise LineRefused(why.NO_SERIAL)
            return None
        if not row["meter_service"]:
            raise LineRefused(why.NO_METER_SERVICE)
        service = self._service(row["meter_service"])
        if row["digits"] not in tuple("123456789"):
            raise LineRefused(why.BAD_DIGITS)
        digits = int(row["digits"])
        verified_until = self._day(row["verified_until"]) if row["verified_until"] else None
        if not row["value"] or not row["taken_on"]:
            raise LineRefused(why.NO_READING)
        return MeterLine(
            serial=row["serial"],
            service=service,
            digits=digits,
            verified_until=verified_until,
            taken_on=self._day(row["taken_on"]),
            value=self._reading(row["value"], digits),
        )

    def _day(self, value: str) -> date:
        return text.day(value, self.profile.date_format)

    def _reading(self, value: str, digits: int) -> Decimal:
        reading = text.number(value, self.profile.decimal)
        if reading is None:
            raise LineRefused(why.BAD_READING)
        if reading < 0:
            raise LineRefused(why.NEGATIVE_READING)
        if reading >= 10**digits:
            raise LineRefused(why.READING_DIGITS)
        if reading != round(reading, 3):
            raise LineRefused(why.READING_PARTS)
        return reading

    def _phone(self, value: str) -> str | None:
        try:
            return identifiers.phone(value, local=self.local_prefix) if value else None
        except DomainError:
            return None


def _refuse(reason: str) -> NoReturn:
    raise LineRefused(reason)


def _tax_numbers(payer: Payer, inn: str, kpp: str) -> tuple[str | None, str | None]:
    """ИНН and КПП. A firm and a sole trader need an ИНН (of 12 digits the trader); a КПП is a firm's alone."""
    if inn and not identifiers.inn(inn):
        raise LineRefused(why.BAD_INN)
    if payer is Payer.person:
        return None, None
    if not inn:
        raise LineRefused(why.NO_INN)
    if payer is Payer.trader:
        return (inn, None) if len(inn) == 12 else _refuse(why.BAD_INN)
    if kpp and not identifiers.kpp(kpp):
        raise LineRefused(why.BAD_KPP)
    return inn, kpp or None


def _residents(value: str) -> int | None:
    if value and not _COUNT.fullmatch(value):
        raise LineRefused(why.BAD_RESIDENTS)
    return int(value) if value else None


def _email(value: str) -> str | None:
    try:
        return validate_email(value, check_deliverability=False).normalized if value else None
    except EmailNotValidError:
        return None
