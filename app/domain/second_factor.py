"""The second factor of staff: codes of an application (TOTP, RFC 6238) and codes on paper for the day it is lost.

The secret is kept sealed, the codes on paper as hashes. A code opens once: the step that was used last is remembered.
"""

import hashlib
import secrets
from collections.abc import Sequence

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import RecoveryCode, SiteUser
from ..queries import second_factor as queries
from ..seal import opened, sealed
from . import lockout
from .errors import DomainError
from .recovery import SIGNS

STEP, DIGITS = 30, 6
DRIFT = 1
"""Steps that a clock may be behind or ahead."""
CODES, TRIES = 10, 10
PREFIX = "totp:"
"""So that nothing else that is sealed is taken for a secret."""


def offer() -> str:
    """A new secret, sealed: the page carries it until a code confirms it."""
    return sealed(PREFIX + pyotp.random_base32())


def shown(offered: str) -> str:
    """The secret that was offered, as an application takes it. Raises DomainError (field `code`) for anything else."""
    text = opened(offered) or ""
    if not text.startswith(PREFIX):
        raise DomainError(_("The page has grown old. Open it anew."), field="code")
    return text.removeprefix(PREFIX)


def address(secret: str, login: str, issuer: str) -> str:
    """What the picture for the application holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def confirm(session: Session, user_id: int, offered: str, typed: str) -> Sequence[str]:
    """Ask for a code from now on; the codes on paper, which are shown this once. Raises DomainError (field `code`)."""
    user, secret = queries.locked_user(session, user_id), shown(offered)
    if user.totp_since is not None:
        raise DomainError(_("The second factor is set already. Turn it off first."), field="code")
    user.totp_secret, user.totp_step = sealed(secret), 0
    if not _opens(user, typed):
        raise wrong_code()
    user.totp_since = clock.now()
    return new_codes(session, user_id)


def new_codes(session: Session, user_id: int) -> Sequence[str]:
    """New codes on paper instead of all earlier ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3)) for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(user_id, each)) for each in codes)
    return codes


def forget(session: Session, user_id: int) -> None:
    """The user signs in by the password alone: the factor was turned off, or what makes its codes is lost."""
    user = queries.locked_user(session, user_id)
    user.totp_secret, user.totp_since, user.totp_step = None, None, 0
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def count_try(session: Session, user_id: int) -> bool:
    """Count a try at a code; False when there were too many. To be committed whatever follows."""
    return lockout.count_guess(session, f"second factor:{user_id}", most=TRIES)


def use(session: Session, user_id: int, typed: str) -> bool:
    """Whether this is a code of the user's application, or one on paper; either is worth nothing afterwards."""
    user = queries.locked_user(session, user_id)
    if user.totp_since is None:
        return False
    if not _opens(user, typed) and not _is_on_paper(session, user_id, typed):
        return False
    lockout.give_back(session, f"second factor:{user_id}")
    return True


def wrong_code() -> DomainError:
    return DomainError(
        _("This code does not fit. Take the one that the application shows now; the clock of the phone must be right."),
        field="code",
    )


def _opens(user: SiteUser, typed: str) -> bool:
    secret = opened(user.totp_secret) if user.totp_secret else None
    signs = "".join(typed.split())
    if secret is None or len(signs) != DIGITS or not signs.isascii() or not signs.isdigit():
        return False
    codes, now = pyotp.TOTP(secret, digits=DIGITS, interval=STEP), int(clock.now().timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > user.totp_step and strings_equal(codes.generate_otp(step), signs):
            user.totp_step = step
            return True
    return False


def _is_on_paper(session: Session, user_id: int, typed: str) -> bool:
    code = queries.unused(session, user_id, _hash(user_id, typed))
    if code is None:
        return False
    code.used_at = clock.now()
    return True


def _hash(user_id: int, code: str) -> str:
    """However it was typed over: in small letters, without the hyphens."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(f"{user_id}:{signs}".encode()).hexdigest()
