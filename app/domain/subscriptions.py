"""Subscribing to letters by an e-mail alone, and leaving them by one press (RFC 8058).

Whoever types an e-mail may not be its owner: a letter asks, and nothing is sent before its link is used. The page says
the same for an e-mail that is subscribed already.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from .. import clock, seal
from ..formats import localized
from ..i18n import _
from ..models import EmailSubscription, MailingCategory, SiteUser
from ..queries import subscriptions as queries
from . import lockout, registration
from .people import SUBSCRIPTION_VERSION

CONFIRM, LEAVE = "confirm subscription", "leave mailing"
LIFETIME = timedelta(hours=48)
UNCONFIRMED_KEPT = timedelta(days=7)
PER_ADDRESS = 20
OF_USER, OF_EMAIL = 0, 1


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whom and what an unsubscribe link is about; `stands` while letters still come."""

    category: MailingCategory
    email: str
    stands: bool


def count_try(session: Session, email: str, address: str) -> bool:
    """Count a letter to an e-mail that anybody may have typed; False when it, or the network, had enough for now. To be
    committed whatever follows."""
    of_address = f"subscribing:{lockout.network(address)}"
    is_open = lockout.count_guess(session, of_address, most=PER_ADDRESS)
    return registration.count_letter(session, email) and is_open


def ask(session: Session, email: str, wanted: Collection[int], *, address: str, locale: str) -> str:
    """Keep the consents as they were given; the token of the letter that confirms them."""
    given = {"version": SUBSCRIPTION_VERSION, "address": address, "locale": locale, "given_at": clock.now()}
    for category in queries.public_categories(session):
        if category.id in wanted:
            of = {"email": email, "category_id": category.id, "wording": wording(category)}
            queries.give(session, {**of, **given})
    return seal.signed(CONFIRM, *sorted(row.id for row in queries.of_email(session, email, wanted)))


def wording(category: MailingCategory) -> str:
    return _("I want letters on the subject “%(subject)s”.", subject=localized(category, "name"))


def asked(session: Session, token: str) -> Sequence[EmailSubscription]:
    """The consents that a link confirms, those confirmed already too; none for a link that is too old or cut."""
    ids = seal.signed_parts(CONFIRM, token, lifetime=LIFETIME)
    return queries.awaiting(session, ids) if ids else ()


def confirm(session: Session, token: str) -> bool:
    found = asked(session, token)
    for row in found:
        row.confirmed_at = row.confirmed_at or clock.now()
    return bool(found)


def leaving_token(category_id: int, *, user_id: int | None, subscriber_id: int | None) -> str:
    """What stands in the link of a letter. It grows no old: a letter may be left years later."""
    if user_id is not None:
        return seal.signed(LEAVE, OF_USER, user_id, category_id)
    return seal.signed(LEAVE, OF_EMAIL, subscriber_id or 0, category_id)


def leaving(session: Session, token: str) -> Leaving | None:
    """None for an altered link, and for a reader or a category that is gone."""
    parts = seal.signed_parts(LEAVE, token)
    if not parts:
        return None
    kind, key, category_id = parts
    reader: SiteUser | EmailSubscription | None
    reader = session.get(SiteUser, key) if kind == OF_USER else session.get(EmailSubscription, key)
    category = session.get(MailingCategory, category_id)
    if reader is None or category is None:
        return None
    email = str(reader.email).lower()
    return Leaving(category, email, queries.stands(session, category_id, email))


def leave(session: Session, token: str) -> Leaving | None:
    """Withdraw every consent of the reader to the category; again it changes nothing."""
    found = leaving(session, token)
    if found is not None:
        queries.withdraw(session, found.category.id, found.email, clock.now())
    return found
