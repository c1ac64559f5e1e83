"""Links by which calendar programs follow accounts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from ..models import Account, AccountAccess, AccountStatus, CalendarLink, Premises, SiteUser
from ..security.scope import IN_FORCE

_STANDS = (
    CalendarLink.revoked_at.is_(None),
    select(AccountAccess.id)
    .where(
        AccountAccess.user_id == CalendarLink.user_id,
        AccountAccess.account_id == CalendarLink.account_id,
        IN_FORCE,
        AccountAccess.granted_at <= CalendarLink.created_at,
    )
    .exists(),
)
"""Whether a link still opens: an access that was given back later does not wake the links of the one before."""


def standing(session: Session, user_id: int) -> Sequence[CalendarLink]:
    """The user's links that open something, with their accounts, the newest first; `domain/calendar_links.py` bounds
    their number."""
    return session.scalars(
        select(CalendarLink)
        .join(CalendarLink.account)
        .join(Account.premises)
        .where(CalendarLink.user_id == user_id, *_STANDS)
        .options(contains_eager(CalendarLink.account).contains_eager(Account.premises))
        .order_by(CalendarLink.id.desc())
    ).all()


def opened(session: Session, token_hash: str) -> tuple[CalendarLink, SiteUser] | None:
    """What a secret opens: the link with its account and house, and its user, who can sign in."""
    found = session.execute(
        select(CalendarLink, SiteUser)
        .join(SiteUser, SiteUser.id == CalendarLink.user_id)
        .join(CalendarLink.account)
        .where(
            CalendarLink.token_hash == token_hash,
            SiteUser.active.is_(True),
            Account.status != AccountStatus.undone,
            *_STANDS,
        )
        .options(
            contains_eager(CalendarLink.account).options(
                joinedload(Account.premises, innerjoin=True).joinedload(Premises.house, innerjoin=True),
                joinedload(Account.legal_entity),
            )
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def one(session: Session, link_id: int, user_id: int) -> CalendarLink | None:
    """The user's link while it is not revoked."""
    return session.scalar(
        select(CalendarLink).where(
            CalendarLink.id == link_id, CalendarLink.user_id == user_id, CalendarLink.revoked_at.is_(None)
        )
    )
