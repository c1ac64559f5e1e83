"""The phone desk: a place by fragments of its address, its accounts, the calls about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..model_types import folded
from ..models import Account, AccountStatus, Call, CallReading, Meter, Premises
from . import find
from .find import LONGEST, MOST, PUNCTUATION, Contains

SHOWN = 10
"""Accounts of one place, and calls about it."""


@dataclass(frozen=True, slots=True)
class Places:
    """At most MOST places; `is_sure` when one alone answers."""

    found: Sequence[Premises]
    is_more: bool
    is_sure: bool


NOWHERE = Places((), False, False)


def places(session: Session, text: str, *, area_code: str, contains: Contains) -> Places:
    """Places by fragments of the address in any order: houses and flats of exactly the numbers typed come first. Where
    no address answers, by account, phone, serial, or name. At most two statements find an address, all bounded."""
    words = folded(PUNCTUATION.sub(" ", text.replace("\x00", "")[:LONGEST]))
    by_address = contains(Premises.address_fold, words) if words else None
    ids = [] if by_address is None else _by_address(session, by_address, words)
    if not ids:
        accounts = find.accounts(session, text, area_code=area_code, contains=contains)
        ids = list(dict.fromkeys(account.premises_id for account in accounts.accounts))
        return Places(_drawn(session, ids), accounts.is_more, len(ids) == 1 and not accounts.is_more)
    return Places(_drawn(session, ids[:MOST]), len(ids) > MOST, len(ids) == 1)


def _by_address(session: Session, condition: ColumnElement[bool], words: str) -> list[int]:
    """Ids of the places that answer: the one of exactly the numbers typed, else these first and longer ones after."""
    whole = [_whole(word) for word in words.split() if any(map(str.isdigit, word))]
    ids = list(session.scalars(_ids(condition, *whole)))
    if not whole or len(ids) == 1 or len(ids) > MOST:
        return ids
    return ids + [each for each in session.scalars(_ids(condition)) if each not in ids]


def _ids(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(Premises.id).where(*conditions).limit(MOST + 1)


def _whole(word: str) -> ColumnElement[bool]:
    """Whether the word stands in the address as a number of its own: «14» is not «140»."""
    return (Premises.address_fold + ",").contains(f" {word},", autoescape=True)


def _drawn(session: Session, ids: Sequence[int]) -> list[Premises]:
    """The places in this order, with their accounts in use and who pays."""
    rows = session.scalars(select(Premises).where(Premises.id.in_(ids)).options(*_accounts()))
    known = {place.id: place for place in rows}
    return [known[each] for each in ids if each in known]


def place(session: Session, pk: int) -> Premises | None:
    return session.scalar(select(Premises).where(Premises.id == pk).options(*_accounts()))


def _accounts() -> tuple[Any, ...]:
    of_place = selectinload(Premises.accounts.and_(Account.status != AccountStatus.undone))
    return of_place.joinedload(Account.customer), of_place.joinedload(Account.legal_entity)


def meter_ids(session: Session, premises_id: int) -> set[int]:
    """Meters that stand in the place."""
    found = select(Meter.id).join(Meter.account).where(Account.premises_id == premises_id, Meter.removed_on.is_(None))
    return set(session.scalars(found))


def last(session: Session, premises_id: int) -> Sequence[Call]:
    """The last calls about a place, with who answered."""
    found = select(Call).where(Call.premises_id == premises_id).options(joinedload(Call.user))
    return session.scalars(found.order_by(Call.id.desc()).limit(SHOWN)).all()


def of_readings(session: Session, ids: Sequence[int]) -> dict[int, Call]:
    """In which call each reading was given, by the reading's id; those of no call are left out."""
    rows = session.scalars(
        select(CallReading)
        .where(CallReading.reading_id.in_(ids))
        .options(joinedload(CallReading.call).joinedload(Call.user))
    )
    return {row.reading_id: row.call for row in rows}
