"""Secret links by which a calendar program follows an account: made and revoked by the customer, kept as a hash.

Unlike the tokens of letters they are used many times and grow no old, so they show nothing of a person: neither the
account's number, nor a sum, nor a name."""

import hashlib
import secrets

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import CalendarLink, SiteUser
from ..queries import calendar_links as queries
from .errors import DomainError

MOST = 10


def make(session: Session, user_id: int, account_id: int) -> str:
    """A new link; the secret is told now and stands nowhere. Raises DomainError beyond MOST."""
    if len(queries.standing(session, user_id)) >= MOST:
        raise DomainError(_("You have %(most)d links. Remove those that you do not need.", most=MOST))
    secret = secrets.token_urlsafe(32)
    session.add(CalendarLink(user_id=user_id, account_id=account_id, token_hash=_hash(secret), created_at=clock.now()))
    return secret


def revoke(session: Session, user_id: int, link_id: int) -> bool:
    """Whether there was such a link."""
    link = queries.one(session, link_id, user_id)
    if link is not None:
        link.revoked_at = clock.now()
    return link is not None


def opened(session: Session, secret: str) -> tuple[CalendarLink, SiteUser] | None:
    """The link that the secret opens, and its user; None for an unknown, revoked or cut one alike."""
    return queries.opened(session, _hash(secret))


def _hash(secret: str) -> str:
    return hashlib.sha256(f"calendar:{secret}".encode()).hexdigest()
