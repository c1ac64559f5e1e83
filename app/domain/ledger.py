"""The ledger: append-only entries per account and service. Debt is positive, money received is negative.

A balance is a sum of entries; a mistake is corrected by a new entry with a reason (law 3).
"""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock
from ..models import EntryKind, LedgerEntry

CORRECTION, OFFSET = "correction:", "offset:"
"""How the sources of entries begin that staff asked for by hand: their reasons are people's own words."""


def is_by_hand(entry: LedgerEntry) -> bool:
    return entry.source.startswith((CORRECTION, OFFSET))


def post(
    session: Session,
    *,
    account_id: int,
    service_id: int,
    period: date,
    kind: EntryKind,
    amount: Decimal,
    source: str,
    reason: str | None = None,
) -> LedgerEntry:
    """Add one entry in roubles. `source` names its cause and is unique within the account, so that one cause
    counts once (the flush raises IntegrityError otherwise). Raises ValueError for a correction without a reason."""
    if kind is EntryKind.correction and not reason:
        raise ValueError("A correction carries its reason")
    entry = LedgerEntry(
        account_id=account_id,
        service_id=service_id,
        period=period,
        kind=kind,
        amount=amount,
        source=source,
        reason=reason,
        posted_at=clock.now(),
    )
    session.add(entry)
    return entry
