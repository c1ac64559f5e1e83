"""What stands on a bill (ПП 354, п. 69): who and where, lines with readings and method, corrections, penalties apart,
what was owed and paid. Roubles and m³; debt is positive.

A bill is of a period that is approved or closed: before, its charges are a draft. Sums are the ledger's; charge lines
tell them where they add up to them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.orm import Session

from ..model_types import AccountOwned
from ..models import (
    Account,
    Charge,
    ChargeMethod,
    EntryKind,
    LedgerEntry,
    Meter,
    MeterVolume,
    PayerGroup,
    PenaltyCharge,
    Reading,
    Service,
    VatMode,
)
from ..queries import bills as queries
from ..queries import periods
from ..queries.bills import Key, Later
from ..queries.ledger import MONEY
from . import calendar, explanations, rates
from .explanations import Cause, Extra, Line
from .statements import explained

NOTHING = Decimal("0.00")
UNTOLD = {
    EntryKind.charge: Cause.unlined,
    EntryKind.correction: Cause.corrections,
    EntryKind.penalty: Cause.penalties,
}
Row = TypeVar("Row", bound=AccountOwned)


@dataclass(frozen=True, slots=True)
class Sums:
    """One service over the period: opening + charged + corrected + penalty − paid = closing."""

    service: Service
    opening: Decimal
    charged: Decimal
    corrected: Decimal
    penalty: Decimal
    paid: Decimal
    later: Later

    @property
    def billed(self) -> Decimal:
        return self.charged + self.corrected + self.penalty

    @property
    def closing(self) -> Decimal:
        return self.opening + self.billed - self.paid

    @property
    def due(self) -> Decimal:
        """What the bill asks for."""
        return max(self.closing, NOTHING)

    @property
    def advance(self) -> Decimal:
        return max(-self.closing, NOTHING)

    @property
    def left(self) -> Decimal:
        """What of it is still to be paid now: money received since then met it first."""
        return max(min(self.closing - self.later.received, self.closing + self.later.change), NOTHING)


@dataclass(frozen=True, slots=True)
class Use:
    """What a meter was billed for: `shown` m³ between two values, of them `volume` in this period; `missing` is how
    many periods in a row no value came. Told by the reading itself where billing left no row (older periods)."""

    meter: Meter
    method: ChargeMethod
    before: Decimal | None
    after: Decimal | None
    shown: Decimal | None
    volume: Decimal
    missing: int = 0

    @property
    def went_round(self) -> bool:
        """Whether the meter went past its last number."""
        return self.before is not None and self.after is not None and self.after < self.before


@dataclass(frozen=True, slots=True)
class Bill:
    """`entries` are charges, corrections and penalties that no line tells; `penalties` tell where the last came from.
    `offsets` are advances of services set off against the debts of others: their sum is zero. `uses` stand behind the
    lines; `meters` are those that stood in the period."""

    account: Account
    period: date
    due_on: date | None
    sums: Sequence[Sums]
    lines: Sequence[Charge]
    entries: Sequence[LedgerEntry]
    penalties: Sequence[PenaltyCharge]
    offsets: Sequence[LedgerEntry]
    uses: Sequence[Use]
    meters: Sequence[Meter]

    def total(self, figure: str) -> Decimal:
        """A figure of `Sums` over all services. An overpaid service does not pay for another one: `due` is more than
        `closing` then."""
        return sum((getattr(each, figure) for each in self.sums), NOTHING)

    @property
    def received_since(self) -> Decimal:
        return sum((each.later.received for each in self.sums), NOTHING)

    @property
    def vat(self) -> Decimal:
        return sum((line.vat for line in self.lines), NOTHING)

    @property
    def is_empty(self) -> bool:
        """Nothing was charged or paid and nothing is owed: no paper is needed."""
        return not self.lines and not any(each.opening or each.billed or each.paid for each in self.sums)


@dataclass(frozen=True, slots=True)
class Told:
    """A bill beside the sum of the month before it, and the parts by which they differ."""

    bill: Bill
    previous: date
    was: Decimal
    now: Decimal
    parts: Sequence[explanations.Part]
    services: Sequence[Service]


def of_account(session: Session, account: Account, period: date) -> Bill | None:
    """The bill of one account; None where there is none to show. Months without a row came from another system: they
    have a bill where something was charged."""
    row = periods.of(session, period, account.payer_group)
    if row is not None and row.state not in periods.BILLED:
        return None
    bill = next(iter(of_accounts(session, [account.id], period)), None)
    if bill is None or bill.is_empty or (row is None and not bill.lines and not bill.entries):
        return None
    return bill


def of_accounts(session: Session, ids: Sequence[int], period: date) -> list[Bill]:
    """The bills of accounts of one payer group, in the order of their ids: so many statements for one as for all."""
    accounts = queries.accounts(session, ids)
    if not accounts:
        return []
    due_on = _due_on(session, period, accounts[0].payer_group)
    services = queries.services(session)
    before, later = queries.balances_before(session, ids, period), queries.later(session, ids, period)
    lines = _by_account(queries.lines(session, ids, period))
    entries = _by_account(queries.entries(session, ids, period))
    penalties = _by_account(queries.penalties(session, ids, period))
    meters = _by_account(queries.meters(session, ids, calendar.month_range(period)))
    volumes = {row.meter_id: row for row in queries.volumes(session, ids, period)}
    readings = {row.meter_id: row for row in queries.readings(session, ids, period)}
    bills = []
    for account in accounts:
        key = account.id
        known, untold = explained(lines[key], _posted(entries[key]))
        bills.append(
            Bill(
                account=account,
                period=period,
                due_on=due_on,
                sums=list(_sums(key, services, entries[key], before, later)),
                lines=known,
                entries=untold,
                penalties=penalties[key],
                offsets=[entry for entry in entries[key] if entry.kind is EntryKind.offset],
                uses=list(_uses(meters[key], volumes, readings)),
                meters=meters[key],
            )
        )
    return bills


def told(session: Session, bill: Bill) -> Told:
    """Why the bill is not the one of the month before."""
    ids, previous = [bill.account.id], calendar.previous_month(bill.period)
    entries = _posted(queries.entries(session, ids, previous))
    was = _month(bill.account, *explained(queries.lines(session, ids, previous), entries))
    now = _month(bill.account, bill.lines, bill.entries)
    return Told(bill, previous, was.total, now.total, explanations.difference(now, was), queries.services(session))


def _by_account(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def _due_on(session: Session, period: date, group: PayerGroup) -> date | None:
    """As fixed when the period was calculated; None where no due day is in force."""
    row = periods.of(session, period, group)
    if row is not None and row.due_on is not None:
        return row.due_on
    try:
        return rates.due_on(session, period)
    except LookupError:
        return None


def _posted(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """What was charged, without what was brought in as an opening balance and what was paid."""
    return [entry for entry in entries if entry.kind in UNTOLD]


def _sums(
    account_id: int,
    services: Sequence[Service],
    entries: Sequence[LedgerEntry],
    before: Mapping[Key, Decimal],
    later: Mapping[Key, Later],
) -> Iterator[Sums]:
    """The services that the account has anything to do with."""
    for service in services:
        key = account_id, service.id
        mine = [entry for entry in entries if entry.service_id == service.id]

        def total(*kinds: EntryKind, mine: Sequence[LedgerEntry] = mine) -> Decimal:
            return sum((entry.amount for entry in mine if entry.kind in kinds), NOTHING)

        opening = before.get(key, NOTHING) + total(EntryKind.opening)
        if opening or mine:
            yield Sums(
                service=service,
                opening=opening,
                charged=total(EntryKind.charge),
                corrected=total(EntryKind.correction),
                penalty=total(EntryKind.penalty),
                paid=-total(*MONEY),
                later=later.get(key, Later()),
            )


def _uses(
    meters: Sequence[Meter], volumes: Mapping[int, MeterVolume], readings: Mapping[int, Reading]
) -> Iterator[Use]:
    for meter in meters:
        row, reading = volumes.get(meter.id), readings.get(meter.id)
        if row is not None:
            yield Use(meter, row.method, row.from_value, row.to_value, row.shown, row.volume, row.missing)
        elif reading is not None and reading.volume is not None:
            before = (reading.value - reading.volume) % 10**meter.digits
            yield Use(meter, ChargeMethod.meter, before, reading.value, reading.volume, reading.volume)


def _month(account: Account, lines: Sequence[Charge], entries: Sequence[LedgerEntry]) -> explanations.Month:
    return explanations.Month(
        [_line(account, line) for line in lines],
        [Extra(entry.service_id, UNTOLD[entry.kind], entry.amount) for entry in entries],
    )


def _line(account: Account, line: Charge) -> Line:
    share = 1 + line.vat_rate / 100 if has_tax_on_top(account, line) else Decimal(1)
    return Line(
        service_id=line.service_id,
        kind=line.kind,
        method=line.method,
        volume=line.volume,
        price=line.price * share,
        coefficient=line.coefficient,
        amount=line.amount,
        residents=line.residents,
        normative=None if line.normative is None else line.normative.volume,
    )


def has_tax_on_top(account: Account, line: Charge) -> bool:
    """Whether VAT is added to the price, rather than inside it."""
    if line.tariff is not None:
        return line.tariff.vat_mode is VatMode.top
    return account.payer_group is PayerGroup.other
