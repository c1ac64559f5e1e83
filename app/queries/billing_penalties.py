"""Penalties of a month over all debtors: the rules of `domain/billing_penalties.py`, one statement for each step.

A debt is what a month was billed, penalties left out. Money pays the oldest debt first: debts and money are each laid
out along a line, and where they meet, a part of a debt was paid on a day. Days are counted since 1970.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    insert,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountPeriod,
    AccountStatus,
    EntryKind,
    LedgerEntry,
    LegalEntity,
    PayerClass,
    PayerGroup,
    Payment,
    PenaltyCharge,
    Period,
)
from .billing_tables import (
    CAME,
    DEBT,
    DEBTOR,
    MONTH,
    MOVE,
    NET,
    NEVER,
    PAID,
    PART,
    SETTLED,
    WEIGHT,
    Month,
    Number,
    analyze,
    day_number,
    fenced,
    fill,
    half_up,
    larger,
    select_from,
    smaller,
    total,
    whole,
)
from .ledger import MONEY

DAY = 86_400
LIMB = 10**6  # kopecks: weights are multiplied with less than so many at a time
PRINCIPAL = (EntryKind.opening, EntryKind.charge, EntryKind.correction)


def due_dates(session: Session, group: PayerGroup) -> dict[date, date]:
    """The day by which the bills of each month were to be paid, as they said."""
    rows = session.execute(select(Period.first_on, Period.due_on).where(Period.payer_group == group))
    return {first_on: due_on for first_on, due_on in rows if due_on is not None}


def add_debtors(session: Session, month: Month, late: Collection[PayerClass]) -> None:
    """The services of accounts that may owe a penalty: who left a debt unpaid for a whole month, by the facts of the
    two months before (the calculation before may not have known of a payment), or had money returned in this one.

    `late` classes bear nothing yet for the bill of the month before; of the others whoever owed anything is looked at.
    """
    fact, is_of_group = AccountPeriod, Account.payer_group == month.group
    of_group = is_of_group, month.part.has(Account.id), Account.status != AccountStatus.undone
    by_group = case((Account.payer_group == PayerGroup.population, "citizen"), else_="other")
    payer_class = func.coalesce(cast(LegalEntity.payer_class, String), by_group)
    unpaid = or_(whole(fact.opening) - whole(fact.paid) > 0, and_(payer_class.not_in([*late]), whole(fact.closing) > 0))
    entry = LedgerEntry
    found = union(
        select(fact.account_id, fact.service_id, payer_class.label("payer_class"))
        .join_from(fact, Account, Account.id == fact.account_id)
        .outerjoin(LegalEntity, LegalEntity.id == Account.legal_entity_id)
        .where(fact.period.in_([month.before(2), month.before(1)]), *of_group, unpaid),
        select(entry.account_id, entry.service_id, payer_class)
        .join_from(entry, Account, Account.id == entry.account_id)
        .outerjoin(LegalEntity, LegalEntity.id == Account.legal_entity_id)
        .where(entry.period == month.first, *of_group, entry.kind.in_(MONEY), whole(entry.amount) > 0),
    ).subquery()
    rows = select(found.c.account_id, found.c.service_id, found.c.payer_class)
    session.execute(insert(DEBTOR).from_select(["account_id", "service_id", "payer_class"], rows))
    analyze(session, DEBTOR)


def add_moves(session: Session, month: Month) -> None:
    """All that stands in the ledger of the debtors, penalties left out: what is billed, and money with its sign turned.
    What the month itself bills is no debt yet. (Whose an entry is, is asked before what it is: it costs less.)"""
    entry, of = LedgerEntry, DEBTOR.c
    of_service = and_(entry.account_id == of.account_id, entry.service_id == of.service_id)
    row = fenced(
        select(of.account_id, of.service_id, of.payer_class)
        .add_columns(entry.period, entry.kind, whole(entry.amount).label("amount"), entry.source, entry.posted_at)
        .join_from(DEBTOR, entry, of_service)
        .where(month.part.has(entry.account_id))
    ).c
    is_money = row.kind.in_(MONEY)
    columns: dict[str, Number] = {
        **{name: row[name] for name in ("account_id", "service_id", "payer_class")},
        "n": MONTH.c.n,
        "amount": case((is_money, -row.amount), else_=row.amount),
        "is_money": is_money,
        "source": case((is_money, row.source)),
        "posted_at": case((is_money, row.posted_at)),
    }
    counts = or_(and_(is_money, row.period <= month.first), and_(row.kind.in_(PRINCIPAL), row.period < month.first))
    fill(session, MOVE, columns, row.kind.table.join(MONTH, MONTH.c.period == row.period), counts)
    analyze(session, MOVE)


def add_debts(session: Session) -> None:
    """What each month was billed, laid out along a line, the oldest first."""
    move = MOVE.c
    key = move.account_id, move.service_id, move.payer_class, move.n
    rows = select(*key, total(move.amount)).where(~move.is_money).group_by(*key)
    session.execute(insert(NET).from_select(["account_id", "service_id", "payer_class", "n", "amount"], rows))
    analyze(session, NET)
    net = NET.c
    owed = larger(net.amount, literal(0, BigInteger))
    line = cast(func.sum(owed).over(partition_by=(net.account_id, net.service_id), order_by=net.n), BigInteger)
    names = ("account_id", "service_id", "payer_class", "n")
    laid = fenced(select(*(net[name] for name in names), owed.label("owed"), line.label("hi"))).c
    columns: dict[str, Number] = {**{name: laid[name] for name in names}, "lo": laid.hi - laid.owed, "hi": laid.hi}
    fill(session, DEBT, columns, laid.hi.table, laid.owed > 0)


def add_money(session: Session, month: Month, offset: int) -> None:
    """What was received, by the day of payment, along the same line, where nothing was ever returned.

    `offset` is that of the local clock in seconds. `known` is what the calculation two months ago could know of.
    """
    _add_receipts(session, month, offset)
    of_service = CAME.c.account_id, CAME.c.service_id
    columns: dict[str, Number] = {
        "account_id": CAME.c.account_id,
        "service_id": CAME.c.service_id,
        "known": total(CAME.c.known),
        "received": total(CAME.c.amount),
        "is_returned": func.min(CAME.c.amount) < 0,
    }
    rows = select_from(columns, CAME).group_by(*of_service)
    session.execute(insert(SETTLED).from_select(list(columns), rows))
    by_day = select(*of_service, CAME.c.day, total(CAME.c.amount).label("amount")).group_by(*of_service, CAME.c.day)
    day = by_day.subquery().c
    service = (day.account_id, day.service_id)
    until = cast(func.sum(day.amount).over(partition_by=service, order_by=day.day), BigInteger)
    line = select(*service, day.day, (until - day.amount).label("lo"), until.label("hi")).subquery().c
    fill(session, PAID, {name: line[name] for name in line.keys()}, line.day.table, line.hi > line.lo)  # noqa: SIM118
    analyze(session, DEBT, PAID, SETTLED)


def _add_receipts(session: Session, month: Month, offset: int) -> None:
    """Payments and what was returned of them; and months that gave back more than they charged, on their last day."""
    move, until = MOVE.c, day_number(month.last)
    is_its = and_(
        Payment.account_id == move.account_id,
        move.source == literal("payment:") + cast(Payment.id, String) + ":" + cast(move.service_id, String),
    )
    columns: dict[str, Number] = {
        "account_id": move.account_id,
        "service_id": move.service_id,
        "day": _local_day(func.coalesce(Payment.paid_at, move.posted_at), offset),
        "amount": move.amount,
        "known": case((move.n <= month.number - 2, move.amount), else_=0),
    }
    paid = MOVE.outerjoin(Payment.__table__, and_(is_its, month.part.has(Payment.account_id)))
    came = select_from(columns, paid).where(move.is_money).subquery()
    fill(session, CAME, {column.name: column for column in came.c}, came, came.c.day <= until)
    net = NET.c
    credits: dict[str, Number] = {
        "account_id": net.account_id,
        "service_id": net.service_id,
        "day": MONTH.c.last_day,
        "amount": -net.amount,
        "known": case((net.n <= month.number - 2, -net.amount), else_=0),
    }
    fill(session, CAME, credits, NET.join(MONTH, MONTH.c.n == net.n), net.amount < 0)


def _local_day(moment: ColumnElement[object], offset: int) -> Number:
    seconds = cast(func.floor(extract("epoch", moment)), BigInteger)
    return (seconds + offset) // DAY


def add_parts(session: Session, month: Month) -> None:
    """The parts of debts that may still cost more: paid on a day, or unpaid to the end of the month. A debt that was
    settled two months ago was counted to its end then."""
    debt = DEBT.c
    settled = and_(SETTLED.c.account_id == debt.account_id, SETTLED.c.service_id == debt.service_id)
    received = func.coalesce(SETTLED.c.received, 0, type_=BigInteger())
    is_active = and_(debt.hi > func.coalesce(SETTLED.c.known, 0), ~func.coalesce(SETTLED.c.is_returned, False))
    same: dict[str, Number] = {name: debt[name] for name in ("account_id", "service_id", "payer_class", "n")}
    same["again"] = literal(NEVER, BigInteger)
    paid: dict[str, Number] = {
        **same,
        "day": PAID.c.day,
        "amount": smaller(debt.hi, PAID.c.hi) - larger(debt.lo, PAID.c.lo),
    }
    meets = and_(
        PAID.c.account_id == debt.account_id,
        PAID.c.service_id == debt.service_id,
        PAID.c.hi > debt.lo,
        PAID.c.lo < debt.hi,
    )
    source = DEBT.outerjoin(SETTLED, settled)
    fill(session, PART, paid, source.join(PAID, meets), is_active)
    unpaid: dict[str, Number] = {
        **same,
        "day": literal(day_number(month.last), BigInteger),
        "amount": debt.hi - larger(debt.lo, received),
    }
    fill(session, PART, unpaid, source, is_active, debt.hi > received)


@dataclass(slots=True)
class Returned:
    """A service of an account that money was returned to: what each month billed, and money by day, in kopecks."""

    payer_class: str
    billed: dict[int, int] = field(default_factory=dict)
    money: list[tuple[int, int]] = field(default_factory=list)


def returned(session: Session) -> dict[tuple[int, int], Returned]:
    """By account and service; there are few."""
    found: dict[tuple[int, int], Returned] = {}
    for table, columns in ((NET, (NET.c.payer_class, NET.c.n, NET.c.amount)), (CAME, (CAME.c.day, CAME.c.amount))):
        of_service = and_(table.c.account_id == SETTLED.c.account_id, table.c.service_id == SETTLED.c.service_id)
        key = SETTLED.c.account_id, SETTLED.c.service_id
        rows = session.execute(
            select(*key, *columns).join_from(SETTLED, table, of_service).where(SETTLED.c.is_returned)
        )
        for account_id, service_id, *values in rows:
            if table is NET:
                payer_class, n, amount = values
                found.setdefault((account_id, service_id), Returned(payer_class)).billed[n] = amount
            elif (account_id, service_id) in found:
                found[account_id, service_id].money.append((values[0], values[1]))
    return found


def delays(session: Session) -> list[tuple[str, int, int, int]]:
    """Every class, month, day of payment and day of the return before it that a part of a debt has."""
    rows = session.execute(select(PART.c.payer_class, PART.c.n, PART.c.day, PART.c.again).distinct())
    return [(payer_class, n, day, again) for payer_class, n, day, again in rows]


def write_penalties(session: Session, month: Month, unit: int) -> None:
    """The penalty of each debt to this day, less what was charged for it. A part of a debt costs its amount × weight /
    `unit`, exact; the sum over the parts is rounded once."""
    part = PART.c
    same = and_(*(WEIGHT.c[name] == part[name] for name in ("payer_class", "n", "day", "again")))
    high, low, weight = part.amount // LIMB, part.amount % LIMB, WEIGHT.c.weight
    rest = high * weight % unit * LIMB + low * weight
    key = ("account_id", "service_id", "n")
    exact = fenced(
        select(
            *(part[name] for name in key),
            WEIGHT.c.days,
            (high * weight // unit * LIMB + rest // unit).label("kopecks"),
            (rest % unit).label("rest"),
        ).join_from(PART, WEIGHT, same)
    ).c
    by_debt = fenced(
        select(
            *(exact[name] for name in key),
            func.max(exact.days).label("days"),
            (total(exact.kopecks) + half_up(total(exact.rest), literal(unit, BigInteger))).label("to_date"),
        ).group_by(*(exact[name] for name in key))
    ).c
    charged = _charged(month).subquery().c
    amount = by_debt.to_date - func.coalesce(charged.amount, 0)
    columns: dict[str, Number] = {
        "account_id": by_debt.account_id,
        "service_id": by_debt.service_id,
        "period": literal(month.first),
        "debt_period": MONTH.c.period,
        "days": by_debt.days,
        "to_date": by_debt.to_date,
        "amount": amount,
    }
    of_debt = and_(
        charged.account_id == by_debt.account_id,
        charged.service_id == by_debt.service_id,
        charged.debt_period == MONTH.c.period,
    )
    source = by_debt.n.table.join(MONTH, MONTH.c.n == by_debt.n).outerjoin(charged.amount.table, of_debt)
    rows = select_from(columns, source).where(amount != 0).order_by(by_debt.account_id, by_debt.service_id, by_debt.n)
    session.execute(insert(PenaltyCharge).from_select(list(columns), rows))


def _charged(month: Month) -> Select[int, int, date, int]:
    row = PenaltyCharge
    key = row.account_id, row.service_id, row.debt_period
    amount: Number = total(whole(row.amount)).label("amount")
    mine = and_(row.account_id == DEBTOR.c.account_id, row.service_id == DEBTOR.c.service_id)
    return select(*key, amount).join_from(DEBTOR, row, mine).where(row.period < month.first).group_by(*key)
