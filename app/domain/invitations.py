"""Invitations to an account that wait for an answer, and whoever opens a cabinet by one.

The link went to the e-mail that the holder named: whoever has it has the mailbox, and needs no other letter and no
account of their own.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import SiteUser
from ..queries import account_access as queries
from . import account_access, registration, tokens
from .account_access import INVITATION, Limits, Offer
from .errors import DomainError
from .registration import Applicant
from .tokens import TokenState


@dataclass(frozen=True, slots=True)
class Pending:
    """An invitation that may still be accepted."""

    id: int
    user_id: int
    email: str
    limits: Limits
    created_at: datetime
    expires_at: datetime


def pending(session: Session, account_id: int) -> list[Pending]:
    """The invitations to the account that wait, the newest first."""
    found = []
    for token, holder in queries.invitations(session, account_id, INVITATION, clock.now()):
        offer = account_access.offer_of(session, tokens.judge((token, holder)))
        if offer.state is TokenState.good and offer.account_id == account_id:
            email = offer.email or ""
            found.append(Pending(token.id, holder.id, email, offer.limits, token.created_at, token.expires_at))
    return found


def withdraw(session: Session, user_id: int, account_id: int, token_id: int) -> None:
    """Make the link worth nothing: by any holder of the account. Raises LookupError for anybody else, and for what is
    no invitation that waits."""
    if not account_access.is_holder(queries.of_user(session, user_id, account_id)):
        raise LookupError("Only a holder withdraws")
    if token_id not in {each.id for each in pending(session, account_id)}:
        raise LookupError("No invitation that waits")
    queries.lock_token(session, token_id).used_at = clock.now()


def may_join(session: Session, offer: Offer) -> bool:
    """Whether a new cabinet may be opened by the link: its e-mail has none that works."""
    return bool(offer.email) and registration.is_free(session, offer.email or "")


def join(session: Session, secret: str, applicant: Applicant) -> tuple[Offer, SiteUser | None]:
    """Open a cabinet for the e-mail of the link and attach the account; anything but a good link changes nothing.

    Raises DomainError where the e-mail has a cabinet, and as `account_access.grant`; then the link stays good."""
    offer = account_access.offer_of(session, tokens.use(session, INVITATION, secret))
    if offer.state is not TokenState.good:
        return offer, None
    user = registration.open_confirmed(session, offer.email or "", applicant)
    if user is None:
        raise DomainError(_("There is a cabinet with this e-mail already. Sign in to it and accept there."))
    account_access.grant(session, user.id, offer.account_id, queries.INVITATION, offer.limits)
    return offer, user
