"""People whom an administrator lets in."""

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import SiteUser
from ..queries import people
from .errors import DomainError
from .passwords import check_password


def prepare(session: Session, row: SiteUser, new_password: str | None) -> None:
    """Raises DomainError for a login or an e-mail that another user has, for a weak or missing password and for a
    user without a role."""
    row.username = row.username.strip()
    for name, value in (("username", row.username), ("email", row.email)):
        holder = people.user_by_login(session, value)
        if holder is not None and holder is not row:
            raise DomainError(_("Another user has this login or e-mail."), field=name)
    try:
        row.email = validate_email(row.email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise DomainError(_("Enter the e-mail as name@example.ru."), field="email") from error
    if not row.roles:
        raise DomainError(_("Tick at least one role."), field="roles")
    if new_password:
        about = (row.username, row.email, row.first_name, row.last_name)
        try:
            check_password(new_password, about=about)
        except DomainError as error:
            raise DomainError(error.message, field="new_password") from error
    elif row.id is None:
        raise DomainError(_("Enter a password for the first sign-in."), field="new_password")
    row.email_confirmed_at = row.email_confirmed_at or clock.now()


def set_temporary_password(row: SiteUser, password_hash: str) -> None:
    """A password that somebody else knows: it is changed at the next sign-in."""
    row.password, row.password_changed_at, row.must_change_password = password_hash, clock.now(), True
