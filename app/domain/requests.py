"""Service requests (заявки): what was asked for, the date promised, the way from new to done, the words on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import Account, Attachment, RequestMessage, RequestState, ServiceOffering, ServiceRequest
from ..queries import requests
from . import attachments
from .attachments import Document
from .calendar import RUSSIA, WorkingDays, add_working_days
from .errors import DomainError

TRANSITIONS: Mapping[RequestState, tuple[RequestState, ...]] = {
    RequestState.new: (RequestState.accepted, RequestState.declined),
    RequestState.accepted: (RequestState.in_progress, RequestState.declined),
    RequestState.in_progress: (RequestState.done, RequestState.declined),
    RequestState.done: (),
    RequestState.declined: (),
}
WAY = (RequestState.new, RequestState.accepted, RequestState.in_progress, RequestState.done)
SAME_AGAIN = timedelta(minutes=10)
"""The same words for the same service within this time are one request sent twice."""

MOST_OPEN = 20
"""Open requests of one account."""
MOST_BYTES_A_DAY = 50 * 1024 * 1024
"""Bytes of files that come with one account's requests on one day."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message with its documents, already fit to be kept (`attachments.accept`)."""

    body: str
    documents: Sequence[Document] = ()


def is_open(request: ServiceRequest) -> bool:
    return bool(TRANSITIONS[request.state])


def days_late(request: ServiceRequest) -> int:
    """Days since the promised date; 0 while it is ahead, and for what is finished."""
    return max((clock.today() - request.promised_on).days, 0) if is_open(request) else 0


def promised_on(offering: ServiceOffering, day: date, working: WorkingDays = RUSSIA) -> date:
    """The last day of the service's term counted from the day after the request; a day off moves it on (ГК 193)."""
    if offering.term_is_working:
        return add_working_days(day, offering.term_days, working)
    end = day + timedelta(days=offering.term_days)
    return end if working.is_working_day(end) else add_working_days(end, 1, working)


def send(
    session: Session, account: Account, offering: ServiceOffering, words: Words, *, user_id: int, folder: Path
) -> ServiceRequest:
    """Take a request for the account. The same one sent twice is taken once.

    Raises DomainError for a service that is no longer offered, and beyond MOST_OPEN or MOST_BYTES_A_DAY.
    """
    if not offering.is_offered:
        raise DomainError(_("This service is not offered any more. Choose another one."), field="service")
    requests.hold(session, account.id)
    now = clock.now()
    twin = requests.twin(session, account.id, offering.id, words.body, since=now - SAME_AGAIN)
    if twin is not None:
        return twin
    if requests.open_ones(session, account.id, most=MOST_OPEN) == MOST_OPEN:
        raise DomainError(
            _(
                "%(most)s requests of this account are open already. Write to us in one of them, or wait until one is "
                "finished.",
                most=MOST_OPEN,
            )
        )
    request = ServiceRequest(
        account_id=account.id,
        user_id=user_id,
        offering_id=offering.id,
        description=words.body,
        state=RequestState.new,
        promised_on=promised_on(offering, clock.today()),
        created_at=now,
        changed_at=now,
    )
    session.add(request)
    session.flush()
    _keep(session, request, words.documents, folder)
    return request


def answer(
    session: Session, request: ServiceRequest, words: Words, *, user_id: int, is_from_staff: bool, folder: Path
) -> None:
    """Add a message. Raises DomainError without words, for a finished request, and beyond MOST_BYTES_A_DAY."""
    if not is_open(request):
        raise DomainError(_("This request is finished, so no message can be added. Send a new request."), field="body")
    if not words.body:
        raise DomainError(_("Write the message."), field="body")
    session.add(
        RequestMessage(
            account_id=request.account_id,
            request_id=request.id,
            user_id=user_id,
            is_from_staff=is_from_staff,
            body=words.body,
            created_at=clock.now(),
        )
    )
    _keep(session, request, words.documents, folder)


def move(
    session: Session, request: ServiceRequest, to: RequestState, words: Words, *, user_id: int, folder: Path
) -> None:
    """Move a request to another state on behalf of staff, with a message if there are words.

    The row is to be locked (`queries.requests.locked`): of two people who take it at once one is told that it is
    taken. Raises DomainError for a step that is not in TRANSITIONS, and for a refusal without a reason.
    """
    if to not in TRANSITIONS[request.state]:
        raise DomainError(
            _("The request has become “%(state)s” meanwhile. Look at it again.", state=request.state.label)
        )
    if to is RequestState.declined and not words.body:
        raise DomainError(_("Write why the request is declined: the customer will read it."), field="body")
    if words.body:
        answer(session, request, words, user_id=user_id, is_from_staff=True, folder=folder)
    elif words.documents:
        raise DomainError(_("Write a message to go with the files."), field="body")
    request.state, request.changed_at = to, clock.now()


def _keep(session: Session, request: ServiceRequest, documents: Sequence[Document], folder: Path) -> None:
    """Keep the files, then their rows: should the commit fail, a file is left that nobody can ask for."""
    if documents:
        _refuse_too_many_bytes(session, request.account_id, sum(len(document.content) for document in documents))
    for document in documents:
        session.add(
            Attachment(
                account_id=request.account_id,
                request_id=request.id,
                file_name=document.name,
                content_type=document.content_type,
                size=len(document.content),
                stored_name=attachments.store(folder, document),
                created_at=clock.now(),
            )
        )


def _refuse_too_many_bytes(session: Session, account_id: int, size: int) -> None:
    requests.hold(session, account_id)
    if requests.bytes_since(session, account_id, clock.at(clock.today())) + size > MOST_BYTES_A_DAY:
        raise DomainError(
            _("No more than 50 MB of files a day are taken for one account. Send the other files tomorrow."),
            field="files",
        )
