"""What people change about themselves: password, e-mail, phone, language, subscriptions."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from .. import clock
from ..formats import localized
from ..i18n import _
from ..models import MailingCategory, SiteUser, Subscription, UserSession
from ..queries import people as queries
from . import lockout, registration, tokens
from .errors import DomainError
from .tokens import Issued, TokenState

EMAIL = "email"
EMAIL_LIFETIME = timedelta(hours=48)
TRIES = 10
SUBSCRIPTION_VERSION = "2026-11"


def count_try(session: Session, user_id: int) -> bool:
    """Count a try at the current password; False when there were too many. To be committed whatever follows."""
    return lockout.count_guess(session, f"current password:{user_id}", most=TRIES)


def require_password(user: SiteUser, typed: str, *, is_open: bool) -> None:
    """Raise DomainError (field `current`) unless this is the user's password and tries are left."""
    if not is_open:
        raise DomainError(_("There were too many tries. Try again in 15 minutes."), field="current")
    if not user.password or not check_password_hash(user.password, typed):
        raise DomainError(
            _("This is not your current password. Check the capital letters and the language of the keyboard."),
            field="current",
        )


def set_password(user: SiteUser, password_hash: str) -> None:
    """The caller ends the other sessions and writes to the user."""
    user.password, user.password_changed_at, user.must_change_password = password_hash, clock.now(), False


def end_sessions(session: Session, user_id: int, *, except_hash: str | None = None, only_id: int | None = None) -> None:
    """End the user's sessions: all, all but the one of this token's hash, or one of them."""
    statement = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if except_hash is not None:
        statement = statement.where(UserSession.token_hash != except_hash)
    if only_id is not None:
        statement = statement.where(UserSession.id == only_id)
    session.execute(statement.values(ended_at=clock.now()))


def ask_for_email(session: Session, user: SiteUser, email: str) -> Issued | None:
    """A link for the new e-mail; None when another cabinet has it, which only its owner may learn."""
    holder = queries.user_by_login(session, email)
    if holder is not None and holder.id != user.id:
        return None
    return tokens.issue(session, user, EMAIL, lifetime=EMAIL_LIFETIME, payload={"email": email})


def look_up_email(session: Session, secret: str) -> TokenState:
    return tokens.look_up(session, EMAIL, secret).state


def confirm_email(session: Session, secret: str) -> tuple[TokenState, SiteUser | None, str]:
    """Move the cabinet to the e-mail of the link: its state, the user, the e-mail before. A login that was the old
    e-mail follows; the caller ends the other sessions. An e-mail that another cabinet took meanwhile makes the link a
    used one."""
    found = tokens.use(session, EMAIL, secret)
    if found.state is not TokenState.good or found.user is None or found.payload is None:
        return found.state, None, ""
    user, old, new = found.user, found.user.email, found.payload["email"]
    try:
        with session.begin_nested():
            if user.username == registration.login_of(old):
                user.username = registration.login_of(new)
            user.email, user.email_confirmed_at = new, clock.now()
    except IntegrityError:
        return TokenState.used, None, ""
    return found.state, user, old


def save_subscriptions(session: Session, user_id: int, wanted: Collection[int], *, address: str) -> None:
    """Make the user's subscriptions those to the wanted categories. Consent and withdrawal stay as history."""
    rows = queries.subscriptions(session, user_id)  # two of a category, where the button was pressed twice at once
    for row in rows:
        if row.category_id not in wanted:
            row.withdrawn_at = clock.now()
    standing = {row.category_id for row in rows}
    for category in queries.mailing_categories(session):
        if category.id in wanted and category.id not in standing:
            session.add(_consent_to(category, user_id, address))


def _consent_to(category: MailingCategory, user_id: int, address: str) -> Subscription:
    return Subscription(
        user_id=user_id,
        category_id=category.id,
        wording=_("I want letters on the subject “%(subject)s”.", subject=localized(category, "name")),
        version=SUBSCRIPTION_VERSION,
        address=address,
        given_at=clock.now(),
    )
