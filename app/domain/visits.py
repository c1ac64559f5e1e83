"""Visits for requests: staff offer times or set one, the customer picks or declines."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..formats import span
from ..i18n import _
from ..models import ServiceRequest, SlotState, VisitSlot
from ..queries import visits as rows
from . import requests
from .errors import DomainError
from .requests import Words

FARTHEST = timedelta(days=180)
MOST_OFFERED = 6
"""Times that one request offers at once."""
STANDING = (SlotState.offered, SlotState.agreed)


def upcoming(slots: Iterable[VisitSlot]) -> list[VisitSlot]:
    """Those that the customer may still pick."""
    return [slot for slot in slots if slot.state is SlotState.offered and slot.starts_at > clock.now()]


def agreed(slots: Iterable[VisitSlot]) -> VisitSlot | None:
    return next((slot for slot in slots if slot.state is SlotState.agreed), None)


def propose(
    session: Session, request: ServiceRequest, starts_at: datetime, ends_at: datetime, *, is_set: bool, seen: str
) -> VisitSlot:
    """Offer a time, or set it (`is_set`): then other times of the request are withdrawn.

    The row is to be locked. Raises DomainError for a finished request and for a time that cannot be."""
    requests.check_seen(request, seen)
    _expect_open(request)
    _check_time(starts_at, ends_at)
    standing = _standing(session, request)
    if any((slot.starts_at, slot.ends_at) == (starts_at, ends_at) for slot in standing) and not is_set:
        raise DomainError(_("This time is offered already."), field="starts_at")
    if not is_set and len([slot for slot in standing if slot.state is SlotState.offered]) >= MOST_OFFERED:
        raise DomainError(_("%(most)s times are offered already: withdraw one of them.", most=MOST_OFFERED))
    if is_set:
        _withdraw(session, standing)
    requests.touch(request)
    made = VisitSlot(
        account_id=request.account_id,
        request_id=request.id,
        starts_at=starts_at,
        ends_at=ends_at,
        state=SlotState.agreed if is_set else SlotState.offered,
        created_at=request.changed_at,
        changed_at=request.changed_at,
    )
    session.add(made)
    return made


def withdraw(session: Session, request: ServiceRequest, slot_id: int, *, seen: str) -> VisitSlot:
    """Staff take a time back. Raises DomainError for one that does not stand any more."""
    requests.check_seen(request, seen)
    slot = _one(session, request, slot_id)
    _withdraw(session, [slot])
    requests.touch(request)
    return slot


def pick(session: Session, request: ServiceRequest, slot_id: int | None, *, user_id: int) -> VisitSlot:
    """The customer agrees to one of the times; the others are withdrawn. Raises DomainError for a time that is past or
    was taken back."""
    _expect_open(request)
    if slot_id is None:
        raise DomainError(_("Choose a time that suits you."), field="slot")
    slot = _one(session, request, slot_id)
    if slot.state is not SlotState.offered or slot.starts_at <= clock.now():
        raise DomainError(_("This time is not offered any more. Choose another one."), field="slot")
    _withdraw(session, [other for other in _standing(session, request) if other is not slot])
    _turn(slot, SlotState.agreed)
    words = _("The visit suits me: %(time)s.", time=span(slot.starts_at, slot.ends_at))
    requests.say(session, request, Words(words), user_id=user_id, is_from_staff=False)
    requests.touch(request)
    return slot


def decline(session: Session, request: ServiceRequest, why: str, *, user_id: int) -> None:
    """No time that stands suits the customer: neither the offered ones nor the agreed one."""
    _expect_open(request)
    standing = [slot for slot in _standing(session, request) if slot.starts_at > clock.now()]
    if not standing:
        raise DomainError(_("No visit is offered now. Write to us in a message."))
    for slot in standing:
        _turn(slot, SlotState.declined)
    times = "; ".join(span(slot.starts_at, slot.ends_at) for slot in standing)
    words = "\n".join(filter(None, (_("The visit does not suit me: %(times)s.", times=times), why)))
    requests.say(session, request, Words(words), user_id=user_id, is_from_staff=False)
    requests.touch(request)


def free(session: Session, request: ServiceRequest) -> None:
    """Take back every time that stands: the request is over."""
    _withdraw(session, _standing(session, request))


def _expect_open(request: ServiceRequest) -> None:
    if not requests.is_open(request):
        raise DomainError(_("This request is finished."))


def _check_time(starts_at: datetime, ends_at: datetime) -> None:
    now = clock.now()
    if starts_at <= now:
        raise DomainError(_("Enter a time that is ahead."), field="starts_at")
    if starts_at > now + FARTHEST:
        raise DomainError(_("Enter a day within half a year."), field="starts_at")
    if ends_at <= starts_at or clock.local(ends_at).date() != clock.local(starts_at).date():
        raise DomainError(_("Enter an end later on the same day."), field="ends_at")


def _standing(session: Session, request: ServiceRequest) -> list[VisitSlot]:
    return [slot for slot in rows.slots(session, request.id) if slot.state in STANDING]


def _one(session: Session, request: ServiceRequest, slot_id: int) -> VisitSlot:
    found = next((slot for slot in _standing(session, request) if slot.id == slot_id), None)
    if found is None:
        raise DomainError(_("This time is not offered any more. Choose another one."), field="slot")
    return found


def _withdraw(session: Session, slots: Iterable[VisitSlot]) -> None:
    for slot in slots:
        _turn(slot, SlotState.withdrawn)
    session.flush()  # a request has one agreed time: the old one goes before the new one comes


def _turn(slot: VisitSlot, state: SlotState) -> None:
    slot.state, slot.changed_at = state, clock.now()
