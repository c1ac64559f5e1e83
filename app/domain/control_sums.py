"""The control sums of a month beside those of the month before: counted once by the calculation, kept with its run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ..models import Account, Period, Service
from ..queries import control_sums as queries
from ..queries.control_sums import Sums
from .calendar import previous_month

MOST_MOVERS = 10
PENALTY = "penalty"
NOTHING = Sums(0, Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Row:
    """A service (None: penalties) in the month before and in this one."""

    service: Service | None
    before: Sums
    now: Sums

    @property
    def by(self) -> Decimal:
        return self.now.amount - self.before.amount


@dataclass(frozen=True, slots=True)
class Moved:
    """An account and what it was charged, in roubles."""

    account: Account
    before: Decimal
    now: Decimal

    @property
    def by(self) -> Decimal:
        return self.now - self.before


def count(session: Session, period: Period) -> dict[str, Any]:
    """What the charges come to, as JSON: sums of both months by service, the accounts that moved most, and how many
    could not be charged, by the reason."""
    month, group = period.first_on, period.payer_group
    before = previous_month(month)
    movers = queries.movers(session, month, before, group, MOST_MOVERS)
    return {
        "now": of(session, period),
        "before": of(session, period, back=True),
        "movers": [[mover.account_id, str(mover.before), str(mover.now)] for mover in movers],
        "not_billed": queries.not_billed(session, month, group),
    }


def of(session: Session, period: Period, *, back: bool = False) -> dict[str, Any]:
    """What the charges of the month (`back`: of the month before) come to by service, as JSON."""
    month = previous_month(period.first_on) if back else period.first_on
    accounts, amount = queries.penalties(session, month, period.payer_group)
    sums = {
        str(service_id): each for service_id, each in queries.by_service(session, month, period.payer_group).items()
    }
    sums[PENALTY] = Sums(accounts, Decimal(0), Decimal(0), amount)
    return {
        name: {"accounts": each.accounts, "volume": str(each.volume), "vat": str(each.vat), "amount": str(each.amount)}
        for name, each in sums.items()
    }


def rows(counted: Mapping[str, Any], services: Sequence[Service]) -> list[Row]:
    """The sums by service in the order of the bill, penalties last."""
    made = [Row(service, *_pair(counted, str(service.id))) for service in services]
    return [*(row for row in made if row.now.accounts or row.before.accounts), Row(None, *_pair(counted, PENALTY))]


def _pair(counted: Mapping[str, Any], name: str) -> Iterator[Sums]:
    for month in ("before", "now"):
        kept = counted[month].get(name)
        yield (
            NOTHING
            if kept is None
            else Sums(kept["accounts"], *(Decimal(kept[each]) for each in ("volume", "vat", "amount")))
        )


def moved(session: Session, counted: Mapping[str, Any]) -> list[Moved]:
    """The accounts that moved most, those whose charges rose before those whose charges fell."""
    accounts = queries.accounts(session, [account_id for account_id, _before, _now in counted["movers"]])
    return [Moved(accounts[account_id], Decimal(before), Decimal(now)) for account_id, before, now in counted["movers"]]
