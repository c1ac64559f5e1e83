"""Tries to prove an account by a fact of it, on every page that asks for one."""

from flask import request, url_for
from sqlalchemy.orm import Session

from ... import clock
from ...documents import letters
from ...domain import registration
from ...domain.errors import DomainError
from ...extensions import db, transaction
from ...i18n import _
from ...security.scope import SYSTEM, acting_as


def count(account_number: str, user_id: int | None = None) -> None:
    """Count the try whatever follows. Raises DomainError when there were too many."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        tried = registration.count_try(session, account_number, request.remote_addr or "", user_id)
        if tried.closes_sums:
            _warn(session, account_number)
    if not tried.is_open:
        raise DomainError(_("There were too many tries. Try again later, or call us."))


def _warn(session: Session, account_number: str) -> None:
    for reader in registration.warned(session, account_number):
        letters.enqueue(
            session,
            "account_guessed",
            to=reader.email,
            locale=reader.locale,
            name=reader.name,
            number=reader.account_number,
            happened_at=clock.now(),
            days=registration.MONTH.days,
            url=letters.link(url_for("AccountsView.index")),
        )
