"""Life lines: what became of a reading or a request, and what comes next (components/page.html: life_line)."""

from dataclasses import dataclass
from typing import Any

from .. import formats
from ..domain import calendar, estimates, requests
from ..i18n import _
from ..models import AccessApplication, ApplicationState, Reading, ReadingState, RequestState, ServiceRequest
from .base import settings


@dataclass(frozen=True, slots=True)
class Step:
    name: Any
    when: str
    done: bool
    current: bool


def of_request(sent: ServiceRequest) -> list[Step]:
    """New, accepted, in progress, done, each with its time; one that was declined or withdrawn ends there."""
    when = {RequestState.new: sent.created_at, **{step.state: step.created_at for step in sent.steps}}
    is_refused = sent.state not in requests.WAY
    way = tuple(dict.fromkeys((*when, sent.state))) if is_refused else requests.WAY
    reached = way.index(sent.state)
    return [
        Step(state.label, formats.moment(when.get(state)), done=place <= reached, current=place == reached)
        for place, state in enumerate(way)
    ]


def of_application(sent: AccessApplication) -> list[Step]:
    """New, in review, decided."""
    states = list(ApplicationState)[:2]
    states.append(sent.state if sent.decided_at else ApplicationState.approved)
    reached = states.index(sent.state)
    when = {states[0]: formats.moment(sent.created_at), states[2]: formats.moment(sent.decided_at)}
    names = {states[2]: sent.state.label if sent.decided_at else _("Decision")}
    return [
        Step(names.get(state, state.label), when.get(state, ""), done=place <= reached, current=place == reached)
        for place, state in enumerate(states)
    ]


def of_reading(reading: Reading) -> list[Step]:
    """Received, checked, billed."""
    is_billed = reading.state is ReadingState.billed
    is_checked = reading.checked_at is not None or is_billed
    received = formats.day_time(reading.received_at)
    return [
        Step(_("Received"), received, done=True, current=not is_checked),
        Step(_("Checked"), _checked(reading), done=is_checked, current=is_checked and not is_billed),
        Step(_("Billed"), _billed(reading), done=is_billed, current=is_billed),
    ]


def _checked(reading: Reading) -> str:
    if reading.checked_at is not None:
        return _("%(moment)s, no questions", moment=formats.day_time(reading.checked_at))
    return _("ahead: a clerk looks at it by %(day)s", day=formats.day_month(estimates.last_day(reading.period)))


def _billed(reading: Reading) -> str:
    period = formats.period(reading.period)
    if reading.state is ReadingState.billed:
        return _("in the bill for %(period)s", period=period)
    bill_by = calendar.next_month(reading.period).replace(day=int(settings()["bills.issue_day"]))
    return _("ahead: goes into the bill for %(period)s, by %(day)s", period=period, day=formats.day_month(bill_by))
