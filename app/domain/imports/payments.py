"""Payments out of a bank's registry.

A line is one of four: a payment posted to its account, an unidentified payment (its account is not known; the money
waits for a clerk), a repeated operation (known already, from this file or an earlier one: counted once), a refused
line. `payments` counts the first kind alone and `total` is their sum, so the four counts add up to the lines of the
file, and a second import of it says nothing but how many operations were repeated.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...model_types import number_key
from ...models import Account, BankOperation, BankOperationState, ImportBatch
from ...queries import imports as queries
from .. import payments
from . import refusals as why
from .bank_lines import BankLine
from .outcome import Outcome
from .text import Line

COUNTS = ("payments", "unidentified", "repeated")
LONGEST_ACCOUNT = 40


@dataclass(frozen=True, slots=True)
class GoodPayment:
    line: Line
    payment: BankLine


def store(session: Session, batch: ImportBatch, lines: Sequence[GoodPayment], outcome: Outcome) -> None:
    """Post what is not known yet. An operation whose import was undone is posted anew."""
    known = queries.bank_operations(session, batch.profile, {good.payment.operation for good in lines})
    accounts = _Accounts(session, {number_key(good.payment.account) for good in lines})
    for good in lines:
        operation = known.get(good.payment.operation)
        if operation is None or operation.state is BankOperationState.undone:
            known[good.payment.operation] = _post(session, batch, good.payment, operation, accounts, outcome)
        elif _is_same(operation, good.payment):
            outcome.counts["repeated"] += 1
        else:
            outcome.refuse(good.line, why.OTHER_OPERATION)


class _Accounts:
    """The accounts of a chunk by number; one that differs by leading zeros counts where it is the only one."""

    def __init__(self, session: Session, keys: set[str]) -> None:
        self._by_key: Mapping[str, list[Account]] = defaultdict(list)
        for account in queries.accounts_by_key(session, keys - {""}):
            self._by_key[account.number_key].append(account)

    def find(self, number: str) -> Account | None:
        same = self._by_key.get(number_key(number), [])
        exact = [account for account in same if account.number == number]
        found = exact or same
        return found[0] if len(found) == 1 else None


def _is_same(operation: BankOperation, line: BankLine) -> bool:
    return (operation.account_number, operation.amount) == (line.account[:LONGEST_ACCOUNT], line.amount)


def _post(
    session: Session,
    batch: ImportBatch,
    line: BankLine,
    undone: BankOperation | None,
    accounts: _Accounts,
    outcome: Outcome,
) -> BankOperation:
    operation = undone or BankOperation(source=batch.profile, operation=line.operation)
    operation.account_number, operation.amount = line.account[:LONGEST_ACCOUNT], line.amount
    operation.credited, operation.fee, operation.paid_at = line.credited, line.fee, line.paid_at
    operation.import_batch_id = batch.id
    account = accounts.find(line.account)
    if account is None or not queries.has_billed_service(session, account.id):
        operation.state, operation.payment_id = BankOperationState.unidentified, None
        outcome.counts["unidentified"] += 1
    else:
        payment = payments.record_bank_payment(
            session,
            account=account,
            amount=line.amount,
            paid_at=line.paid_at,
            operation=line.operation,
            source=f"{batch.profile}:{batch.id}",  # an operation that was undone is another payment the next time
        )
        operation.state, operation.payment_id = BankOperationState.posted, payment.id
        outcome.counts["payments"] += 1
        outcome.add_sum("total", line.amount)
    session.add(operation)
    return operation
