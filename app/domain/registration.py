"""How an individual gets a cabinet: an account number with one fact that its holder knows, then a confirming letter.

Nobody learns from it which accounts or e-mails exist: a wrong number and a wrong fact are refused in the same words
after the same work, a taken e-mail ends at the same page, and tries are counted. A sum of a bill may come from a table
that anybody can read: whoever answers wrongly has few tries a month at an account, and a few wrong answers of all
together close its sums, so that only a meter's number opens it still, and whoever sees it is told. A stranger alone
closes nothing to others.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import Account, AccountAccess, Consent, SiteUser
from ..queries import account_access, people
from ..queries import registration as queries
from . import lockout, tokens
from .errors import DomainError
from .numbers import parse_money
from .tokens import Found, Issued, TokenState

ROLE = "Customer"  # of security/roles.py
PURPOSE = "registration"
LIFETIME = timedelta(hours=48)
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 5, 30  # right ones too
WRONG_PER_ACCOUNT, WRONG_PER_ADDRESS, DAY = 20, 15, timedelta(days=1)
WRONG_PER_ASKER, WRONG_BEFORE_SUMS_CLOSE, MONTH = 3, 4, timedelta(days=30)
TELLING_SERIAL = 6  # a shorter number of a meter may be guessed, and counts as a sum does
LETTERS = 3


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a person says of themselves; the e-mail in lower case, the phone as E.164 without its plus."""

    account_number: str
    fact: str
    last_name: str
    first_name: str
    patronymic: str | None
    email: str
    phone: str
    password_hash: str
    locale: str
    consent: str
    consent_version: str
    address: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to write: with a link to confirm, or, where `link` is None, that there is a cabinet already."""

    user: SiteUser
    link: Issued | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who sees the account already, or pays for it, and is told of a new cabinet."""

    email: str
    locale: str | None
    name: str
    account_number: str


@dataclass(frozen=True, slots=True)
class Try:
    """Whether a try may go on, and whether the sums of the account's bills were closed by it."""

    is_open: bool
    closes_sums: bool = False


def count_try(session: Session, account_number: str, address: str, user_id: int | None = None) -> Try:
    """Count a try before anything is looked up, as a wrong one until `proven_account` finds it right. To be committed
    whatever follows. Whoever has no tries left is counted no more, so that they keep nobody else out."""
    by_account, by_address = _subjects(account_number, address)
    of_asker = [
        lockout.count_guess(session, by_address, most=TRIES_PER_ADDRESS),
        lockout.count_guess(session, f"wrong {by_address}", most=WRONG_PER_ADDRESS, within=DAY),
        *(
            lockout.count_guess(session, subject, most=WRONG_PER_ASKER, within=MONTH)
            for subject in _askers(account_number, address, user_id)
        ),
    ]
    if not all(of_asker):
        return Try(is_open=False)
    of_all = [
        lockout.count_guess(session, by_account, most=TRIES_PER_ACCOUNT),
        lockout.count_guess(session, f"wrong {by_account}", most=WRONG_PER_ACCOUNT, within=DAY),
    ]
    if not all(of_all):
        return Try(is_open=False)
    were_closed = lockout.is_locked(session, _sums(by_account))
    are_open = lockout.count_guess(session, _sums(by_account), most=WRONG_BEFORE_SUMS_CLOSE, within=MONTH)
    return Try(is_open=True, closes_sums=not were_closed and not are_open)


def count_letter(session: Session, email: str) -> bool:
    """Count a letter to an address that anybody may have typed; False when it got enough for now."""
    return lockout.count_guess(session, f"letter:{email.lower()}", most=LETTERS)


def register(session: Session, applicant: Applicant) -> Invitation | None:
    """Open a cabinet that sleeps until its e-mail is confirmed. A cabinet that still sleeps is begun anew: whoever
    confirms an e-mail gets the cabinet asked for last, with its password and its account, and nothing of the others.
    None, and nothing changed, when the e-mail got enough letters: the links sent before stay good.

    Raises DomainError for a wrong account number and for a wrong fact alike."""
    account = proven_account(session, applicant.account_number, applicant.fact, applicant.address)
    if not count_letter(session, applicant.email):
        return None
    user = people.user_by_login(session, applicant.email) or _add(session, applicant)
    session.refresh(user, with_for_update=True)
    if not _sleeps(user):
        return Invitation(user, None)
    _fill(user, applicant)
    _let_act_for(session, user, account)
    _keep_consent(session, user, applicant)
    return _link(session, user)


