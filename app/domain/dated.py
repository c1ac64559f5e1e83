"""Rates between two dates: in a line of rows no two hold on the same day, and between those that count no day is bare.

A line is the rows of a table with the same key: the prices of a service for a payer group in a territory, the whole
of the tax. A draft keeps its days in the line and does not count yet, so that a border between two rows is moved by
making the later one a draft for the while.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from ..formats import short_date
from ..i18n import _
from ..models import (
    ActStatus,
    Coefficient,
    DueDay,
    KeyRate,
    Moratorium,
    Normative,
    PenaltyShare,
    RateCap,
    Tariff,
    VatRate,
)
from ..queries import rates as queries
from .billing import WATER
from .errors import DomainError

DAY = timedelta(days=1)
TEXTS = ("territory", "category", "act")


def _tariff(row: Tariff) -> None:
    if not row.territory:
        raise DomainError(_("Enter the town as it stands in addresses."), field="territory")
    if row.price <= 0:
        raise DomainError(_("Enter a price above zero."), field="price")


def _normative(row: Normative) -> None:
    if not row.category:
        raise DomainError(_("Enter the kind of housing."), field="category")
    if row.volume <= 0:
        raise DomainError(_("Enter a volume above zero."), field="volume")
    if row.id is None and row.service.code not in WATER:
        message = _(
            "Sewerage has no normative of its own: its volume is all the water used, cold and hot. Enter the normatives"
            " of those two."
        )
        raise DomainError(message, field="service")


def _coefficient(row: Coefficient) -> None:
    if row.value < 1:
        raise DomainError(_("Enter 1 or more: a coefficient raises."), field="value")


def _percent(row: VatRate | KeyRate | RateCap) -> None:
    if not 0 <= row.percent <= 100:
        raise DomainError(_("Enter a percent from 0 to 100."), field="percent")


def _share(row: PenaltyShare) -> None:
    if row.first_day < 1:
        raise DomainError(_("Enter the day of delay, counted from 1."), field="first_day")
    if row.share < 0:
        raise DomainError(_("Enter the number under the line, 300 of 1/300, or 0 for no penalty."), field="share")


def _due_day(row: DueDay) -> None:
    if not 1 <= row.day <= 28:
        raise DomainError(_("Enter a day of the month from 1 to 28: every month has it."), field="day")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with equal `key` stand in one line, each from `since` to `until`, both included (None: until the next one).

    `rule` looks at the values of a row. Between rows of a table that `may_pause` there may be bare days. A month is
    billed by what is in force on its last day: a table of `whole_months` does not change within one. (Coefficients do:
    its decrees come into force on any day, and a month takes that of its last day.)
    """

    model: type[Any]
    rule: Callable[[Any], None] | None = None
    key: tuple[str, ...] = ()
    since: str = "valid_from"
    until: str | None = "valid_to"
    may_pause: bool = False
    whole_months: bool = False


TABLES = {
    "tariffs": Table(Tariff, _tariff, key=("service", "payer_group", "territory"), whole_months=True),
    "normatives": Table(Normative, _normative, key=("category", "service"), whole_months=True),
    "coefficients": Table(Coefficient, _coefficient, key=("service",)),
    "vat_rates": Table(VatRate, _percent, whole_months=True),
    "key_rates": Table(KeyRate, _percent, until=None),
    "penalty_caps": Table(RateCap, _percent, may_pause=True),
    "penalty_shares": Table(PenaltyShare, _share, key=("payer_class", "first_day"), may_pause=True),
    "moratoria": Table(Moratorium, since="first_on", until="last_on", may_pause=True),
    "due_days": Table(DueDay, _due_day),
}
"""By the names that their files begin with."""
_BY_MODEL = {table.model: table for table in TABLES.values()}


def prepare(session: Session, row: Any) -> None:
    """Clean a row of any of the tables and fit it into its line, inside the transaction that writes it.

    Raises DomainError (with the column as its field), naming the neighbour that is in the way and what to do.
    """
    table = _BY_MODEL[type(row)]
    for name in TEXTS:
        if getattr(row, name, None):
            setattr(row, name, " ".join(getattr(row, name).split()))
    if table.rule is not None:
        table.rule(row)
    _check_order(table, row)
    queries.lock(session, table.model)
    others = queries.others(session, row, table.key)
    _refuse_overlaps(table, row, others)
    if table.until is not None and not table.may_pause:
        _refuse_gaps(table, row, others)
    if table.whole_months and row.status is not ActStatus.draft:
        _refuse_parts_of_months(table, row)


