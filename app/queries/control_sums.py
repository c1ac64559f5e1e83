"""What a month's charges come to, and which accounts they changed most for: a statement each over the whole month."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from operator import add

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_, union_all
from sqlalchemy.orm import Session, joinedload

from ..model_types import Money, Volume
from ..models import Account, Charge, NotBilled, PayerGroup, PenaltyCharge, Period, Premises, Service
from .billing_tables import ALL, Part
from .facts import MEASURED, is_of

Place = tuple[int, int]
"""Where a page of what was not billed starts: the account's and the service's id of the last row before it."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Accounts, m³ and roubles; the tax is a part of the amount."""

    accounts: int
    volume: Decimal
    vat: Decimal
    amount: Decimal

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*map(add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Mover:
    """An account and what it was charged in the month before and in this one, in roubles."""

    account_id: int
    before: Decimal
    now: Decimal


def by_service(
    session: Session, months: Sequence[date], group: PayerGroup, part: Part = ALL
) -> dict[tuple[date, int], Sums]:
    """The charge lines of months by month and the service's id. An account has one measured line of a service, beside
    which others may stand."""
    is_measured = Charge.kind.in_(MEASURED)
    rows = session.execute(
        select(
            Charge.period,
            Charge.service_id,
            func.sum(case((and_(is_measured, Charge.part == 0), 1), else_=0)),
            func.sum(case((is_measured, Charge.volume), else_=0), type_=Volume()),
            func.sum(Charge.vat),
            func.sum(Charge.amount),
        )
        .where(Charge.period.in_(months), is_of(Charge.account_id, [group]), part.has(Charge.account_id))
        .group_by(Charge.period, Charge.service_id)
    )
    return {(month, service_id): Sums(*sums) for month, service_id, *sums in rows}


def penalties(
    session: Session, months: Sequence[date], group: PayerGroup, part: Part = ALL
) -> dict[date, tuple[int, Decimal]]:
    """How many accounts each of the months charged penalties, and how much."""
    row = PenaltyCharge
    by_account = (
        select(row.period, func.sum(row.amount).label("amount"))
        .where(row.period.in_(months), row.amount != 0, is_of(row.account_id, [group]), part.has(row.account_id))
        .group_by(row.period, row.account_id)
        .subquery()
        .c
    )
    rows = session.execute(
        select(by_account.period, func.count(), func.sum(by_account.amount)).group_by(by_account.period)
    )
    return {month: (accounts, amount) for month, accounts, amount in rows}


def not_billed(session: Session, period: date, group: PayerGroup, part: Part = ALL) -> dict[str, int]:
    """How many services of accounts could not be charged, by the reason."""
    rows = session.execute(
        select(NotBilled.reason, func.count())
        .where(NotBilled.period == period, NotBilled.payer_group == group, part.has(NotBilled.account_id))
        .group_by(NotBilled.reason)
        .order_by(func.count().desc(), NotBilled.reason)
    )
    return {reason: count for reason, count in rows}


def movers(session: Session, period: date, before: date, group: PayerGroup, most: int, part: Part = ALL) -> list[Mover]:
    """The accounts whose charges rose most and fell most since another month, `most` of each."""
    amounts = select(
        Charge.account_id,
        case((Charge.period == before, Charge.amount), else_=0).label("before"),
        case((Charge.period == period, Charge.amount), else_=0).label("now"),
    ).where(Charge.period.in_((before, period)), is_of(Charge.account_id, [group]), part.has(Charge.account_id))
    lines = amounts.subquery()
    sums = (
        select(lines.c.account_id, *(func.sum(lines.c[name], type_=Money()).label(name) for name in ("before", "now")))
        .group_by(lines.c.account_id)
        .cte("sums")
    )
    by = sums.c.now - sums.c.before
    ends = (
        select(sums).where(by > 0).order_by(by.desc(), sums.c.account_id).limit(most).subquery(),
        select(sums).where(by < 0).order_by(by, sums.c.account_id).limit(most).subquery(),
    )
    rows = session.execute(union_all(*(select(end) for end in ends)))
    return [Mover(*row) for row in rows]


def accounts(session: Session, ids: Sequence[int]) -> dict[int, Account]:
    """With their premises, by id."""
    rows = select(Account).where(Account.id.in_(ids)).options(joinedload(Account.premises))
    return {account.id: account for account in session.scalars(rows)}


# Not billed ---------------------------------------------------------------------------------------------


def not_billed_page(
    session: Session, period: Period, reason: str | None, *, after: Place | None, size: int
) -> Sequence[NotBilled]:
    """The accounts' services that could not be charged, `size` of those after a place."""
    account = joinedload(NotBilled.account)
    rows = (
        select(NotBilled)
        .where(*_left_out(period, reason))
        .options(account.joinedload(Account.premises), joinedload(NotBilled.service))
        .order_by(NotBilled.account_id, NotBilled.service_id)
        .limit(size)
    )
    if after is not None:
        rows = rows.where(tuple_(NotBilled.account_id, NotBilled.service_id) > after)
    return session.scalars(rows).all()


def not_billed_rows(period: Period, reason: str | None) -> Select[str, str, str, str]:
    """A statement for a file: account, address, service, the reason's code."""
    return (
        select(Account.number, Premises.address, Service.name, NotBilled.reason)
        .join(Account, Account.id == NotBilled.account_id)
        .join(Premises, Premises.id == Account.premises_id)
        .join(Service, Service.id == NotBilled.service_id)
        .where(*_left_out(period, reason))
        .order_by(NotBilled.account_id, NotBilled.service_id)
    )


def _left_out(period: Period, reason: str | None) -> list[ColumnElement[bool]]:
    of_reason = [NotBilled.reason == reason] if reason else []
    return [NotBilled.period == period.first_on, NotBilled.payer_group == period.payer_group, *of_reason]
