"""One search box for people, houses and meters: every way of asking is served by an index and bounded."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from ..model_types import folded, number_key
from ..models import Account, AccountStatus, Customer, LegalEntity, Meter, Premises

MOST = 25
LONGEST = 100
PHONE_SIGNS = re.compile(r"[\s+().-]")
PUNCTUATION = re.compile(r'[,;:«»"“”()]')

Contains = Callable[[InstrumentedAttribute[str], str], ColumnElement[bool] | None]
"""The condition that a folded column contains every word of a text; None where the text is too short for an index."""


@dataclass(frozen=True, slots=True)
class Found:
    """At most MOST accounts with premises, payer and meters, by address; `is_more` when there were more."""

    accounts: Sequence[Account]
    is_more: bool


NOTHING = Found((), False)


def accounts(session: Session, text: str, *, area_code: str, contains: Contains) -> Found:
    """Accounts by number (leading zeros or not), phone, taxpayer's number, meter's serial, or words of the address
    or of the name. `area_code` completes a phone typed without one."""
    typed = " ".join(text.replace("\x00", "").split())[:LONGEST]
    parts = list(_parts(typed, area_code, contains)) if typed else []
    if not parts:
        return NOTHING
    limited = [part.where(Account.status != AccountStatus.undone).limit(MOST + 1).subquery() for part in parts]
    ids = session.scalars(union(*(select(each.c.id) for each in limited)).limit(MOST + 1)).all()
    found = session.scalars(
        select(Account)
        .where(Account.id.in_(ids[:MOST]))
        .options(
            joinedload(Account.premises),
            joinedload(Account.customer),
            joinedload(Account.legal_entity),
            selectinload(Account.meters).joinedload(Meter.service),
        )
    ).all()
    return Found(sorted(found, key=lambda account: (account.premises.address_fold, account.number)), len(ids) > MOST)


def _parts(typed: str, area_code: str, contains: Contains) -> Iterator[Select[Any]]:
    digits = PHONE_SIGNS.sub("", typed)
    if digits.isascii() and digits.isdigit():
        yield from _by_digits(digits, area_code)
    serials = or_(*(_starts(Meter.serial, serial) for serial in {typed, typed.upper()}))
    yield select(Account.id).join(Account.meters).where(serials)
    words = folded(PUNCTUATION.sub(" ", typed))
    if (address := contains(Premises.address_fold, words)) is not None:
        yield select(Account.id).join(Account.premises).where(address)
    if (name := contains(Customer.name_fold, words)) is not None:
        yield select(Account.id).join(Account.customer).where(name)
    if (title := contains(LegalEntity.name_fold, words)) is not None:
        yield select(Account.id).join(Account.legal_entity).where(title)


def _by_digits(digits: str, area_code: str) -> Iterator[Select[Any]]:
    if number_key(digits):
        yield select(Account.id).where(_starts(Account.number_key, number_key(digits)))
    phones = list(_phones(digits, area_code))
    if phones:
        yield select(Account.id).join(Account.customer).where(or_(*(_starts(Customer.phone, each) for each in phones)))
    if len(digits) >= 10:
        yield select(Account.id).join(Account.legal_entity).where(_starts(LegalEntity.inn, digits))


def _phones(digits: str, area_code: str) -> Iterator[str]:
    """Beginnings of stored phones (E.164 without its plus) that the digits may stand for."""
    if len(digits) >= 5:
        yield "7" + (digits[1:] if digits[0] in "78" else digits)
    if 5 <= len(digits) <= 7:
        yield "7" + area_code + digits


def _starts(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """The beginning of a code, as a range that any index serves."""
    return (column >= text) & (column < text + "\U0010ffff")
