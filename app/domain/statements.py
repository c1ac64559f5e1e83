"""The statement of an account: what was charged, corrected and paid in each period, so that the parts add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from sqlalchemy.orm import Session

from ..models import Charge, EntryKind, LedgerEntry
from ..queries import charges, ledger
from ..queries.ledger import MONEY
from ..queries.periods import PeriodPage
from .ledger import is_by_hand

NOTHING = Decimal("0.00")
CHARGED = "charge:"
"""How the sources of entries begin that billing posts for charge lines."""


@dataclass(frozen=True)
class Month:
    """One period in roubles; debt is positive: opening + charged − paid = closing. `lines` are charge lines with
    their volume and price, `extra` what was charged or corrected without them, `money` what was paid, returned and set
    off. `is_draft` until the month is approved: there is no bill of it before."""

    period: date
    opening: Decimal
    lines: Sequence[Charge]
    extra: Sequence[LedgerEntry]
    money: Sequence[LedgerEntry]
    is_draft: bool = False

    @property
    def has_bill(self) -> bool:
        return not self.is_draft and bool(self.lines or self.extra)

    @cached_property
    def charged(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOTHING) + sum((entry.amount for entry in self.extra), NOTHING)

    @cached_property
    def paid(self) -> Decimal:
        return -sum((row.amount for row in self.money), NOTHING)

    @cached_property
    def closing(self) -> Decimal:
        return self.opening + self.charged - self.paid

    @property
    def vat(self) -> Decimal:
        return sum((line.vat for line in self.lines), NOTHING)


@dataclass(frozen=True, slots=True)
class Statement:
    """Months of an account, the newest first."""

    months: Sequence[Month]
    page: PeriodPage


def of_account(
    session: Session, account_id: int, *, before: date | None = None, after: date | None = None, size: int = 6
) -> Statement:
    """A page of the account's months; three statements."""
    page = ledger.periods_of(session, account_id, before=before, after=after, size=size)
    if not page.periods:
        return Statement((), page)
    last, first = page.periods[0], page.periods[-1]
    moved = ledger.movements(session, account_id, first, last)
    lines, balance = charges.lines_between(session, account_id, first, last), moved.opening
    months: list[Month] = []
    for period in reversed(page.periods):
        of_month = [e for e in moved.entries if e.period == period], [c for c in lines if c.period == period]
        month = _month(period, balance, *of_month, is_draft=period in moved.drafts)
        balance = month.closing
        months.append(month)
    return Statement(months[::-1], page)


def _month(
    period: date, balance: Decimal, entries: Sequence[LedgerEntry], charged: Sequence[Charge], *, is_draft: bool
) -> Month:
    opening = balance + sum((entry.amount for entry in entries if entry.kind is EntryKind.opening), NOTHING)
    money = [entry for entry in entries if entry.kind in MONEY]
    posted = [entry for entry in entries if entry.kind not in (*MONEY, EntryKind.opening)]
    lines, extra = explained(charged, posted)
    return Month(period, opening, lines, extra, money, is_draft)


def explained(lines: Sequence[Charge], entries: Sequence[LedgerEntry]) -> tuple[list[Charge], list[LedgerEntry]]:
    """A month's charge lines instead of the entries that they add up to, and the entries left, service by service. The
    ledger is what counts: where lines do not add up to it, its entries are shown as they are."""
    known: list[Charge] = []
    left: list[LedgerEntry] = []
    for service_id in dict.fromkeys([line.service_id for line in lines] + [entry.service_id for entry in entries]):
        of_service = [entry for entry in entries if entry.service_id == service_id]
        told = [line for line in lines if line.service_id == service_id]
        matched = _matched(sum((line.amount for line in told), NOTHING), of_service)
        known += told if matched is not None else []
        left += [entry for entry in of_service if entry not in (matched or ())]
    return known, left


def _matched(total: Decimal, entries: Sequence[LedgerEntry]) -> Sequence[LedgerEntry] | None:
    """The entries of a service that its lines were posted by: those that billing named so, or those of the kinds. What
    staff corrected by hand no line tells, whatever it comes to."""
    posted = [entry for entry in entries if not is_by_hand(entry)]
    for found in (
        [entry for entry in posted if entry.source.startswith(CHARGED)],
        [entry for entry in posted if entry.kind is EntryKind.charge],
        [entry for entry in posted if entry.kind in (EntryKind.charge, EntryKind.correction)],
    ):
        if sum((entry.amount for entry in found), NOTHING) == total:
            return found
    return None
