"""What an account was charged is put right by hand: asked for with a reason, above a limit approved by another person.

    asked → posted | declined; up to the limit it is posted at once

Nothing stands in the ledger before. An entry goes into the open month of the account's payer group: never into one that
is being calculated, is approved or closed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..formats import money
from ..formats import period as named
from ..i18n import _
from ..models import Account, AccountStatus, Correction, CorrectionState
from ..queries import corrections as queries
from ..queries import payments as payment_queries
from ..queries import periods
from . import dues, ledger, months, payment_limits, payments, refunds
from .errors import DomainError


@dataclass(frozen=True, slots=True)
class Wish:
    """Roubles more, or below zero less, of a service; with `to_service_id` so much of the advance of a service, above
    zero, for the debt of another one."""

    service_id: int
    amount: Decimal
    reason: str
    to_service_id: int | None = None


def ask(session: Session, account_id: int, wish: Wish, *, user_id: int, known_id: int) -> Correction:
    """Put right what the account was charged: at once up to the limit, else once another person approves.

    `known_id`: the newest correction of the account that the person knew of, 0 for none. The same wish sent again is
    the correction that it made; where somebody else asked meanwhile, the person is told to look first. Raises
    DomainError (fields `service`, `to_service`, `amount`, `reason`).
    """
    month = _hold(session, account_id)
    newest = queries.newest(session, account_id)
    if newest is not None and newest.id > known_id:
        if newest.asked_by_id == user_id and _wish_of(newest) == wish:
            return newest
        raise DomainError(_("This account was corrected meanwhile. Look at that, then ask again if need be."))
    payments.check_reason(wish.reason)
    _check(session, account_id, wish)
    row = Correction(
        account_id=account_id,
        service_id=wish.service_id,
        to_service_id=wish.to_service_id,
        amount=wish.amount,
        reason=wish.reason,
        state=CorrectionState.asked,
        asked_by_id=user_id,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    session.add(row)
    session.flush()
    if queries.together(session, account_id, month) <= refunds.limit(session):
        _post(session, row, month)
    return row


def approve(session: Session, correction_id: int, *, user_id: int) -> Correction:
    """Post it. Raises DomainError for the person who asked, for one that does not wait any more, and where the advance,
    the debt or the charge that it is of is not there any more."""
    month = _hold(session, session.get_one(Correction, correction_id).account_id)
    row = _waiting(session, correction_id)
    if row.asked_by_id == user_id:
        raise DomainError(_("You asked for it yourself: another person approves it."))
    _check(session, row.account_id, _wish_of(row), besides=row.id)
    row.decided_by_id = user_id
    _post(session, row, month)
    return row


def decline(session: Session, correction_id: int, *, user_id: int, reason: str) -> Correction:
    """Say no to one that waits, also to one's own. Raises DomainError."""
    row = _waiting(session, correction_id)
    payments.check_reason(reason)
    row.state, row.decided_by_id, row.answer, row.changed_at = CorrectionState.declined, user_id, reason, clock.now()
    return row


def _waiting(session: Session, correction_id: int) -> Correction:
    row = queries.locked(session, correction_id)
    if row is None or row.state is not CorrectionState.asked:
        raise DomainError(_("This correction does not wait any more."))
    return row


def _wish_of(row: Correction) -> Wish:
    return Wish(row.service_id, row.amount, row.reason, row.to_service_id)


def _hold(session: Session, account_id: int) -> date:
    """The month that takes it, then the account, both held until the commit: the order in which all take them."""
    account = session.get_one(Account, account_id)
    if account.status is AccountStatus.undone:
        raise DomainError(_("This account was taken back with its import: it has no charges."))
    group = account.payer_group
    month = months.open_month(session, group)
    if month is None:
        closing = periods.first_open(session, group) or clock.today().replace(day=1)
        raise DomainError(
            _(
                "%(month)s is being calculated or approved, and takes no corrections. They go into the month after it, "
                "once it is closed.",
                month=named(closing).capitalize(),
            )
        )
    payment_queries.locked_account(session, account_id)
    return month


def _check(session: Session, account_id: int, wish: Wish, *, besides: int | None = None) -> None:
    """Whether the account has what the wish is of. `besides`: the correction itself, which waits already."""
    due = dues.of_account(session, account_id)
    balances = {row.service.id: row.balance for row in due.rows}
    if wish.service_id not in balances:
        raise DomainError(_("This account is not billed for this service."), field="service")
    if wish.to_service_id is not None:
        _check_offset(session, account_id, wish, balances, besides)
    elif wish.amount == 0:
        raise DomainError(_("Enter a sum of more than zero."), field="amount")
    elif wish.amount < 0:
        charged = queries.charged(session, account_id, wish.service_id)
        most = max(charged - queries.taken_off(session, account_id, wish.service_id, besides), Decimal(0))
        if -wish.amount > most:
            message = _("No more can be taken off than was ever charged for this service: %(sum)s.", sum=money(most))
            raise DomainError(message, field="amount")
    elif wish.amount > (most := payment_limits.largest(session, due)):
        message = _("This is many times what the account is charged. Check the sum: up to %(sum)s.", sum=money(most))
        raise DomainError(message, field="amount")


def _check_offset(
    session: Session, account_id: int, wish: Wish, balances: dict[int, Decimal], besides: int | None
) -> None:
    """Never more than the advance, nor than the debt."""
    assert wish.to_service_id is not None
    if wish.to_service_id == wish.service_id or wish.to_service_id not in balances:
        raise DomainError(_("Choose the other service, whose debt the advance covers."), field="to_service")
    if wish.amount <= 0:
        raise DomainError(_("Enter a sum of more than zero."), field="amount")
    waiting = queries.offset_from(session, account_id, wish.service_id, besides)
    advance = max(-balances[wish.service_id] - waiting, Decimal(0))
    waiting = queries.offset_to(session, account_id, wish.to_service_id, besides)
    debt = max(balances[wish.to_service_id] - waiting, Decimal(0))
    if wish.amount > advance:
        raise DomainError(_("The advance that can be set off is %(sum)s.", sum=money(advance)), field="amount")
    if wish.amount > debt:
        raise DomainError(_("The debt that an advance can cover is %(sum)s.", sum=money(debt)), field="amount")


def _post(session: Session, row: Correction, month: date) -> None:
    """An offset is two entries whose sum is zero: money leaves one service for another one."""
    parts = [(row.service_id, row.amount, f"{ledger.CORRECTION}{row.id}")]
    if row.to_service_id is not None:
        sides = (row.service_id, row.amount), (row.to_service_id, -row.amount)
        parts = [(service_id, amount, f"{ledger.OFFSET}{row.id}:{service_id}") for service_id, amount in sides]
    for service_id, amount, source in parts:
        ledger.post(
            session,
            account_id=row.account_id,
            service_id=service_id,
            period=month,
            kind=row.kind,
            amount=amount,
            source=source,
            reason=row.reason,
        )
    row.state, row.period, row.changed_at = CorrectionState.posted, month, clock.now()
    session.flush()
