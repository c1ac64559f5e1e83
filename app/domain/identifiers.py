"""Check digits and forms of the numbers that people and firms are known by.

All digits being zero passes most of the sums and is refused: no such number is ever given out.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import cycle

import phonenumbers

from app.domain.errors import DomainError
from app.domain.numbers import PLAIN_SIGNS
from app.i18n import _

_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")
_BIK = re.compile(r"[0-9]{9}")
_SNILS = re.compile(r"[0-9]{11}|[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}")
_ELS = re.compile(r"[0-9]{2}[A-Za-zА-Яа-я]{2}[0-9]{6}")
_JKU = re.compile(_ELS.pattern + r"-[0-9]{2}")
_PHONE = re.compile(r"\+?[0-9]{10,15}")
_LOCAL_PHONE = re.compile(r"[1-9][0-9]{6}")


def inn(value: str) -> bool:
    """ИНН: 10 digits of a firm or 12 of a person."""
    if len(value) == 12:
        return _is_number(value, 12) and value[10:] == _inn_digit(value[:10]) + _inn_digit(value[:11])
    return _is_number(value, 10) and value[9] == _inn_digit(value[:9])


def ogrn(value: str) -> bool:
    """ОГРН: 13 digits of a firm."""
    return _is_number(value, 13) and int(value[:12]) % 11 % 10 == int(value[12])


def ogrnip(value: str) -> bool:
    """ОГРНИП: 15 digits of a sole trader."""
    return _is_number(value, 15) and int(value[:14]) % 13 % 10 == int(value[14])


def kpp(value: str) -> bool:
    return bool(_KPP.fullmatch(value))


def bik(value: str) -> bool:
    return bool(_BIK.fullmatch(value))


def snils(value: str) -> bool:
    """СНИЛС: 11 digits, or as it is printed: 112-233-445 95."""
    digits = re.sub("[ -]", "", value)
    if not _SNILS.fullmatch(value) or not _is_number(digits, 11):
        return False
    total = sum(int(digit) * (9 - i) for i, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def els(value: str) -> bool:
    """ЕЛС: the state housing system's number of an account."""
    return bool(_ELS.fullmatch(value))


def jku(value: str) -> bool:
    """ЖКУ: the state housing system's number of a service on an account."""
    return bool(_JKU.fullmatch(value))


def account(value: str, bank: str) -> bool:
    """A settlement account in the bank with this БИК: its key digit (7-1-3)."""
    return bik(bank) and _is_number(value, 20) and _key_holds(bank[-3:] + value)


def corr(value: str, bank: str) -> bool:
    """A correspondent account of the bank with this БИК: its key digit (7-1-3)."""
    return bik(bank) and _is_number(value, 20) and _key_holds("0" + bank[4:6] + value)


PLAIN: Mapping[str, Callable[[str], bool]] = {
    rule.__name__: rule for rule in (inn, ogrn, ogrnip, kpp, bik, snils, els, jku)
}
IN_BANK: Mapping[str, Callable[[str, str], bool]] = {rule.__name__: rule for rule in (account, corr)}


def check(kind: str, value: str, bik: str | None = None) -> bool:
    """Whether the value is a right number of its kind; any text may be asked about.

    An account is right only together with its bank's БИК. Raises KeyError for an unknown kind.
    """
    if kind in IN_BANK:
        return IN_BANK[kind](value, bik or "")
    return PLAIN[kind](value)


def phone(text: str, *, local: str = "342") -> str:
    """The phone as it is stored, E.164 without its plus: `8…` and ten digits are Russian, seven digits local.

    Raises DomainError for what cannot be a phone number. Only lengths count: lists of prefixes go out of date.
    """
    typed = re.sub(r"[\s().-]", "", text.translate(PLAIN_SIGNS))
    if _LOCAL_PHONE.fullmatch(typed):
        typed = local + typed
    if _PHONE.fullmatch(typed):
        with suppress(phonenumbers.NumberParseException):
            parsed = phonenumbers.parse(typed, "RU")
            if _is_possible(parsed):
                return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    raise DomainError(_("Enter the phone with its code, for example +7 342 201-95-37."))


def _is_possible(parsed: phonenumbers.PhoneNumber) -> bool:
    if parsed.country_code == 7:  # the library also knows a plan of 14 digits
        return len(str(parsed.national_number)) == 10
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


def _is_number(value: str, length: int) -> bool:
    return len(value) == length and value.isascii() and value.isdigit() and bool(value.strip("0"))


def _inn_digit(digits: str) -> str:
    weights = _INN_WEIGHTS[-len(digits) :]
    return str(sum(w * int(digit) for w, digit in zip(weights, digits, strict=True)) % 11 % 10)


def _key_holds(digits: str) -> bool:
    return sum(w * int(digit) for w, digit in zip(cycle((7, 1, 3)), digits, strict=False)) % 10 == 0
