"""How companies and sole traders get a cabinet: an application, a clerk who holds it alone, a decision.

Nothing opens before the approval. It makes the user, ties the accounts of the contract and gives a one-time password;
a rejection says why. The applicant follows it by a link that nobody guesses.
"""

import re
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import (
    AccessApplication,
    AccountAccess,
    ApplicantKind,
    ApplicationChannel,
    ApplicationState,
    Consent,
    SiteUser,
)
from ..queries import account_access as access_rows
from ..queries import applications as rows
from ..queries import people, system
from . import application_checks, attachments, lockout, recovery, registration
from .application_checks import ROLE, takes_accounts
from .attachments import Document
from .errors import DomainError
from .tokens import Issued

BASIS = "application"
HELD_FOR = timedelta(minutes=30)
PASSWORD_LIFETIME = timedelta(days=7)
TRIES_PER_ADDRESS, DAY = 20, timedelta(days=1)
SENT_PER_ADDRESS, LETTERS_A_DAY = 10, 3
TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
AGAIN = 5
LONGEST_REASON = 1000
KEPT = "applications.rejected_days"


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an application says; the e-mail in lower case, the phone as E.164 without its plus."""

    kind: ApplicantKind
    name: str
    inn: str
    kpp: str | None
    ogrn: str
    contract_number: str
    last_name: str
    first_name: str
    patronymic: str | None
    job: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Origin:
    """How it came: `token` is the secret of the applicant's link and tells a form sent twice; `user_id` the clerk who
    entered a paper one."""

    channel: ApplicationChannel
    token: str
    locale: str
    consent: str
    consent_version: str
    address: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Approved:
    """`password` is None where the e-mail had a company's cabinet, which only got more accounts."""

    sent: AccessApplication
    user: SiteUser
    password: Issued | None
    accounts: int


def new_token() -> str:
    return secrets.token_urlsafe(32)


def count_try(session: Session, address: str) -> bool:
    """Count a form that a stranger sent, before its file is looked at; False when there were too many. To be committed
    whatever follows."""
    return lockout.count_guess(session, f"application:{lockout.network(address)}", most=TRIES_PER_ADDRESS)


def count_letter(session: Session, email: str) -> bool:
    """Count a letter to an address that anybody may have typed; False when it got enough for today."""
    return lockout.count_guess(session, f"application letter:{email}", most=LETTERS_A_DAY, within=DAY)


def submit(
    session: Session, said: Particulars, document: Document, origin: Origin, folder: Path
) -> tuple[AccessApplication, bool]:
    """Take an application, and whether it is new: a form sent twice is taken once.

    Raises DomainError for a stranger who sent too many today, LookupError for a token that is none."""
    if not TOKEN.fullmatch(origin.token):
        raise LookupError("The token is not of this form")
    twin = rows.by_token(session, origin.token)
    if twin is not None:
        return twin, False
    _count_sent(session, origin)
    sent = AccessApplication(
        **asdict(said),
        state=ApplicationState.new,
        channel=origin.channel,
        token=origin.token,
        locale=origin.locale,
        consent=origin.consent,
        consent_version=origin.consent_version,
        address=origin.address,
        entered_by_id=origin.user_id,
        file_name=document.name,
        content_type=document.content_type,
        stored_name=attachments.store(folder, document),
        created_at=clock.now(),
    )
    session.add(sent)
    session.flush()
    return sent, True


def _count_sent(session: Session, origin: Origin) -> None:
    if origin.user_id is not None:
        return
    subject = f"applications from:{lockout.network(origin.address)}"
    if not lockout.count_guess(session, subject, most=SENT_PER_ADDRESS, within=DAY):
        raise DomainError(_("Too many applications came from your network today. Send it tomorrow, or bring it to us."))


# the clerk's side -------------------------------------------------------------------------------------


def take(session: Session, pk: int, user_id: int) -> None:
    """Hold it for HELD_FOR. Raises DomainError when another clerk has it, or when it is decided."""
    now = clock.now()
    if not rows.claim(session, pk, user_id, now=now, until=now + HELD_FOR):
        raise DomainError(_("Another clerk works on this application, or has decided on it. Take the next one."))


def take_next(session: Session, user_id: int) -> int | None:
    """Hold the oldest that is free; None where nothing waits."""
    now = clock.now()
    for _attempt in range(AGAIN):
        pk = rows.next_free(session, now, user_id)
        if pk is None or rows.claim(session, pk, user_id, now=now, until=now + HELD_FOR):
            return pk
    return None


