"""An account of somebody else in one's own cabinet: by the login and password of its holder's cabinet, by a fact from
its bill, by the holder's invitation. And the end of it: a holder detaches a guest, a guest leaves, the owner changes.

A holder (by registration, an office, an application) may invite and detach; a guest may do what the access says, till
it ends (`security/scope.py` sees to it). Whoever attaches learns nothing of accounts and logins that they do not know:
a wrong login and a wrong password are answered alike, and count as tries to sign in.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from .. import clock
from ..i18n import _
from ..model_types import number_key
from ..models import Account, AccountAccess, SiteUser
from ..queries import account_access as queries
from ..queries import people
from . import cards, lockout, registration, tokens
from .errors import DomainError
from .registration import Reader
from .tokens import Found, Issued, TokenState

INVITATION = "invitation"
LIFETIME = timedelta(days=7)
MOST_GUESTS = 20
INVITATIONS_A_DAY = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a guest may do besides looking; seen till a moment, or till somebody ends it."""

    may_send: bool = True
    may_pay: bool = True
    may_request: bool = True
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link of an invitation is worth; the rest is known of a good one alone."""

    state: TokenState
    holder: SiteUser | None = None
    account_id: int = 0
    address: str = ""
    limits: Limits = Limits()
    email: str | None = None
    """Where the link went."""


def attach_by_password(
    session: Session, user_id: int, login: str, password: str, number: str, *, is_open: bool, no_hash: str, address: str
) -> Account:
    """Attach an account of the cabinet whose login and password these are; the password is looked at and forgotten.
    `is_open` is what `lockout.count_try` said, committed before; `no_hash` is looked at where there is no user.

    Raises DomainError: in the same words for an unknown login, a wrong password, a lock, and cabinets of others than
    individuals."""
    holder = people.user_by_login(session, login)
    can_open = is_open and holder is not None and holder.active
    known = holder.password if holder is not None and can_open and _is_person(holder) else None
    if not check_password_hash(known or no_hash, password) or not known or holder is None:
        raise DomainError(
            _("No cabinet has this login with this password. Check both, or wait for 15 minutes after several tries."),
            field="password",
        )
    lockout.forgive(session, holder, address)
    if holder.id == user_id:
        raise DomainError(_("This is your own cabinet: enter the login of the other one."), field="login")
    return grant(session, user_id, _chosen(queries.held_by(session, holder.id), number).id, queries.PASSWORD, Limits())


def _is_person(user: SiteUser) -> bool:
    return {role.name for role in user.roles} == {registration.ROLE}


def _chosen(found: Sequence[Account], number: str) -> Account:
    """Of the accounts of a cabinet the one by its number; the only one without it."""
    matches = [account for account in found if not number or account.number_key == number_key(number)]
    if len(matches) == 1:
        return matches[0]
    if not number and found:
        words = _("There are several accounts in that cabinet: enter the number of the one that you need.")
    else:
        words = _("There is no such account in that cabinet. Its holder sees the number on the page “Accounts”.")
    raise DomainError(words, field="number")


def attach_by_fact(session: Session, user_id: int, number: str, fact: str, *, address: str) -> Account:
    """Attach an individual's account by its number to whoever knows a meter's number or the sum of its last bill, as
    registration does; tries are counted by `registration.count_try`. Raises DomainError, also for who was a guest: they
    have read the fact on the account's pages, and would get round its limits, its end and the holder's will."""
    account = registration.proven_account(session, number, fact, address, user_id)
    if queries.was_guest(session, user_id, account.id):
        raise DomainError(
            _("You have seen this account as a guest: ask its holder for a new invitation, or come to an office."),
            field="fact",
        )
    return grant(session, user_id, account.id, queries.FACT, Limits())


def grant(session: Session, user_id: int, account_id: int, basis: str, limits: Limits) -> Account:
    """Let a guest see the account. Raises DomainError for an account that the user sees already, and for one that has
    guests enough; of several who attach it at once each waits for the one before."""
    account = queries.hold(session, account_id)
    now = clock.now()
    queries.close_ended(session, user_id, now)
    seen = _("This account is in your cabinet already.")
    if queries.of_user(session, user_id, account_id) is not None:
        raise DomainError(seen)
    if queries.guests(session, account_id) >= MOST_GUESTS:
        raise DomainError(_("So many people see this account that no more can be added: its holder detaches some."))
    try:
        with session.begin_nested():
            session.add(
                AccountAccess(user_id=user_id, account_id=account_id, basis=basis, granted_at=now, **asdict(limits))
            )
    except IntegrityError as error:
        raise DomainError(seen) from error
    return account


def told(session: Session, account: Account, guest: SiteUser) -> list[Reader]:
    """Who must know that a guest sees the account: its holders, and the payer by the e-mail that the utility knows."""
    found: dict[str, Reader] = {}
    for access, user in queries.people(session, account.id):
        if is_holder(access) and user.known_email:
            found[user.email.lower()] = Reader(user.email, user.locale, user.greeting_name, account.number)
    payer = account.customer
    if payer is not None and payer.email:
        found.setdefault(payer.email.lower(), Reader(payer.email, None, payer.full_name, account.number))
    found.pop(guest.email.lower(), None)
    return list(found.values())


# by invitation ------------------------------------------------------------------------------------------


def is_holder(access: AccountAccess | None) -> bool:
    return access is not None and access.basis not in queries.GUESTS


def invite(session: Session, user_id: int, account_id: int, limits: Limits, *, email: str | None = None) -> Issued:
    """The secret of a link by which one person attaches the account. Raises LookupError for whoever does not hold it,
    DomainError for an end that is no more ahead, and where too many were sent today."""
    access = queries.of_user(session, user_id, account_id)
    if access is None or not is_holder(access):
        raise LookupError("Only a holder invites")
    if limits.ends_at is not None and limits.ends_at <= clock.now():
        raise DomainError(_("Choose a last day that is not in the past."), field="last_day")
    if not lockout.count_guess(session, f"invitations:{user_id}", most=INVITATIONS_A_DAY, within=registration.DAY):
        raise DomainError(_("You have sent many invitations today. Go on tomorrow."))
    if email is not None and not registration.count_letter(session, email):
        words = _("Several letters went out already. Look into the spam folder, or try again in 15 minutes.")
        raise DomainError(words, field="email")
    ends = limits.ends_at.isoformat() if limits.ends_at else None
    said = {"account_id": account_id, "access_id": access.id, "email": email, **asdict(limits), "ends_at": ends}
    holder = session.get_one(SiteUser, user_id)
    return tokens.issue(session, holder, INVITATION, lifetime=LIFETIME, payload=said)


def look_up(session: Session, secret: str) -> Offer:
    return offer_of(session, tokens.look_up(session, INVITATION, secret))


def accept(session: Session, user_id: int, secret: str) -> Offer:
    """Attach the account that the link offers; anything but `good` changes nothing. Of several who accept at once one
    does, the others find the link used. Raises DomainError as `grant`, and the link stays good."""
    offer = offer_of(session, tokens.use(session, INVITATION, secret))
    if offer.state is TokenState.good:
        grant(session, user_id, offer.account_id, queries.INVITATION, offer.limits)
    return offer


def offer_of(session: Session, found: Found) -> Offer:
    """A link whose holder lost the account since, or whose own term is over, is worth nothing."""
    if found.state is not TokenState.good or found.user is None or found.payload is None:
        return Offer(found.state)
    said = found.payload
    access = queries.of_user(session, found.user.id, said["account_id"])
    if access is None or access.id != said["access_id"] or not found.user.active:
        return Offer(TokenState.used)
    ends_at = datetime.fromisoformat(said["ends_at"]) if said["ends_at"] else None
    if ends_at is not None and ends_at <= clock.now():
        return Offer(TokenState.expired)
    limits = Limits(said["may_send"], said["may_pay"], said["may_request"], ends_at)
    address = queries.address_of(session, said["account_id"])
    return Offer(found.state, found.user, said["account_id"], address, limits, said.get("email"))


# the end of it ------------------------------------------------------------------------------------------


def detach(session: Session, user_id: int, account_id: int, access_id: int) -> SiteUser:
    """End a guest's access: by a holder of the account, or by the guest. The guest it was.

    Raises LookupError for everybody else, and for an access that is no guest's."""
    found = queries.guest(session, access_id, account_id)
    mine = queries.of_user(session, user_id, account_id)
    if found is None or not (is_holder(mine) or found[0].user_id == user_id):
        raise LookupError("No guest whom this user may detach")
    found[0].revoked_at = clock.now()
    return found[1]


def change_owner(session: Session, account_id: int) -> None:
    """What the owner before had goes in one act: every access (and with it the invitations, reminders and links of
    letters), the feeds, the saved cards of whoever saw the account, and the subscriptions of those of them who see no
    other account. What is personal there stays with who made it: requests, payments, and what belongs to them."""
    now = clock.now()
    session.get_one(Account, account_id).owner_since = now
    user_ids = queries.revoke_all(session, account_id, now)
    queries.revoke_feeds(session, account_id, now)
    for user_id in user_ids:
        cards.forget_all(session, session.get_one(SiteUser, user_id))
    queries.withdraw_subscriptions(session, user_ids, now)
