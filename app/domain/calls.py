"""Readings that an operator takes down: by phone, at a window, from a paper list. No cabinet is needed.

The good values are taken and the others are told, each at its meter; who called for what stays with the readings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..models import Account, Call, CallChannel, CallReading, CallReason, Premises, ReadingSource
from ..queries import calls as rows
from . import reading_cards, readings
from .errors import DomainError
from .reading_cards import Card
from .reading_window import Window

LONGEST_CALL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation about a place; `call_id` is the one that goes on, if it is this operator's and young enough."""

    premises_id: int
    channel: CallChannel
    reason: CallReason
    note: str
    user_id: int
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in m³ said for a meter; `is_confirmed` where an unusual one was asked about and said again."""

    meter_id: int
    value: Decimal
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    call_id: int
    taken: Sequence[int]
    """Ids of the meters whose values were taken."""
    refused: Mapping[int, DomainError]
    """Why not, by the meter's id."""


def cards(session: Session, place: Premises, window: Window) -> list[tuple[Account, list[Card]]]:
    """Every meter of a place by its accounts; two statements an account."""
    return [(account, reading_cards.of_account(session, account, window)) for account in place.accounts[: rows.SHOWN]]


def take(session: Session, talk: Talk, entries: Sequence[Entry], *, on: date) -> Outcome:
    """Keep the call, and the values that are good. Raises LookupError for a meter of another place."""
    if not {entry.meter_id for entry in entries} <= rows.meter_ids(session, talk.premises_id):
        raise LookupError("A meter of another place")
    call = _call(session, talk)
    taken, refused = [], {}
    for entry in entries:
        try:
            _take_one(session, call, entry, on)  # refuses before it changes anything
            taken.append(entry.meter_id)
        except DomainError as error:
            refused[entry.meter_id] = error
    return Outcome(call.id, taken, refused)


def _take_one(session: Session, call: Call, entry: Entry, on: date) -> None:
    reading = readings.submit(
        session,
        entry.meter_id,
        entry.value,
        on=on,
        source=ReadingSource(call.channel.value),
        user_id=call.user_id,
        confirmed=entry.is_confirmed,
    )
    if session.get(CallReading, reading.id) is None:
        session.add(CallReading(reading_id=reading.id, call_id=call.id))


def _call(session: Session, talk: Talk) -> Call:
    """The call that goes on, with what is known of it now, or a new one."""
    now = clock.now()
    known = session.get(Call, talk.call_id) if talk.call_id else None
    is_same = known is not None and (known.premises_id, known.user_id) == (talk.premises_id, talk.user_id)
    if known is None or not is_same or now - known.started_at > LONGEST_CALL:
        known = Call(premises_id=talk.premises_id, user_id=talk.user_id, started_at=now)
        session.add(known)
    known.channel, known.reason, known.note = talk.channel, talk.reason, talk.note
    session.flush()
    return known
