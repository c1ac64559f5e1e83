"""How often payments are begun or taken up by their link, and how much is paid ahead: more than that is a mistake or
mischief."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..formats import money
from ..i18n import _
from ..models import Account
from ..queries import payments as queries
from ..queries import system
from . import dues, lockout
from .dues import Dues
from .errors import DomainError

STARTS, AHEAD = "payments.starts", "payments.ahead"
LEAST = Decimal("20000.00")
"""Roubles that may be paid for any account, also for one that owes nothing and has no bill yet."""


TRIES_PER_LINK, TRIES_PER_ADDRESS = 20, 60  # within lockout.WINDOW


def count_link(session: Session, token: str, address: str) -> bool:
    """Count a try to go on with a payment or to give it up by its link, before the link is looked up; False when there
    were too many. To be committed whatever follows."""
    by_address = lockout.count_guess(session, f"payment from:{lockout.network(address)}", most=TRIES_PER_ADDRESS)
    return by_address and lockout.count_guess(session, f"payment:{token}", most=TRIES_PER_LINK)


def check_starts(session: Session, account: Account, user_id: int | None) -> None:
    """Raise DomainError for more payments within an hour than anybody has use for. Whoever does not sign in does not
    use up what the holder may begin."""
    most = int(system.settings(session)[STARTS])
    if queries.begun_since(session, account.id, user_id, clock.now() - timedelta(hours=1)) >= most:
        raise DomainError(_("Too many payments were begun for this account within an hour. Try again in an hour."))


def check_ahead(session: Session, account_id: int, amount: Decimal, *, field: str = "amount") -> None:
    """Raise DomainError for a payment for water that is many times what is owed and what the last bill was."""
    due = dues.of_account(session, account_id)
    most = largest(session, due)
    if amount > most:
        raise DomainError(
            _(
                "This is far more than the account owes. Check the sum: %(most)s can be paid at once, %(ahead)s of it "
                "ahead.",
                most=money(most),
                ahead=money(most - due.owed),
            ),
            field=field,
        )


def largest(session: Session, due: Dues) -> Decimal:
    """The greatest sum, in roubles, that anybody has use for at once on an account."""
    billed = sum((line.amount for row in due.rows for line in row.lines), Decimal(0))
    times = int(system.settings(session)[AHEAD])
    return max(LEAST, times * max(due.owed, billed))
