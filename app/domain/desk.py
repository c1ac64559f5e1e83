"""What the desk promises for each queue, and whether it keeps it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from .. import clock
from ..models import Reading, ReadingState
from ..queries import desk
from ..queries.desk import Waiting
from .calendar import RUSSIA, WorkingDays, add_working_days


class Pace(StrEnum):
    """Nothing waits, all in time, the term is today, the term has passed."""

    quiet = "quiet"
    steady = "steady"
    soon = "soon"
    late = "late"


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of work that waits for staff. Its term counts in working days from the day it came; where each piece
    has a promised date of its own there is none."""

    count: Callable[[Session, date], Waiting]
    term_days: int | None


DUTIES: Mapping[str, Duty] = {
    "readings": Duty(desk.readings_to_check, 1),
    "requests": Duty(desk.open_requests, None),
    "payments": Duty(desk.unidentified_payments, 5),
    "alerts": Duty(desk.payments_to_look_at, 1),
    "letters": Duty(desk.dead_letters, 1),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """`due_on` is the day by which the oldest piece (or the one promised first) must be done."""

    code: str
    waiting: Waiting
    due_on: date | None
    pace: Pace


def queue(session: Session, code: str, today: date, working: WorkingDays = RUSSIA) -> Queue:
    """The state of one queue today. Raises KeyError for an unknown one."""
    duty = DUTIES[code]
    waiting = duty.count(session, today)
    due_on = waiting.next_promise
    if duty.term_days is not None and waiting.oldest is not None:
        due_on = add_working_days(clock.local(waiting.oldest).date(), duty.term_days, working)
    return Queue(code, waiting, due_on, _pace(due_on, today))


def accept_reading(session: Session, pk: int) -> Reading | None:
    """Take an unusual reading as it is; one that somebody accepted a moment ago stays so. None for a missing one."""
    reading = desk.locked_reading(session, pk)
    if reading is not None and reading.state is ReadingState.review:
        reading.state, reading.checked_at = ReadingState.checked, clock.now()
    return reading


def _pace(due_on: date | None, today: date) -> Pace:
    if due_on is None:
        return Pace.quiet
    if due_on == today:
        return Pace.soon
    return Pace.late if due_on < today else Pace.steady