def before_deletion(row: Any) -> None:
    """Raises DomainError for a row that counts, or did."""
    if row.status is not ActStatus.draft:
        raise DomainError(_("Only a draft may be deleted. What was in force stays on record: give it a last day."))


def _check_order(table: Table, row: Any) -> None:
    if table.until is None:
        return
    since, until = getattr(row, table.since), getattr(row, table.until)
    if until == date.max:
        setattr(row, table.until, None)  # how other programs say "for ever"
    elif until is not None and until < since:
        raise DomainError(_("Enter a last day that is not before the first one."), field=table.until)


def _refuse_overlaps(table: Table, row: Any, others: list[Any]) -> None:
    since, until = _span(table, row)
    for other in sorted(others, key=lambda each: getattr(each, table.since)):
        other_since, other_until = _span(table, other)
        if other_since == since:
            raise DomainError(_("“%(row)s” begins on that day already: change that row.", row=other), field=table.since)
        if table.until is not None and other_since <= until and since <= other_until:
            raise _overlap(table, row, other)


def _overlap(table: Table, row: Any, other: Any) -> DomainError:
    since = getattr(row, table.since)
    other_since, other_until = _span(table, other)
    if other_since > since:
        day = short_date(other_since - DAY)
        message = _("“%(row)s” begins before that. End on %(day)s, or move that row first.", row=other, day=day)
        return DomainError(message, field=table.until)
    if other_until == date.max:
        day = short_date(since - DAY)
        message = _("“%(row)s” has no last day. Open that row first and enter %(day)s there.", row=other, day=day)
        return DomainError(message, field=table.since)
    message = _(
        "“%(row)s” holds until %(until)s. Begin on %(day)s, or shorten that row first.",
        row=other,
        until=short_date(other_until),
        day=short_date(other_until + DAY),
    )
    return DomainError(message, field=table.since)


def _refuse_gaps(table: Table, row: Any, others: list[Any]) -> None:
    counted = [each for each in (*others, row) if each.status is not ActStatus.draft]
    for earlier, later in pairwise(sorted(counted, key=lambda each: getattr(each, table.since))):
        end, start = _span(table, earlier)[1], _span(table, later)[0]
        if end < start - DAY:
            raise _gap(table, row, earlier, later)


def _refuse_parts_of_months(table: Table, row: Any) -> None:
    since, until = getattr(row, table.since), getattr(row, table.until or "")
    if since.day != 1:
        message = _("A month is billed by one figure alone: begin on the first day of a month.")
        raise DomainError(message, field=table.since)
    if until is not None and (until + DAY).day != 1:
        message = _("A month is billed by one figure alone: end on the last day of a month.")
        raise DomainError(message, field=table.until)


def _gap(table: Table, row: Any, earlier: Any, later: Any) -> DomainError:
    """The days between two rows that count, in words for the one that is being saved."""
    bare = {
        "first": short_date(_span(table, earlier)[1] + DAY),
        "last": short_date(_span(table, later)[0] - DAY),
    }
    if row is later:
        message = _(
            "From %(first)s to %(last)s nothing would be in force: “%(row)s” has ended by then. Begin on %(first)s,"
            " or keep this row a draft until that one is prolonged.",
            row=earlier,
            **bare,
        )
        return DomainError(message, field=table.since)
    message = _(
        "From %(first)s to %(last)s nothing would be in force: “%(row)s” begins only then. End on %(last)s,"
        " or make that row a draft first.",
        row=later,
        **bare,
    )
    return DomainError(message, field=table.until if row is earlier else "status")


def _span(table: Table, row: Any) -> tuple[date, date]:
    """The first and the last day of a row; date.max where it has no last one."""
    until = None if table.until is None else getattr(row, table.until)
    return getattr(row, table.since), until or date.max