def proven_account(session: Session, number: str, fact: str, address: str, user_id: int | None = None) -> Account:
    """`holders_account`, whose right answer is not counted as a wrong one (`count_try`)."""
    by_account, by_address = _subjects(number, address)
    account = holders_account(session, number, fact, sums_count=not lockout.is_locked(session, _sums(by_account)))
    asked = _askers(number, address, user_id)
    for subject in (f"wrong {by_account}", f"wrong {by_address}", *asked, _sums(by_account)):
        lockout.give_back(session, subject)
    return account


def holders_account(session: Session, number: str, fact: str, *, sums_count: bool = True) -> Account:
    """The individual's account by its number, to somebody who knows the serial of one of its meters or, while sums
    count, the sum of its last bill.

    Raises DomainError in the same words, after the same statements, for a wrong number and a wrong fact."""
    account = queries.persons_account(session, _plain(number))
    known_id = account.id if account is not None else 0
    serials = {_plain(serial).lstrip("0") for serial in queries.serials(session, known_id)} - {""}
    charged, opening = queries.last_charged(session, known_id), queries.opening_balance(session, known_id)
    bill = charged if charged is not None else opening
    typed = _plain(fact).lstrip("0")
    is_serial = typed in serials and (sums_count or len(typed) >= TELLING_SERIAL)
    if account is None or not (is_serial or (_is_sum(fact, bill) and sums_count)):
        raise DomainError(
            _(
                "The account number does not belong to this meter or sum. Check both answers against your last bill. "
                "Accounts of companies are connected by application only."
            ),
            field="fact",
        )
    return account


def invite_again(session: Session, email: str) -> Invitation | None:
    """A letter once more: None for an e-mail that nobody registered."""
    user = people.user_by_login(session, email)
    if user is None:
        return None
    return _link(session, user) if _sleeps(user) else Invitation(user, None)


def is_free(session: Session, email: str) -> bool:
    """Whether no cabinet that works has the e-mail."""
    user = people.user_by_login(session, email)
    return user is None or _sleeps(user)


def open_confirmed(session: Session, email: str, applicant: Applicant) -> SiteUser | None:
    """A cabinet without an account for somebody who came by a link sent to this e-mail; one that still sleeps is begun
    anew, as above. None where the e-mail has another cabinet."""
    user = people.user_by_login(session, email) or _add(session, replace(applicant, email=email))
    session.refresh(user, with_for_update=True)
    if not _sleeps(user):
        return None
    _fill(user, applicant)
    for access in queries.open_access(session, user.id):
        access.revoked_at = clock.now()
    user.active, user.email_confirmed_at = True, clock.now()
    _keep_consent(session, user, applicant)
    session.flush()
    return user


def look_up(session: Session, secret: str) -> TokenState:
    return _awaited(tokens.look_up(session, PURPOSE, secret)).state


def confirm(session: Session, secret: str) -> Found:
    """Wake the cabinet that the link belongs to; anything but `good` changes nothing. Who comes by a fact to an account
    that somebody holds is a guest there, whom the holder can detach: facts stand on bills, which others see."""
    found = _awaited(tokens.use(session, PURPOSE, secret))
    if found.state is TokenState.good and found.user is not None:
        for access in queries.open_access(session, found.user.id):
            people_there = account_access.people(session, access.account_id)
            if any(each.basis not in account_access.GUESTS for each, _user in people_there):
                access.basis = account_access.FACT
        found.user.active, found.user.email_confirmed_at = True, clock.now()
    return found


def readers(session: Session, newcomer: SiteUser) -> list[Reader]:
    """Who must know of a cabinet that was woken just now: the holders of its account, and the payer by the e-mail that
    the utility knows."""
    told: dict[str, Reader] = {}
    for access in queries.open_access(session, newcomer.id):
        told |= _readers(session, session.get_one(Account, access.account_id))
    told.pop(newcomer.email.lower(), None)
    return list(told.values())


def warned(session: Session, account_number: str) -> list[Reader]:
    """Who must know that the sums of an account's bills were closed; nobody for a number that is no account's."""
    account = queries.persons_account(session, _plain(account_number))
    return list(_readers(session, account).values()) if account is not None else []


