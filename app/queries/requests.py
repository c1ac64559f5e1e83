"""Services that can be asked for, and requests: a customer's own and the open ones of the desk."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from ..models import (
    Account,
    AnswerTemplate,
    Attachment,
    RequestMessage,
    RequestNote,
    RequestState,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
)
from . import account_access
from .literals import one_of

OPEN = (RequestState.new, RequestState.accepted, RequestState.in_progress)
Place = tuple[date, int]
"""Where a page of the desk starts: the promised date and the id of the last request of the page before."""


def offerings(session: Session) -> Sequence[ServiceOffering]:
    """What is offered now, by name."""
    offered = select(ServiceOffering).where(ServiceOffering.is_offered).order_by(ServiceOffering.name)
    return session.scalars(offered.limit(200)).all()


def offering(session: Session, code: str) -> ServiceOffering | None:
    """A service with what it asks for."""
    return session.scalar(
        select(ServiceOffering).where(ServiceOffering.code == code).options(selectinload(ServiceOffering.fields))
    )


def mine(session: Session, *, before: int | None, size: int) -> Sequence[ServiceRequest]:
    """The requests of the principal's accounts, newest first, up to `size` of those before an id."""
    statement = select(ServiceRequest).options(*_with_account()).order_by(ServiceRequest.id.desc()).limit(size)
    if before is not None:
        statement = statement.where(ServiceRequest.id < before)
    return session.scalars(statement).all()


def one(session: Session, pk: int) -> ServiceRequest | None:
    """A request with all that its page shows."""
    return session.scalar(
        select(ServiceRequest)
        .where(ServiceRequest.id == pk)
        .options(
            *_with_account(),
            joinedload(ServiceRequest.assignee),
            selectinload(ServiceRequest.steps),
            selectinload(ServiceRequest.slots),
            selectinload(ServiceRequest.messages),
            selectinload(ServiceRequest.attachments),
        )
    )


def locked(session: Session, pk: int) -> ServiceRequest | None:
    """A request that nobody else changes until the end of the transaction."""
    return session.scalar(select(ServiceRequest).where(ServiceRequest.id == pk).with_for_update(of=ServiceRequest))


def locked_many(session: Session, ids: Collection[int]) -> Sequence[ServiceRequest]:
    """These requests, which nobody else changes until the end of the transaction; always taken in the same order."""
    statement = select(ServiceRequest).where(ServiceRequest.id.in_(ids)).order_by(ServiceRequest.id)
    return session.scalars(statement.with_for_update(of=ServiceRequest)).all()


def twin(
    session: Session, account_id: int, offering_id: int, description: str, *, since: datetime
) -> ServiceRequest | None:
    """The last request of the account for the same service in the same words since a moment."""
    return session.scalar(
        select(ServiceRequest)
        .where(
            ServiceRequest.account_id == account_id,
            ServiceRequest.offering_id == offering_id,
            ServiceRequest.description == description,
            ServiceRequest.created_at >= since,
        )
        .order_by(ServiceRequest.id.desc())
        .limit(1)
    )


def open_ones(session: Session, account_id: int, *, most: int) -> int:
    """The number of the account's open requests, counted no further than `most`."""
    found = select(ServiceRequest.id).where(ServiceRequest.account_id == account_id, one_of(ServiceRequest.state, OPEN))
    return session.scalar(select(func.count()).select_from(found.limit(most).subquery())) or 0


def bytes_since(session: Session, account_id: int, since: datetime) -> int:
    """The size of the files that came with the account's requests since a moment."""
    size = (
        select(func.coalesce(func.sum(Attachment.size), 0))
        .join(ServiceRequest, ServiceRequest.id == Attachment.request_id)
        .where(ServiceRequest.account_id == account_id, Attachment.created_at >= since)
    )
    return int(session.scalar(size) or 0)


def waiting(
    session: Session,
    *,
    after: Place | None,
    size: int,
    states: Sequence[RequestState] = OPEN,
    assignee: int | None = None,
) -> Sequence[ServiceRequest]:
    """Open requests, the earliest promise first; `assignee` is a user's id, or 0 for those that nobody has taken."""
    statement = (
        select(ServiceRequest)
        .where(one_of(ServiceRequest.state, states))
        .options(*_with_account(), joinedload(ServiceRequest.assignee))
        .order_by(ServiceRequest.promised_on, ServiceRequest.id)
        .limit(size)
    )
    if assignee is not None:
        statement = statement.where(ServiceRequest.assignee_id.is_not_distinct_from(assignee or None))
    return session.scalars(_further(statement, after)).all()


def late_untold(session: Session, today: date, *, size: int) -> Sequence[ServiceRequest]:
    """Open requests whose promised day has passed without a word to whoever sent them, nobody else changes them."""
    statement = (
        select(ServiceRequest)
        .where(
            one_of(ServiceRequest.state, OPEN),
            ServiceRequest.promised_on < today,
            ServiceRequest.late_told_at.is_(None),
        )
        .options(joinedload(ServiceRequest.offering))
        .order_by(ServiceRequest.promised_on, ServiceRequest.id)
        .limit(size)
    )
    return session.scalars(statement.with_for_update(of=ServiceRequest)).all()


def in_state(session: Session, state: RequestState, *, before: int | None, size: int) -> Sequence[ServiceRequest]:
    """Requests in one state, newest first."""
    statement = (
        select(ServiceRequest)
        .where(ServiceRequest.state == state)
        .options(*_with_account(), joinedload(ServiceRequest.assignee))
        .order_by(ServiceRequest.id.desc())
        .limit(size)
    )
    if before is not None:
        statement = statement.where(ServiceRequest.id < before)
    return session.scalars(statement).all()


def unanswered(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of the requests whose last word is the customer's message."""
    last = (
        select(func.max(RequestMessage.id))
        .where(RequestMessage.request_id.in_(ids))
        .group_by(RequestMessage.request_id)
    )
    asked = select(RequestMessage.request_id).where(RequestMessage.id.in_(last), ~RequestMessage.is_from_staff)
    return set(session.scalars(asked))


def sender(session: Session, request: ServiceRequest) -> SiteUser | None:
    """Who sent the request; None for one taken down by staff."""
    return session.get(SiteUser, request.user_id) if request.user_id is not None else None


def reader(session: Session, request: ServiceRequest) -> SiteUser | None:
    """Whom letters about the request go to: its sender, while they see the account."""
    user_id = request.user_id or 0
    return sender(session, request) if account_access.of_user(session, user_id, request.account_id) else None


def notes(session: Session, request_id: int) -> Sequence[RequestNote]:
    """What staff wrote for each other, oldest first, with who wrote it."""
    statement = select(RequestNote).where(RequestNote.request_id == request_id).options(joinedload(RequestNote.user))
    return session.scalars(statement.order_by(RequestNote.id)).all()


def templates(session: Session) -> Sequence[AnswerTemplate]:
    return session.scalars(select(AnswerTemplate).order_by(AnswerTemplate.name).limit(200)).all()


def attachment(session: Session, pk: int) -> Attachment | None:
    return session.get(Attachment, pk)


def _with_account() -> tuple[ExecutableOption, ...]:
    return joinedload(ServiceRequest.offering), joinedload(ServiceRequest.account).joinedload(Account.premises)


def _further(statement: Select[ServiceRequest], after: Place | None) -> Select[ServiceRequest]:
    if after is None:
        return statement
    return statement.where(tuple_(ServiceRequest.promised_on, ServiceRequest.id) > after)
