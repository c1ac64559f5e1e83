"""Days on which the utility works: the country's calendar, with the days that staff have put in against it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import CalendarDay
from ..queries import working_days
from .calendar import RUSSIA, WorkingDays
from .errors import DomainError


@dataclass(frozen=True, slots=True)
class Overridden:
    """A calendar some of whose days are otherwise."""

    calendar: WorkingDays
    days: dict[date, bool]

    def is_working_day(self, day: date, /) -> bool:
        known = self.days.get(day)
        return self.calendar.is_working_day(day) if known is None else known


def known(session: Session) -> WorkingDays:
    """The working days as the utility keeps them."""
    return Overridden(RUSSIA, working_days.overrides(session))


def prepare(session: Session, row: CalendarDay) -> None:
    """Raise DomainError for a day that is what it is without the row."""
    row.note = " ".join((row.note or "").split())
    if RUSSIA.is_working_day(row.day) is row.is_working:
        if row.is_working:
            raise DomainError(_("This is a working day as it is."), field="day")
        raise DomainError(_("This is a day off as it is."), field="day")
