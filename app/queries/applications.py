"""Applications for a cabinet: the queue, what is known of the applicant, the accounts of a contract."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session, joinedload

from ..models import (
    AccessApplication,
    Account,
    AccountAccess,
    AccountStatus,
    ApplicationState,
    AuditEvent,
    Contract,
    LegalEntity,
    RefusalTemplate,
    SiteUser,
)
from ..security.scope import IN_FORCE

OPEN = (ApplicationState.new, ApplicationState.review)
MOST = 20
"""Duplicates and cabinets that a page names."""


def one(session: Session, pk: int) -> AccessApplication | None:
    found = select(AccessApplication).where(AccessApplication.id == pk)
    return session.scalar(found.options(joinedload(AccessApplication.claimed_by)))


def locked(session: Session, pk: int) -> AccessApplication | None:
    """An application that nobody else changes until the end of the transaction."""
    found = select(AccessApplication).where(AccessApplication.id == pk)
    return session.scalar(found.with_for_update(of=AccessApplication).execution_options(populate_existing=True))


def by_token(session: Session, token: str) -> AccessApplication | None:
    return session.scalar(select(AccessApplication).where(AccessApplication.token == token))


def waiting(session: Session, *, after: int | None, size: int) -> Sequence[AccessApplication]:
    """Those that wait for a decision, the oldest first."""
    found = _listed().where(AccessApplication.state.in_(OPEN)).order_by(AccessApplication.id).limit(size)
    return session.scalars(found if after is None else found.where(AccessApplication.id > after)).all()


def in_state(
    session: Session, state: ApplicationState, *, before: int | None, size: int
) -> Sequence[AccessApplication]:
    """Applications in one state, the newest first."""
    found = _listed().where(AccessApplication.state == state).order_by(AccessApplication.id.desc()).limit(size)
    return session.scalars(found if before is None else found.where(AccessApplication.id < before)).all()


def rejected_before(session: Session, moment: datetime, most: int = 1000) -> Sequence[AccessApplication]:
    """Applications that were rejected before a moment, the oldest first."""
    return session.scalars(
        select(AccessApplication)
        .where(AccessApplication.state == ApplicationState.rejected, AccessApplication.decided_at < moment)
        .order_by(AccessApplication.id)
        .limit(most)
        .with_for_update(of=AccessApplication)
    ).all()


def _listed() -> Select[AccessApplication]:
    return select(AccessApplication).options(joinedload(AccessApplication.claimed_by))


def next_free(session: Session, now: datetime, user_id: int) -> int | None:
    """The oldest that waits and that no other clerk holds."""
    free = select(AccessApplication.id).where(AccessApplication.state.in_(OPEN), _is_free(now, user_id))
    return session.scalar(free.order_by(AccessApplication.id).limit(1))


def claim(session: Session, pk: int, user_id: int, *, now: datetime, until: datetime) -> bool:
    """Take it, in one conditional statement: of two clerks at once one gets it. Whoever holds it holds it longer."""
    changed = session.execute(
        update(AccessApplication)
        .where(AccessApplication.id == pk, AccessApplication.state.in_(OPEN), _is_free(now, user_id))
        .values(claimed_by_id=user_id, claimed_until=until, state=ApplicationState.review)
        .returning(AccessApplication.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def release(session: Session, pk: int, user_id: int) -> None:
    """Give it back to the queue, if it is this clerk's."""
    session.execute(
        update(AccessApplication)
        .where(
            AccessApplication.id == pk, AccessApplication.state.in_(OPEN), AccessApplication.claimed_by_id == user_id
        )
        .values(claimed_by_id=None, claimed_until=None, state=ApplicationState.new)
        .execution_options(synchronize_session=False)
    )


def _is_free(now: datetime, user_id: int) -> ColumnElement[bool]:
    return or_(
        AccessApplication.claimed_until.is_(None),
        AccessApplication.claimed_until <= now,
        AccessApplication.claimed_by_id == user_id,
    )


def entities(session: Session, inn: str) -> Sequence[LegalEntity]:
    """Firms on record with this ИНН: one for each КПП."""
    return session.scalars(select(LegalEntity).where(LegalEntity.inn == inn).order_by(LegalEntity.id).limit(MOST)).all()


def contracts(session: Session, number: str, *, inn: str | None = None) -> Sequence[Contract]:
    """Contracts of this number in any case of letters, with their holders; of one ИНН where it is given."""
    found = select(Contract).join(Contract.legal_entity).options(joinedload(Contract.legal_entity))
    if inn is not None:
        found = found.where(LegalEntity.inn == inn)
    spellings = {number, number.upper(), number.lower()}
    return session.scalars(found.where(Contract.number.in_(spellings)).order_by(Contract.id).limit(MOST)).all()


def accounts(session: Session, contract_id: int) -> Sequence[int]:
    """Ids of the accounts of a contract that are in use."""
    found = select(Account.id).where(Account.contract_id == contract_id, Account.status == AccountStatus.active)
    return session.scalars(found.order_by(Account.id)).all()


def untied(session: Session, contract_id: int, user_id: int) -> Sequence[int]:
    """Those of them that the user may not act for yet."""
    tied = select(AccountAccess.account_id).where(AccountAccess.user_id == user_id, IN_FORCE)
    found = select(Account.id).where(Account.contract_id == contract_id, Account.status == AccountStatus.active)
    return session.scalars(found.where(Account.id.not_in(tied)).order_by(Account.id)).all()


def cabinets(session: Session, contract_id: int) -> Sequence[SiteUser]:
    """Users who act for accounts of the contract already."""
    ids = (
        select(AccountAccess.user_id)
        .join(Account, Account.id == AccountAccess.account_id)
        .where(Account.contract_id == contract_id, IN_FORCE)
    )
    return session.scalars(select(SiteUser).where(SiteUser.id.in_(ids)).order_by(SiteUser.id).limit(MOST)).all()


def twins(session: Session, sent: AccessApplication) -> Sequence[AccessApplication]:
    """Other applications with this ИНН that wait or were approved, the newest first."""
    states = (*OPEN, ApplicationState.approved)
    found = select(AccessApplication).where(
        AccessApplication.inn == sent.inn, AccessApplication.id != sent.id, AccessApplication.state.in_(states)
    )
    return session.scalars(found.order_by(AccessApplication.id.desc()).limit(MOST)).all()


def templates(session: Session) -> Sequence[RefusalTemplate]:
    return session.scalars(
        select(RefusalTemplate).order_by(RefusalTemplate.position, RefusalTemplate.id).limit(100)
    ).all()


def history(session: Session, pk: int) -> list[tuple[AuditEvent, SiteUser | None]]:
    """What was done with it and by whom, the last act first; who looked at it is left out."""
    rows = session.execute(
        select(AuditEvent, SiteUser)
        .outerjoin(SiteUser, SiteUser.id == AuditEvent.user_id)
        .where(
            AuditEvent.object_type == AccessApplication.__tablename__,
            AuditEvent.object_id == str(pk),
            AuditEvent.action != "looked",
        )
        .order_by(AuditEvent.id.desc())
        .limit(100)
    )
    return [(event, user) for event, user in rows]
