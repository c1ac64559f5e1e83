"""What the debts of a demo account cost, month by month, by the product's own rules of penalties."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ... import clock
from ...models import PayerClass
from ..billing_penalties import Received, Weights, owed, parts
from ..calendar import previous_month
from ..estimates import last_day
from .payers import Amounts, Paid

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a month charged for the debt of an earlier one, roubles; `to_date` is all of it so far."""

    service: str
    period: date
    debt_period: date
    days: int
    to_date: Decimal
    amount: Decimal


class Debts:
    """`charged` gathers what `charge` finds, month after month."""

    def __init__(
        self, weights: Weights, payer_class: PayerClass, opening: Amounts, bills: Sequence[tuple[date, Amounts]]
    ) -> None:
        self._weights, self._class = weights, payer_class
        self._billed: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
        for period, bill in bills:
            for service, amount in bill.items():
                self._billed[service][period] = amount
        first = bills[0][0]
        for service, amount in opening.items():
            self._billed[service][first] = self._billed[service].get(first, NOTHING) + amount
        self._so_far: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
        self.charged: list[Penalty] = []

    def charge(self, period: date, paid: Sequence[Paid]) -> Amounts:
        """What a month charges, by service, after these payments."""
        found: Amounts = {}
        for service, billed in self._billed.items():
            known = {month: amount for month, amount in billed.items() if month < period}
            for penalty in self._penalties(service, period, known, paid):
                self.charged.append(penalty)
                self._so_far[service, penalty.debt_period] += penalty.amount
                found[service] = found.get(service, NOTHING) + penalty.amount
        return found

    def _penalties(
        self, service: str, period: date, billed: Mapping[date, Decimal], paid: Sequence[Paid]
    ) -> list[Penalty]:
        money = [Received(clock.local(each.at).date(), each.amounts.get(service, NOTHING)) for each in paid]
        money += [Received(last_day(month), -amount) for month, amount in billed.items() if amount < 0]
        if self._is_in_time(period, billed, money):
            return []
        costs = owed(parts(billed, money, last_day(period)), self._class, self._weights)
        rows = [
            Penalty(service, period, month, cost.days, cost.to_date, cost.to_date - self._so_far[service, month])
            for month, cost in costs.items()
        ]
        return [row for row in rows if row.amount]

    def _is_in_time(self, period: date, billed: Mapping[date, Decimal], money: Sequence[Received]) -> bool:
        """Whether all that may bear a penalty by the end of the period was paid before it."""
        last = previous_month(period)
        bears = self._weights.first_day(self._class) <= self._weights.days(last, last_day(period))
        debts = [max(amount, NOTHING) for month, amount in billed.items() if bears or month < last]
        return sum(debts) <= sum(each.amount for each in money if each.day < period)
