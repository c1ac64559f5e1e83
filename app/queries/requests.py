"""Services that can be asked for, and requests: a customer's own and the open ones of the desk."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from ..models import Account, Attachment, RequestMessage, RequestState, ServiceOffering, ServiceRequest, SiteUser

OPEN = (RequestState.new, RequestState.accepted, RequestState.in_progress)
Place = tuple[date, int]
"""Where a page of the desk starts: the promised date and the id of the last request of the page before."""


def offerings(session: Session) -> Sequence[ServiceOffering]:
    """What is offered now, by name."""
    offered = select(ServiceOffering).where(ServiceOffering.is_offered).order_by(ServiceOffering.name)
    return session.scalars(offered.limit(200)).all()


def offering(session: Session, code: str) -> ServiceOffering | None:
    return session.scalar(select(ServiceOffering).where(ServiceOffering.code == code))


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
        .options(*_with_account(), selectinload(ServiceRequest.messages), selectinload(ServiceRequest.attachments))
    )


def locked(session: Session, pk: int) -> ServiceRequest | None:
    """A request that nobody else changes until the end of the transaction."""
    return session.scalar(select(ServiceRequest).where(ServiceRequest.id == pk).with_for_update(of=ServiceRequest))


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


def hold(session: Session, account_id: int) -> None:
    """Let nobody else send requests and files for the account until the end of the transaction."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def open_ones(session: Session, account_id: int, *, most: int) -> int:
    """The number of the account's open requests, counted no further than `most`."""
    found = select(ServiceRequest.id).where(ServiceRequest.account_id == account_id, ServiceRequest.state.in_(OPEN))
    return session.scalar(select(func.count()).select_from(found.limit(most).subquery())) or 0


def bytes_since(session: Session, account_id: int, since: datetime) -> int:
    """The size of the files that came with the account's requests since a moment."""
    size = (
        select(func.coalesce(func.sum(Attachment.size), 0))
        .join(ServiceRequest, ServiceRequest.id == Attachment.request_id)
        .where(ServiceRequest.account_id == account_id, Attachment.created_at >= since)
    )
    return int(session.scalar(size) or 0)


def waiting(session: Session, *, after: Place | None, size: int) -> Sequence[ServiceRequest]:
    """Open requests, the earliest promise first. The states stand in the text of the statement, as in the partial
    index that serves it."""
    states = bindparam("states", OPEN, expanding=True, literal_execute=True, type_=ServiceRequest.state.type)
    statement = (
        select(ServiceRequest)
        .where(ServiceRequest.state.in_(states))
        .options(*_with_account())
        .order_by(ServiceRequest.promised_on, ServiceRequest.id)
        .limit(size)
    )
    return session.scalars(_further(statement, after)).all()


def in_state(session: Session, state: RequestState, *, before: int | None, size: int) -> Sequence[ServiceRequest]:
    """Requests in one state, newest first."""
    statement = (
        select(ServiceRequest)
        .where(ServiceRequest.state == state)
        .options(*_with_account())
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


def attachment(session: Session, pk: int) -> Attachment | None:
    return session.get(Attachment, pk)


def _with_account() -> tuple[ExecutableOption, ...]:
    return joinedload(ServiceRequest.offering), joinedload(ServiceRequest.account).joinedload(Account.premises)


def _further(statement: Select[ServiceRequest], after: Place | None) -> Select[ServiceRequest]:
    if after is None:
        return statement
    return statement.where(tuple_(ServiceRequest.promised_on, ServiceRequest.id) > after)
