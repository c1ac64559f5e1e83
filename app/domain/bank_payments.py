"""Money that came through a bank: payments of many accounts at once, a few statements however many there are."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..models import EntryKind, PayerGroup, PaymentChannel, PaymentState
from ..queries import bank_payments as queries
from . import months, payment_types
from .allocation import spread
from .payment_states import TRANSITIONS, Event


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money of one account, in roubles. `cause` names it for ever: two payments never have the same."""

    account_id: int
    group: PayerGroup
    amount: Decimal
    paid_at: datetime
    cause: str


def post(session: Session, deposits: Sequence[Deposit]) -> list[int | None]:
    """Post each deposit: debts of the services in proportion, the surplus an advance of the first. Returns the ids of
    the payments in their order; None for an account without services, whose money is not posted.

    No receipt: the bank gave its own. The flush raises IntegrityError for a cause that was posted already. Raises
    DomainError where nobody receives the utility's money.
    """
    owed: dict[int, dict[int, Decimal]] = {}
    for group in {deposit.group for deposit in deposits}:
        of_group = {deposit.account_id for deposit in deposits if deposit.group is group}
        owed |= queries.owed(session, group, of_group)
    good = [deposit for deposit in deposits if deposit.account_id in owed]
    common = _common(session)
    ids = queries.add_payments(session, [{**common, **_payment(deposit)} for deposit in good])
    made = _Entries(session, owed)
    for payment_id, deposit in zip(ids, good, strict=True):
        made.add(payment_id, deposit)
    queries.add_lines(session, made.lines, made.entries)
    rest = iter(ids)
    return [next(rest) if deposit.account_id in owed else None for deposit in deposits]


def _common(session: Session) -> dict[str, Any]:
    now, to = clock.now(), payment_types.utility(session)
    return {
        "payment_type_id": to.payment_type.id,
        "payee_id": to.payee.id,
        "channel": PaymentChannel.bank,
        "state": TRANSITIONS[PaymentState.created, Event.paid],
        "created_at": now,
        "changed_at": now,
    }


def _payment(deposit: Deposit) -> dict[str, Any]:
    return {
        "account_id": deposit.account_id,
        "amount": deposit.amount,
        "paid_at": deposit.paid_at,
        "status_token": secrets.token_urlsafe(32),
        "idempotency_key": hashlib.sha256(f"bank:{deposit.cause}".encode()).hexdigest(),
    }


class _Entries:
    """Lines and ledger entries of the payments of one call: a later one of the same account finds less debt."""

    def __init__(self, session: Session, owed: dict[int, dict[int, Decimal]]) -> None:
        self.session, self.owed, self.now = session, owed, clock.now()
        self.lines: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self._months: dict[tuple[PayerGroup, date], date] = {}

    def add(self, payment_id: int, deposit: Deposit) -> None:
        balances = self.owed[deposit.account_id]
        for service_id, amount in spread(deposit.amount, list(balances.items())).items():
            balances[service_id] -= amount
            of = {"account_id": deposit.account_id, "service_id": service_id}
            self.lines.append({**of, "payment_id": payment_id, "amount": amount})
            entry = {
                "period": self._month(deposit),
                "kind": EntryKind.payment,
                "amount": -amount,
                "source": f"payment:{payment_id}:{service_id}",
                "posted_at": self.now,
            }
            self.entries.append({**of, **entry})

    def _month(self, deposit: Deposit) -> date:
        """Each month is held until the commit, once."""
        asked = (deposit.group, clock.month(deposit.paid_at))
        if asked not in self._months:
            self._months[asked] = months.month_for(self.session, *asked)
        return self._months[asked]
