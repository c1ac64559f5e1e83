"""Service requests (заявки): what was asked for, the date promised, the way from new to done, the words on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import (
    Account,
    Attachment,
    RequestChannel,
    RequestMessage,
    RequestNote,
    RequestState,
    RequestStep,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
)
from ..queries import accounts, requests
from . import attachments, free_text, working_days
from .attachments import Document
from .calendar import RUSSIA, WorkingDays, add_working_days
from .errors import DomainError

TRANSITIONS: Mapping[RequestState, tuple[RequestState, ...]] = {
    RequestState.new: (RequestState.accepted, RequestState.declined),
    RequestState.accepted: (RequestState.in_progress, RequestState.declined),
    RequestState.in_progress: (RequestState.done, RequestState.declined),
    RequestState.done: (),
    RequestState.declined: (),
    RequestState.withdrawn: (),
}
"""Where staff move a request to; a customer withdraws it (`withdrawals`)."""
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one request of many stayed as it was."""

    number: str
    reason: str


def is_open(request: ServiceRequest) -> bool:
    return bool(TRANSITIONS[request.state])


def days_late(request: ServiceRequest) -> int:
    """Days since the promised date; 0 while it is ahead, and for what is finished."""
    return max((clock.today() - request.promised_on).days, 0) if is_open(request) else 0


def check_seen(request: ServiceRequest, seen: str) -> None:
    """Raise DomainError for who changes a request by a page that was drawn before somebody else changed it.

    `seen` is `version` of the request as that page had it."""
    if seen != version(request):
        raise DomainError(_("Somebody has changed this request meanwhile. Look at it again, then decide."))


def version(request: ServiceRequest) -> str:
    return request.changed_at.isoformat()


def touch(request: ServiceRequest) -> None:
    request.changed_at = clock.now()


def late_to_tell(session: Session, *, most: int) -> Sequence[ServiceRequest]:
    """Late requests of which nobody was told yet; each is given out once."""
    found = requests.late_untold(session, clock.today(), size=most)
    for request in found:
        request.late_told_at = clock.now()
    return found


def promised_on(offering: ServiceOffering, day: date, working: WorkingDays = RUSSIA) -> date:
    """The last day of the service's term counted from the day after the request; a day off moves it on (ГК 193)."""
    if offering.term_is_working:
        return add_working_days(day, offering.term_days, working)
    end = day + timedelta(days=offering.term_days)
    return end if working.is_working_day(end) else add_working_days(end, 1, working)


def send(
    session: Session,
    account: Account,
    offering: ServiceOffering,
    words: Words,
    *,
    user_id: int | None,
    folder: Path,
    answers: Sequence[Mapping[str, str]] = (),
    channel: RequestChannel = RequestChannel.site,
    taken_by_id: int | None = None,
) -> ServiceRequest:
    """Take a request for the account. The same one sent twice is taken once. A price that stands in the catalogue is
    accepted with the request. `answers` are those to the questions of the service (`offerings.answer`); `taken_by_id`
    is who took it down from the words of a customer: then `user_id` is None.

    Raises DomainError for a service that is no longer offered, and beyond MOST_OPEN or MOST_BYTES_A_DAY.
    """
    if not offering.is_offered:
        raise DomainError(_("This service is not offered any more. Choose another one."), field="service")
    accounts.hold(session, account.id)
    now = clock.now()
    twin = requests.twin(session, account.id, offering.id, words.body, since=now - SAME_AGAIN)
    if twin is not None and twin.answers == list(answers):
        return twin
    _check_room(session, account.id)
    request = ServiceRequest(
        account_id=account.id,
        user_id=user_id,
        channel=channel,
        taken_by_id=taken_by_id,
        offering_id=offering.id,
        description=words.body,
        state=RequestState.new,
        promised_on=promised_on(offering, clock.today(), working_days.known(session)),
        answers=[dict(answer) for answer in answers],
        price=offering.price,
        price_accepted_at=None if offering.price is None else now,
        created_at=now,
        changed_at=now,
    )
    session.add(request)
    session.flush()
    _keep(session, request, words.documents, folder)
    return request