def is_held_by(sent: AccessApplication, user_id: int) -> bool:
    """Whether this clerk may decide on it now."""
    return (
        sent.state is ApplicationState.review
        and sent.claimed_by_id == user_id
        and sent.claimed_until is not None
        and sent.claimed_until > clock.now()
    )


def is_held(sent: AccessApplication) -> bool:
    """Whether somebody holds it now."""
    return sent.claimed_until is not None and sent.claimed_until > clock.now() and sent.state in rows.OPEN


def correct(session: Session, pk: int, user_id: int, said: Particulars) -> dict[str, Any]:
    """Put right what was read or typed wrongly; what was there before, by the name of what changed."""
    sent = _held(session, pk, user_id)
    before = {name: getattr(sent, name) for name, value in asdict(said).items() if getattr(sent, name) != value}
    for name, value in asdict(said).items():
        setattr(sent, name, value)
    sent.claimed_until = clock.now() + HELD_FOR
    return before


def reject(session: Session, pk: int, user_id: int, reason: str) -> AccessApplication:
    """Raises DomainError without a reason, for one that the record cannot hold, and for an application that this clerk
    does not hold."""
    sent = _held(session, pk, user_id)
    if not reason:
        raise DomainError(_("Write why it is rejected and what to do: the applicant will read it."), field="reason")
    if len(reason) > LONGEST_REASON:
        message = _("With the words of the template it is longer than %(max)d characters.", max=LONGEST_REASON)
        raise DomainError(message, field="reason")
    sent.reason = reason
    _decide(sent, ApplicationState.rejected, user_id)
    return sent


def approve(session: Session, pk: int, user_id: int) -> Approved:
    """Make the user and tie the accounts of the contract. Raises DomainError for an application that this clerk does
    not hold, and with everything that the checks found bad."""
    sent = _held(session, pk, user_id)
    found = application_checks.examine(session, sent)
    if found.contract is None or found.faults:
        raise DomainError(" ".join(found.faults))
    user, password = found.user, None
    if user is None:
        user = _add_user(session, sent)
        password = recovery.one_time_password(session, user, PASSWORD_LIFETIME)
    elif not takes_accounts(user):
        raise DomainError(_("Somebody else's cabinet has this e-mail: ask for another one."))
    now = clock.now()
    access_rows.close_ended(session, user.id, now)
    new = rows.untied(session, found.contract.id, user.id)
    session.add_all(
        AccountAccess(user_id=user.id, account_id=account_id, basis=BASIS, granted_at=now) for account_id in new
    )
    sent.user_id = user.id
    _decide(sent, ApplicationState.approved, user_id)
    return Approved(sent, user, password, len(new))


def forget_rejected(session: Session, folder: Path) -> None:
    """Remove rejected applications with their scans when nobody may ask about them any more: the files first, so that
    none is left without its row. Safe to repeat."""
    days = int(system.settings(session)[KEPT])
    for sent in rows.rejected_before(session, clock.now() - timedelta(days=days)):
        attachments.stored_path(folder, sent.stored_name).unlink(missing_ok=True)
        session.delete(sent)


def _held(session: Session, pk: int, user_id: int) -> AccessApplication:
    sent = rows.locked(session, pk)
    if sent is None or not is_held_by(sent, user_id):
        raise DomainError(
            _("You do not hold this application any more: your time ran out, or it is decided. Open it again.")
        )
    return sent


def _decide(sent: AccessApplication, state: ApplicationState, user_id: int) -> None:
    sent.state, sent.decided_by_id, sent.decided_at = state, user_id, clock.now()
    sent.claimed_by_id = sent.claimed_until = None


def _add_user(session: Session, sent: AccessApplication) -> SiteUser:
    """A cabinet without a password: the one-time one proves the e-mail."""
    role = people.role_named(session, ROLE)
    try:
        with session.begin_nested():
            user = SiteUser(
                username=registration.login_of(sent.email),
                email=sent.email,
                last_name=sent.last_name,
                first_name=sent.first_name,
                patronymic=sent.patronymic,
                phone=sent.phone,
                locale=sent.locale,
                active=True,
                email_confirmed_at=clock.now(),
                roles=[role],
            )
            session.add(user)
    except IntegrityError as error:
        raise DomainError(_("Somebody else's cabinet has this e-mail: ask for another one.")) from error
    session.add(
        Consent(
            user_id=user.id,
            wording=sent.consent,
            version=sent.consent_version,
            address=sent.address,
            given_at=sent.created_at,
        )
    )
    return user
