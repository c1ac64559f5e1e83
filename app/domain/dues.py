"""What an account owes for each service, and what its last bill was made of. Roubles."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from ..models import Account, Charge, PayerClass, Service
from ..queries import charges, system
from . import rates

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Due:
    """One service of an account: debt is a positive balance; `lines` are those of the last charged period."""

    service: Service
    balance: Decimal
    lines: tuple[Charge, ...]

    @property
    def owed(self) -> Decimal:
        return max(self.balance, NOTHING)

    @property
    def advance(self) -> Decimal:
        return max(-self.balance, NOTHING)

    @property
    def has_older_debt(self) -> bool:
        """Whether more is owed than the last bill asked for."""
        return self.owed > sum((line.amount for line in self.lines), NOTHING)


@dataclass(frozen=True, slots=True)
class Dues:
    """The balance of an account by service. An overpaid service does not pay for another one."""

    rows: tuple[Due, ...]

    @property
    def owed(self) -> Decimal:
        return sum((row.owed for row in self.rows), NOTHING)

    @property
    def advance(self) -> Decimal:
        return sum((row.advance for row in self.rows), NOTHING)

    @property
    def to_pay(self) -> list[Due]:
        return [row for row in self.rows if row.owed]

    @property
    def overpaid(self) -> list[Due]:
        return [row for row in self.rows if row.advance]

    @property
    def has_older_debt(self) -> bool:
        return any(row.has_older_debt for row in self.rows)

    @property
    def last_period(self) -> date | None:
        """The period of the last bill."""
        return next((line.period for row in self.rows for line in row.lines), None)


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when the last bill is paid in time, and until when a delay costs the payer nothing."""

    due_on: date
    free_until: date | None


def terms(session: Session, period: date, account: Account) -> Terms | None:
    """The terms of the bill for a period; None where no due day is in force for it."""
    of = rates.payer_class(account)
    return system.remembered(session, ("terms", period, of), lambda: _terms(session, period, of))


def _terms(session: Session, period: date, of: PayerClass) -> Terms | None:
    try:
        due_on, free = rates.due_on_and_free_days(session, period, of)
    except LookupError:
        return None
    return Terms(due_on, due_on + timedelta(days=free) if free else None)


def of_account(session: Session, account_id: int) -> Dues:
    """The balances of the services that the account pays for, in the order of the bill; one statement."""
    rows = charges.last_bill(session, account_id)
    balances = {service: balance for service, balance, _ in rows}
    return Dues(
        tuple(
            Due(service, balance, tuple(line for of, _, line in rows if line is not None and of is service))
            for service, balance in balances.items()
        )
    )