def _check_room(session: Session, account_id: int) -> None:
    if requests.open_ones(session, account_id, most=MOST_OPEN) == MOST_OPEN:
        raise DomainError(
            _(
                "%(most)s requests of this account are open already. Write to us in one of them, or wait until one is "
                "finished.",
                most=MOST_OPEN,
            )
        )


def answer(
    session: Session, request: ServiceRequest, words: Words, *, user_id: int, is_from_staff: bool, folder: Path
) -> None:
    """Add a message. Raises DomainError without words, for a finished request, and beyond MOST_BYTES_A_DAY."""
    if not is_open(request):
        raise DomainError(_("This request is finished, so no message can be added. Send a new request."), field="body")
    if not words.body:
        raise DomainError(_("Write the message."), field="body")
    say(session, request, words, user_id=user_id, is_from_staff=is_from_staff)
    _keep(session, request, words.documents, folder)


def say(session: Session, request: ServiceRequest, words: Words, *, user_id: int, is_from_staff: bool) -> None:
    """Add the words alone to the messages, unchecked."""
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
    request.state = to
    touch(request)
    session.add(
        RequestStep(
            account_id=request.account_id,
            request_id=request.id,
            state=to,
            user_id=user_id,
            created_at=request.changed_at,
        )
    )


def move_each(
    session: Session, ids: Sequence[int], to: RequestState, words: Words, *, user_id: int, folder: Path
) -> tuple[list[ServiceRequest], list[Refusal]]:
    """`move` of many: those that were moved, and why each of the others was not."""

    def act(request: ServiceRequest) -> None:
        move(session, request, to, words, user_id=user_id, folder=folder)

    return _each(session, ids, act)


def assign_each(
    session: Session, ids: Sequence[int], to: SiteUser | None
) -> tuple[list[ServiceRequest], list[Refusal]]:
    """`assign` of many: those that were given, and why each of the others was not."""
    return _each(session, ids, lambda request: assign(request, to))


def _each(
    session: Session, ids: Sequence[int], act: Callable[[ServiceRequest], None]
) -> tuple[list[ServiceRequest], list[Refusal]]:
    """A rule is broken before anything is written: what is refused stays as it was."""
    found = requests.locked_many(session, ids)
    done, refused = [], []
    for request in found:
        try:
            act(request)
        except DomainError as error:
            refused.append(Refusal(request.number, error.message))
        else:
            done.append(request)
    missing = len(set(ids)) - len(found)
    refused += [Refusal("—", _("There is no such request."))] * missing
    return done, refused


def assign(request: ServiceRequest, to: SiteUser | None) -> None:
    """Give an open request to somebody, or to nobody. Raises DomainError for a finished one."""
    if not is_open(request):
        raise DomainError(_("This request is finished."))
    request.assignee_id = to.id if to is not None else None
    touch(request)


def note(session: Session, request: ServiceRequest, body: str, *, user_id: int) -> None:
    """Write something down that the customer does not see, also when the request is finished."""
    if not body:
        raise DomainError(_("Write the note."), field="body")
    session.add(RequestNote(request_id=request.id, user_id=user_id, body=body, created_at=clock.now()))


def rate(request: ServiceRequest, rating: int, words: str) -> None:
    """Keep what the customer thinks of the work, 1 to 5. Raises DomainError before it is done, and the second time."""
    if request.state is not RequestState.done:
        raise DomainError(_("A request can be rated when it is completed."))
    if request.rating is not None:
        raise DomainError(_("You have rated this request already. Thank you."))
    if rating not in range(1, 6):
        raise DomainError(_("Choose from 1 to 5."), field="rating")
    if free_text.card_number_in(words) is not None:
        raise DomainError(free_text.card_advice(), field="words")
    request.rating, request.rating_words, request.rated_at = rating, words, clock.now()


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
    accounts.hold(session, account_id)
    if requests.bytes_since(session, account_id, clock.at(clock.today())) + size > MOST_BYTES_A_DAY:
        raise DomainError(
            _("No more than 50 MB of files a day are taken for one account. Send the other files tomorrow."),
            field="files",
        )
