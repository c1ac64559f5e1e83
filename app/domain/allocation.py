"""What a payment is counted for: each sum stays within its service and meets the oldest debt first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ..models import EntryKind
from ..queries.ledger import MONEY
from ..queries.payments import Movement
from .money import split


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed for one service and period, in roubles, above zero."""

    service_id: int
    period: date
    amount: Decimal
    is_penalty: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a payment: for a period's debt, or an advance where `period` is None."""

    service_id: int
    period: date | None
    amount: Decimal
    is_penalty: bool = False


def allocate(lines: Mapping[int, Decimal], debts: Iterable[Debt]) -> list[Part]:
    """Count the line of each service (id → roubles) for its debts: the oldest period first, penalties last,
    what is left over as an advance. The parts of a service add up to its line."""
    left = dict(lines)
    parts = []
    for debt in sorted(debts, key=lambda debt: (debt.is_penalty, debt.period)):
        taken = min(debt.amount, left.get(debt.service_id, Decimal(0)))
        if taken > 0:
            parts.append(Part(debt.service_id, debt.period, taken, debt.is_penalty))
            left[debt.service_id] -= taken
    return parts + [Part(service_id, None, amount) for service_id, amount in left.items() if amount > 0]


def unpaid(movements: Iterable[Movement]) -> list[Debt]:
    """The debts that the ledger's movements leave, once all that was received is counted for the oldest ones."""
    received: defaultdict[int, Decimal] = defaultdict(Decimal)
    owed = []
    for movement in movements:
        if movement.amount > 0 and movement.kind not in MONEY:  # a payment taken back is not owed anew
            is_penalty = movement.kind is EntryKind.penalty
            owed.append(Debt(movement.service_id, movement.period, movement.amount, is_penalty))
        else:
            received[movement.service_id] -= movement.amount
    paid: defaultdict[tuple[int, date | None, bool], Decimal] = defaultdict(Decimal)
    for part in allocate(received, owed):
        paid[part.service_id, part.period, part.is_penalty] += part.amount
    debts = []
    for debt in owed:
        key = (debt.service_id, debt.period, debt.is_penalty)
        met = min(debt.amount, paid[key])
        paid[key] -= met
        if debt.amount > met:
            debts.append(replace(debt, amount=debt.amount - met))
    return debts


def spread(amount: Decimal, balances: Sequence[tuple[int, Decimal]]) -> dict[int, Decimal]:
    """Lines for money that names no service: debts in proportion, the surplus an advance of the first service.

    `balances`: (service id, roubles) in the order of the services, debt is positive. Raises ValueError for none.
    """
    if not balances:
        raise ValueError("An account without services cannot be paid for")
    debts = [max(balance, Decimal(0)) for _, balance in balances]
    owed = min(amount, sum(debts, Decimal(0)))
    shares = split(owed, debts) if owed else [Decimal(0)] * len(debts)
    shares[0] += amount - owed
    return {service_id: share for (service_id, _), share in zip(balances, shares, strict=True) if share}
