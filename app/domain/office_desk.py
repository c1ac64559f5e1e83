"""A cabinet from an office: a clerk has seen a paper that proves who the person is, and gives a login and a one-time
password on a slip. The kind of the paper is kept, never a copy or a number of it.

The login is not the e-mail: nobody has proved one. An e-mail that the person names gets a link, and counts once it is
confirmed; till then a forgotten password is renewed in an office.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _, _l
from ..model_types import NO_MAILBOX
from ..models import Account, AccountAccess, Consent, SiteUser
from ..queries import accounts
from ..queries import office_desk as rows
from ..queries import people as people_rows
from . import cards, people, recovery, registration
from .errors import DomainError
from .tokens import Issued

ROLE, BASIS = registration.ROLE, "office"
LIFETIME = timedelta(days=7)
DOCUMENTS: Mapping[str, Any] = {
    "passport": _l("Passport of a citizen of Russia"),
    "abroad": _l("Passport of another country"),
    "permit": _l("Residence permit"),
    "temporary": _l("Temporary identity card"),
    "military": _l("Military identity card"),
    "authority": _l("Passport and a notary's power of attorney"),
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whom a cabinet is opened for; the e-mail is a wish until it is confirmed."""

    last_name: str
    first_name: str
    patronymic: str | None
    email: str | None
    consent: str
    consent_version: str
    address: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed and kept nowhere; `link` confirms the e-mail that was named."""

    user: SiteUser
    password: Issued
    link: Issued | None = None


def open_cabinet(session: Session, account_id: int, newcomer: Newcomer, *, seen: int) -> Slip:
    """A new cabinet for an account; `seen` is how many the clerk knew of, so that a form sent twice opens one.

    Raises LookupError for an account that no individual has, DomainError for an e-mail of another cabinet and where
    somebody was faster."""
    account = _account(session, account_id)
    if rows.accesses(session, account_id) != seen:
        raise DomainError(_("A cabinet was opened for this account a moment ago: choose it to give a new password."))
    login = f"{account.number}-{''.join(secrets.choice(recovery.SIGNS) for _sign in range(4))}".lower()
    user = SiteUser(
        username=login,
        email=login + NO_MAILBOX,
        last_name=newcomer.last_name,
        first_name=newcomer.first_name,
        patronymic=newcomer.patronymic,
        active=True,
        must_change_password=True,
        roles=[people_rows.role_named(session, ROLE)],
    )
    session.add(user)
    session.flush()
    now = clock.now()
    session.add(AccountAccess(user_id=user.id, account_id=account.id, basis=BASIS, granted_at=now))
    session.add(
        Consent(
            user_id=user.id,
            wording=newcomer.consent,
            version=newcomer.consent_version,
            address=newcomer.address,
            given_at=now,
        )
    )
    link = None
    if newcomer.email:
        link = people.ask_for_email(session, user, newcomer.email)
        if link is None:
            raise DomainError(_("Another cabinet has this e-mail: leave it out, or name another one."), field="email")
    return Slip(user, recovery.one_time_password(session, user, LIFETIME), link)


def renew_password(session: Session, account_id: int, user_id: int) -> Slip:
    """A new one-time password for a cabinet that sees the account; its saved cards are gone, as after a forgotten
    password. Raises LookupError for another cabinet, and for one that is no individual's."""
    _account(session, account_id)
    user = next((each for each in rows.cabinets(session, account_id) if each.id == user_id), None)
    if user is None or {role.name for role in user.roles} != {ROLE}:
        raise LookupError("Not a cabinet of this account")
    cards.forget_all(session, user)
    return Slip(user, recovery.one_time_password(session, user, LIFETIME))


def _account(session: Session, account_id: int) -> Account:
    accounts.hold(session, account_id)
    account = rows.account(session, account_id)
    if account is None:
        raise LookupError("No individual has this account")
    return account
