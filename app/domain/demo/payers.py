"""When demo payers pay, and how much: most each month, some late, some not for months, some ahead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random

from ... import clock
from ...models import PaymentChannel
from ..calendar import next_month
from ..money import split

Amounts = dict[str, Decimal]  # roubles by the code of the service


@dataclass(frozen=True, slots=True)
class Habit:
    """On which days of the next month the bill is paid, every how many months, and the last months unpaid."""

    days: tuple[int, int]
    every: int = 1
    unpaid: int = 0
    ahead: Decimal = Decimal(0)  # roubles put down at once when the account falls into debt
    card_share: float = 0.35


@dataclass(frozen=True, slots=True)
class Paid:
    at: datetime
    channel: PaymentChannel
    amounts: Amounts


PUNCTUAL = Habit((6, 14))
Penalties = Callable[[date, Sequence[Paid]], Amounts]
"""What a month charges for the debts of the months before it, after these payments."""


def habit(rng: Random) -> Habit:
    kind = rng.random()
    if kind < 0.60:
        return PUNCTUAL
    if kind < 0.75:
        return Habit((16, 27))
    if kind < 0.83:
        return Habit((8, 20), every=rng.choice((2, 3)))
    if kind < 0.94:
        return Habit((8, 22), unpaid=rng.randint(1, 6))
    if kind < 0.96:
        return Habit((8, 22), unpaid=rng.randint(7, 20))
    return Habit((3, 12), ahead=Decimal(rng.choice((3000, 5000, 8000))))


def payments(
    rng: Random,
    payer: Habit,
    opening: Amounts,
    bills: Sequence[tuple[date, Amounts]],
    now: datetime,
    penalties: Penalties = lambda _period, _paid: {},
) -> list[Paid]:
    """What was paid by now for the bills of these periods, the opening balance with the first of them."""
    owed = dict(opening)
    paid: list[Paid] = []
    for number, (period, bill) in enumerate(bills):
        for service, amount in [*bill.items(), *penalties(period, paid).items()]:
            owed[service] = owed.get(service, Decimal(0)) + amount
        is_skipped = number >= len(bills) - payer.unpaid or number % payer.every
        day = next_month(period) + timedelta(days=rng.randint(*payer.days) - 1)
        at = clock.at(day, rng.randint(8, 21), rng.randint(0, 59))
        amounts = _amounts(payer, owed, bill)
        if is_skipped or at > now or not amounts:
            continue
        channel = PaymentChannel.card if rng.random() < payer.card_share else PaymentChannel.bank
        paid.append(Paid(at, channel, amounts))
        for service, amount in amounts.items():
            owed[service] -= amount
    return paid


def _amounts(payer: Habit, owed: Mapping[str, Decimal], bill: Mapping[str, Decimal]) -> Amounts:
    """What is owed, by service, an overpayment of one service left where it is; those who pay ahead add to it."""
    debts = {service: amount for service, amount in owed.items() if amount > 0}
    if not debts or not payer.ahead:
        return debts
    total = max(payer.ahead, sum(debts.values(), Decimal(0)).quantize(Decimal(100), ROUND_CEILING))
    weights = {service: max(bill.get(service, Decimal(0)), Decimal(1)) for service in owed}
    surplus = split(total - sum(debts.values()), list(weights.values()))
    return {
        service: amount
        for service, more in zip(weights, surplus, strict=True)
        if (amount := debts.get(service, Decimal(0)) + more) > 0
    }
