"""The control sums of a month beside those of the month before: counted once by the calculation, kept with its run."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ..models import Account, PayerGroup, Period, Service
from ..queries import control_sums as queries
from ..queries.billing_tables import ALL, Part
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


def count(session: Session, period: Period, part: Part = ALL) -> dict[str, Any]:
    """What the charges come to, as JSON: sums of both months by service, the accounts that moved most, and how many
    could not be charged, by the reason."""
    month, group = period.first_on, period.payer_group
    before = previous_month(month)
    movers = queries.movers(session, month, before, group, MOST_MOVERS, part)
    return {
        **_sums(session, {"before": before, "now": month}, group, part),
        "movers": [[mover.account_id, str(mover.before), str(mover.now)] for mover in movers],
        "not_billed": queries.not_billed(session, month, group, part),
    }


def of(session: Session, period: Period) -> dict[str, Any]:
    """What the charges of the month come to by service, as `count` says it."""
    sums: dict[str, Any] = _sums(session, {"now": period.first_on}, period.payer_group)["now"]
    return sums


def _sums(session: Session, months: Mapping[str, date], group: PayerGroup, part: Part = ALL) -> dict[str, Any]:
    found = queries.by_service(session, list(months.values()), group, part)
    penalties = queries.penalties(session, list(months.values()), group, part)
    sums = {}
    for name, month in months.items():
        accounts, amount = penalties.get(month, (0, Decimal(0)))
        of_month = {str(service_id): each for (of, service_id), each in found.items() if of == month}
        of_month[PENALTY] = Sums(accounts, Decimal(0), Decimal(0), amount)
        sums[name] = {service: _json(each) for service, each in of_month.items()}
    return sums


def together(counted: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What was counted of parts of the accounts, as if it had been counted of all at once."""
    made: dict[str, Any] = {}
    for month in ("now", "before"):
        sums: defaultdict[str, Sums] = defaultdict(lambda: NOTHING)
        for part in counted:
            for service in part[month]:
                sums[service] += _kept(part, month, service)
        made[month] = {service: _json(each) for service, each in sums.items()}
    movers = [mover for part in counted for mover in part["movers"]]
    rose = sorted((mover for mover in movers if _rise(mover) > 0), key=lambda mover: (-_rise(mover), mover[0]))
    fell = sorted((mover for mover in movers if _rise(mover) < 0), key=lambda mover: (_rise(mover), mover[0]))
    reasons = sum((Counter(part["not_billed"]) for part in counted), Counter[str]())
    return {
        **made,
        "movers": rose[:MOST_MOVERS] + fell[:MOST_MOVERS],
        "not_billed": dict(sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))),
    }


def _json(sums: Sums) -> dict[str, Any]:
    return {name: value if name == "accounts" else str(value) for name, value in asdict(sums).items()}


def _kept(counted: Mapping[str, Any], month: str, service: str) -> Sums:
    kept = counted[month].get(service)
    if kept is None:
        return NOTHING
    return Sums(kept["accounts"], *(Decimal(kept[each]) for each in ("volume", "vat", "amount")))


def _rise(mover: Sequence[Any]) -> Decimal:
    return Decimal(mover[2]) - Decimal(mover[1])


def rows(counted: Mapping[str, Any], services: Sequence[Service]) -> list[Row]:
    """The sums by service in the order of the bill, penalties last."""
    *made, penalties = (
        Row(service, *(_kept(counted, month, str(service.id) if service else PENALTY) for month in ("before", "now")))
        for service in (*services, None)
    )
    return [*(row for row in made if row.now.accounts or row.before.accounts), penalties]


def moved(session: Session, counted: Mapping[str, Any]) -> list[Moved]:
    """The accounts that moved most, those whose charges rose before those whose charges fell."""
    accounts = queries.accounts(session, [account_id for account_id, _before, _now in counted["movers"]])
    return [Moved(accounts[account_id], Decimal(before), Decimal(now)) for account_id, before, now in counted["movers"]]
