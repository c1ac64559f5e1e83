"""What the desk promises for each queue, and whether it keeps it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import Reading, ReadingState, SiteUser
from ..queries import desk, readings
from ..queries.desk import Waiting
from . import calendar
from .calendar import RUSSIA, WorkingDays, add_working_days
from .errors import DomainError
from .meter_history import History


class Pace(StrEnum):
    """Nothing waits, all in time, the term is today, the term has passed."""

    quiet = "quiet"
    steady = "steady"
    soon = "soon"
    late = "late"


TERMS: Mapping[str, int | None] = {
    "readings": 1,
    "requests": None,
    "applications": 3,
    "payments": 5,
    "alerts": 1,
    "corrections": 1,
    "mailings": 1,
    "letters": 1,
    "works": 1,
}
"""The term of each queue in working days from the day a piece came; None where each has a promised date of its own."""


@dataclass(frozen=True, slots=True)
class Queue:
    """`due_on` is the day by which the oldest piece (or the one promised first) must be done."""

    code: str
    waiting: Waiting
    due_on: date | None
    pace: Pace


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reading in review: the usual use in m³ a month, and the phone of whoever gave it or pays."""

    reading: Reading
    usual: Decimal | None
    phone: str | None


def queues(session: Session, codes: Collection[str], today: date, working: WorkingDays = RUSSIA) -> list[Queue]:
    """The state of the queues today, in this order. Raises KeyError for an unknown one."""
    found = desk.waiting(session, codes, today)
    return [_queue(code, found[code], today, working) for code in codes]


def _queue(code: str, waiting: Waiting, today: date, working: WorkingDays) -> Queue:
    due_on, term_days = waiting.next_promise, TERMS[code]
    if term_days is not None and waiting.oldest is not None:
        due_on = add_working_days(clock.local(waiting.oldest).date(), term_days, working)
    return Queue(code, waiting, due_on, _pace(due_on, today))


def accept_reading(session: Session, pk: int) -> Reading | None:
    """Take an unusual reading as it is; one that somebody accepted a moment ago stays so. None for a missing one."""
    reading = desk.locked_reading(session, pk)
    if reading is not None and reading.state is ReadingState.review:
        reading.state, reading.checked_at = ReadingState.checked, clock.now()
    return reading


def decline_reading(session: Session, pk: int) -> Reading | None:
    """Do not believe an unusual reading: it counts no more, and another one may be sent. None for one that does not
    wait for a decision. Raises DomainError once its period is being calculated."""
    reading = desk.locked_reading(session, pk)
    if reading is None or reading.state is not ReadingState.review:
        return None
    if reading.period <= readings.fixed_until(session, reading.account.payer_group):
        raise DomainError(_("The period of this reading is being calculated: it can no longer be declined."))
    reading.state = ReadingState.declined
    return reading


def doubts(session: Session, found: Sequence[Reading]) -> list[Doubt]:
    """What a clerk must know of readings in review; two statements."""
    if not found:
        return []
    senders = desk.senders(session, found)
    earliest = min(reading.period for reading in found)
    since = calendar.previous_month(earliest.replace(year=earliest.year - 1))  # what the average looks at
    past = readings.newest_of(session, [reading.meter for reading in found], since)
    return [
        Doubt(
            reading,
            History(reading.meter, past[reading.meter_id]).average(reading.period),
            _phone(reading, senders.get(reading.user_id or 0)),
        )
        for reading in found
    ]


def _phone(reading: Reading, sender: SiteUser | None) -> str | None:
    known = (sender, reading.account.customer, reading.account.legal_entity)
    return next((each.phone for each in known if each is not None and each.phone), None)


def _pace(due_on: date | None, today: date) -> Pace:
    if due_on is None:
        return Pace.quiet
    if due_on == today:
        return Pace.soon
    return Pace.late if due_on < today else Pace.steady
