"""Payments out of a bank's registry.

A line is one of four: a payment posted to its account, an unidentified payment (its account is not known; the money
waits for a clerk), a repeated operation (known already, from this file or an earlier one: counted once), a refused
line. `payments` counts the first kind alone and `total` is their sum, so the four counts add up to the lines of the
file, and a second import of it says nothing but how many operations were repeated.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ...model_types import number_key
from ...models import BankOperationState, ImportBatch
from ...queries import bank_payments as queries
from ...queries.bank_payments import Known, Payer
from .. import bank_payments
from ..bank_payments import Deposit
from . import refusals as why
from .bank_lines import BankLine
from .outcome import Outcome
from .refusals import FileRefused
from .text import Line

COUNTS = ("payments", "unidentified", "repeated")
LONGEST_ACCOUNT = 40


@dataclass(frozen=True, slots=True)
class GoodPayment:
    line: Line
    payment: BankLine


def store(session: Session, batch: ImportBatch, lines: Sequence[GoodPayment], outcome: Outcome) -> None:
    """Post what is not known yet, a few statements a chunk. An operation whose import was undone is posted anew."""
    known = queries.known_operations(session, batch.profile, {good.payment.operation for good in lines})
    new = [good.payment for good in lines if _is_new(good, known, outcome)]
    payers = _Payers(session, {number_key(line.account) for line in new})
    named = [(line, payers.find(line.account)) for line in new]
    deposits = {line.operation: _deposit(batch, line, payer) for line, payer in named if payer is not None}
    ids = dict(zip(deposits, bank_payments.post(session, list(deposits.values())), strict=True))
    rows = [_row(batch, line, ids.get(line.operation)) for line in new]
    returned = {operation: row.id for operation, row in known.items() if row.id is not None}
    queries.write_operations(
        session,
        [row for row in rows if row["operation"] not in returned],
        [{"id": returned[row["operation"]], **row} for row in rows if row["operation"] in returned],
    )
    for row in rows:
        _count(row, outcome)


class Foreseen:
    """What `store` would refuse of a file, told before anything of it is posted."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._known: dict[str, Known] = {}

    def check(self, session: Session, lines: Sequence[GoodPayment]) -> None:
        """Raises FileRefused for the first of the next lines that would be refused."""
        stored = queries.known_operations(session, self.source, {good.payment.operation for good in lines})
        self._known = {**stored, **self._known}
        outcome = Outcome()
        for good in lines:
            _is_new(good, self._known, outcome)
        for refused in outcome.refused[:1]:
            raise FileRefused(why.NOT_WHOLE, line=refused.line, why=refused.reason)


def _is_new(good: GoodPayment, known: dict[str, Known], outcome: Outcome) -> bool:
    """Whether the line is to be posted, remembered for the lines after it; else it is counted or refused."""
    line = good.payment
    before = known.get(line.operation)
    if before is None or before.state is BankOperationState.undone:
        id_ = before.id if before else None
        known[line.operation] = Known(id_, line.account[:LONGEST_ACCOUNT], line.amount, BankOperationState.posted)
        return True
    if (before.account_number, before.amount) == (line.account[:LONGEST_ACCOUNT], line.amount):
        outcome.counts["repeated"] += 1
    else:
        outcome.refuse(good.line, why.OTHER_OPERATION)
    return False


class _Payers:
    """The accounts of a chunk by number; one that differs by leading zeros counts where it is the only one."""

    def __init__(self, session: Session, keys: set[str]) -> None:
        self._by_key: Mapping[str, list[Payer]] = defaultdict(list)
        for payer in queries.payers(session, keys - {""}):
            self._by_key[payer.key].append(payer)

    def find(self, number: str) -> Payer | None:
        same = self._by_key.get(number_key(number), [])
        exact = [payer for payer in same if payer.number == number]
        found = exact or same
        return found[0] if len(found) == 1 else None


def _deposit(batch: ImportBatch, line: BankLine, payer: Payer) -> Deposit:
    cause = f"{batch.profile}:{batch.id}:{line.operation}"  # one that was undone is another payment the next time
    return Deposit(payer.id, payer.group, line.amount, line.paid_at, cause)


def _row(batch: ImportBatch, line: BankLine, payment_id: int | None) -> dict[str, Any]:
    return {
        "source": batch.profile,
        "operation": line.operation,
        "account_number": line.account[:LONGEST_ACCOUNT],
        "amount": line.amount,
        "credited": line.credited,
        "fee": line.fee,
        "paid_at": line.paid_at,
        "state": BankOperationState.unidentified if payment_id is None else BankOperationState.posted,
        "payment_id": payment_id,
        "purpose": line.purpose,
        "import_batch_id": batch.id,
    }


def _count(row: Mapping[str, Any], outcome: Outcome) -> None:
    if row["payment_id"] is None:
        outcome.counts["unidentified"] += 1
    else:
        outcome.counts["payments"] += 1
        outcome.add_sum("total", row["amount"])