def _readers(session: Session, account: Account) -> dict[str, Reader]:
    found = {
        user.email.lower(): Reader(user.email, user.locale, user.greeting_name, account.number)
        for user in queries.holders(session, account.id)
        if user.known_email
    }
    payer = account.customer
    if payer is not None and payer.email:
        found.setdefault(payer.email.lower(), Reader(payer.email, None, payer.full_name, account.number))
    return found


def masked(email: str) -> str:
    """An e-mail that somebody may know again and nobody can learn: «i•••@example.org»."""
    return f"{email[:1]}•••@{email.rpartition('@')[2]}"


def renew(session: Session, secret: str) -> Invitation | None:
    """A new link for an expired one."""
    found = _awaited(tokens.look_up(session, PURPOSE, secret))
    if found.state is not TokenState.expired or found.user is None:
        return None
    return _link(session, found.user)


def login_of(email: str) -> str:
    """The login of somebody who registers: the e-mail where it fits the column, else a name made from it."""
    return email if len(email) <= 128 else sha256(email.encode()).hexdigest()


def _awaited(found: Found) -> Found:
    """A second link of a cabinet that was confirmed by the first is used."""
    return found if found.user is None or _sleeps(found.user) else Found(TokenState.used)


def _sleeps(user: SiteUser) -> bool:
    """Registered here and not confirmed; anybody else who cannot sign in was stopped by staff."""
    is_customer = {role.name for role in user.roles} == {ROLE}
    return is_customer and not user.active and user.email_confirmed_at is None


def _link(session: Session, user: SiteUser) -> Invitation:
    return Invitation(user, tokens.issue(session, user, PURPOSE, lifetime=LIFETIME))


def _add(session: Session, applicant: Applicant) -> SiteUser:
    """A sleeping user; the one who took the e-mail at the same moment, if somebody did."""
    role = people.role_named(session, ROLE)
    try:
        with session.begin_nested():
            user = SiteUser(username=login_of(applicant.email), email=applicant.email, active=False, roles=[role])
            _fill(user, applicant)
            session.add(user)
    except IntegrityError:
        return people.user_by_login(session, applicant.email) or user
    return user


def _fill(user: SiteUser, applicant: Applicant) -> None:
    user.last_name, user.first_name, user.patronymic = applicant.last_name, applicant.first_name, applicant.patronymic
    user.phone, user.locale = applicant.phone, applicant.locale
    user.password, user.password_changed_at = applicant.password_hash, clock.now()


def _keep_consent(session: Session, user: SiteUser, applicant: Applicant) -> None:
    session.add(
        Consent(
            user_id=user.id,
            wording=applicant.consent,
            version=applicant.consent_version,
            address=applicant.address,
            given_at=clock.now(),
        )
    )


def _let_act_for(session: Session, user: SiteUser, account: Account) -> None:
    """For this account alone: what an earlier try under the same e-mail was given is taken back."""
    for access in queries.open_access(session, user.id):
        access.revoked_at = clock.now()
    session.flush()
    session.add(AccountAccess(user_id=user.id, account_id=account.id, basis="registration", granted_at=clock.now()))


def _subjects(account_number: str, address: str) -> tuple[str, str]:
    """What tries are counted by: the account and the network."""
    return f"account:{_plain(account_number).lstrip('0')}", f"registration:{lockout.network(address)}"


def _askers(account_number: str, address: str, user_id: int | None) -> list[str]:
    """What wrong answers of one asker are counted by: the network, and the cabinet of whoever is signed in."""
    by_account, _by_address = _subjects(account_number, address)
    by_user = [] if user_id is None else [f"wrong {by_account} by {user_id}"]
    return [f"wrong {by_account} from {lockout.network(address)}", *by_user]


def _sums(by_account: str) -> str:
    return f"sums of {by_account}"


def _plain(text: str) -> str:
    """A number as it is compared: letters and digits alone."""
    return re.sub(r"[\W_]", "", text).casefold()


def _is_sum(typed: str, bill: Decimal | None) -> bool:
    """Whether the sum typed is the bill's. A bill of nothing proves nothing; an overpayment has no sign."""
    try:
        return bool(bill) and parse_money(typed.replace("₽", "")) == abs(bill or 0)
    except DomainError:
        return False
