"""A day's register as one statement: what was counted here beside what the gateway, or the banks, say of it.

Each operation stands once: on the day that the other side gives it, and what the other side does not know on the day
that it was counted here. `key` orders the rows; money is in roubles, None where that side knows nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from ..models import (
    BankOperation,
    BankOperationState,
    GatewayOperation,
    Payment,
    PaymentChannel,
    PaymentState,
    Refund,
    RefundState,
    RegisterDay,
    RegisterLine,
)
from .dialects import insert_for
from .literals import one_of

BOTH, OURS, THEIRS, DIFFERS = MATCHES = ("both", "ours", "theirs", "differs")
OWN, RETURNED = 10**15, 2 * 10**15
"""Keys of what the other side does not know begin here: after those of its own rows."""
COLUMNS = ("operation", "place", "number", "is_refund", "ours", "theirs", "match", "payment_id")
WRITTEN = 500


class Total(NamedTuple):
    """How many operations match in one way, and their sums on both sides."""

    match: str
    number: int
    ours: Decimal | None
    theirs: Decimal | None


def of_gateway(gateway: str, since: datetime, until: datetime) -> Subquery:
    listed = and_(RegisterLine.gateway == gateway, RegisterLine.changed_at >= since, RegisterLine.changed_at < until)
    payment = and_(
        GatewayOperation.gateway == RegisterLine.gateway,
        GatewayOperation.operation == RegisterLine.operation,
        ~RegisterLine.is_refund,
    )
    refund = and_(Refund.id == RegisterLine.refund_id, Refund.state == RefundState.done)
    ours = func.coalesce(GatewayOperation.amount, Refund.amount)
    theirs = select(
        RegisterLine.id.label("key"),
        RegisterLine.operation.label("operation"),
        literal(gateway).label("place"),
        RegisterLine.order_number.label("number"),
        RegisterLine.is_refund.label("is_refund"),
        ours.label("ours"),
        case((RegisterLine.is_paid, RegisterLine.amount)).label("theirs"),
        _match(ours, RegisterLine.amount, RegisterLine.is_paid).label("match"),
        func.coalesce(GatewayOperation.payment_id, Refund.payment_id).label("payment_id"),
    )
    theirs = theirs.outerjoin(GatewayOperation, payment).outerjoin(Refund, refund)
    theirs = theirs.where(listed, or_(RegisterLine.is_paid, ours.is_not(None)))
    return union_all(theirs, _counted(gateway, since, until), _returned(gateway, since, until)).subquery()


def _counted(gateway: str, since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            OWN + GatewayOperation.id,
            GatewayOperation.operation,
            literal(gateway),
            Payment.order_number,
            literal(False),
            GatewayOperation.amount,
            null(),
            literal(OURS),
            GatewayOperation.payment_id,
        )
        .join(Payment, Payment.id == GatewayOperation.payment_id)
        .where(_counted_unlisted(gateway, since, until))
    )


def _counted_unlisted(gateway: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    is_listed = select(RegisterLine.id).where(
        RegisterLine.gateway == gateway, RegisterLine.operation == GatewayOperation.operation
    )
    of_day = and_(GatewayOperation.counted_at >= since, GatewayOperation.counted_at < until)
    return and_(GatewayOperation.gateway == gateway, of_day, ~is_listed.exists())


def _returned(gateway: str, since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    is_listed = select(RegisterLine.id).where(RegisterLine.gateway == gateway, RegisterLine.refund_id == Refund.id)
    paid_there = select(GatewayOperation.id).where(
        GatewayOperation.gateway == gateway, GatewayOperation.operation == Refund.operation
    )
    return select(
        RETURNED + Refund.id,
        Refund.operation,
        literal(gateway),
        literal("RF-") + func.substr(cast(10**10 + Refund.id, String), 2),
        literal(True),
        Refund.amount,
        null(),
        literal(OURS),
        Refund.payment_id,
    ).where(
        Refund.state == RefundState.done,
        and_(Refund.changed_at >= since, Refund.changed_at < until),
        paid_there.exists(),
        ~is_listed.exists(),
    )


def of_banks(since: datetime, until: datetime) -> Subquery:
    """Lines of registries that were taken back count on neither side."""
    counted = and_(Payment.id == BankOperation.payment_id, Payment.state == PaymentState.succeeded)
    theirs = (
        select(
            BankOperation.id.label("key"),
            BankOperation.operation.label("operation"),
            BankOperation.source.label("place"),
            BankOperation.account_number.label("number"),
            literal(False).label("is_refund"),
            Payment.amount.label("ours"),
            BankOperation.amount.label("theirs"),
            _match(Payment.amount, BankOperation.amount, literal(True)).label("match"),
            Payment.id.label("payment_id"),
        )
        .outerjoin(Payment, counted)
        .where(BankOperation.paid_at >= since, BankOperation.paid_at < until)
        .where(BankOperation.state != BankOperationState.undone)
    )
    is_listed = select(BankOperation.id).where(BankOperation.payment_id == Payment.id)
    is_of_banks = one_of(Payment.channel, [PaymentChannel.bank])
    own = select(
        OWN + Payment.id,
        literal(""),
        literal(""),
        literal(""),
        literal(False),
        Payment.amount,
        null(),
        literal(OURS),
        Payment.id,
    ).where(
        is_of_banks,
        and_(Payment.paid_at >= since, Payment.paid_at < until),
        Payment.state == PaymentState.succeeded,
        ~is_listed.exists(),
    )
    return union_all(theirs, own).subquery()


def _match(ours: Any, theirs: Any, is_paid: Any) -> ColumnElement[str]:
    return case((ours.is_(None), THEIRS), (and_(is_paid, ours == theirs), BOTH), else_=DIFFERS)


def totals(session: Session, register: Subquery) -> list[Total]:
    """Money that went back counts below zero."""
    column = register.c
    ours, theirs = (case((column.is_refund, -each), else_=each) for each in (column.ours, column.theirs))
    rows = session.execute(select(column.match, func.count(), func.sum(ours), func.sum(theirs)).group_by(column.match))
    return [Total(*row) for row in rows]


def rows(register: Subquery, matches: Collection[str]) -> Select[*tuple[Any, ...]]:
    """All that match in these ways, in their order."""
    column = register.c
    return select(*(column[name] for name in COLUMNS), column.key).where(column.match.in_(matches)).order_by(column.key)


def page(session: Session, register: Subquery, matches: Collection[str], *, after: int, most: int) -> Sequence[Any]:
    return session.execute(rows(register, matches).where(register.c.key > after).limit(most)).all()


# what the gateway said ----------------------------------------------------------------------------------


def day(session: Session, gateway: str, of: date) -> RegisterDay | None:
    return session.get(RegisterDay, (gateway, of))


def replace_lines(
    session: Session, gateway: str, since: datetime, until: datetime, said: Sequence[Mapping[str, Any]]
) -> None:
    """The list of a day anew: what is not in it any more goes."""
    listed = and_(RegisterLine.gateway == gateway, RegisterLine.changed_at >= since, RegisterLine.changed_at < until)
    session.execute(delete(RegisterLine).where(listed).execution_options(synchronize_session=False))
    write_lines(session, said)


def write_lines(session: Session, said: Sequence[Mapping[str, Any]]) -> None:
    """Bulk inserts stand here: law 1 does not look into them."""
    for some in _pieces(said):
        statement = insert_for(session, RegisterLine.__table__).values(list(some))
        changed = ("order_number", "is_refund", "refund_id", "amount", "is_paid", "changed_at")
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["gateway", "operation"], set_={name: statement.excluded[name] for name in changed}
            )
        )


def _pieces(said: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[Mapping[str, Any]]]:
    return (said[start : start + WRITTEN] for start in range(0, len(said), WRITTEN))


def unlisted(session: Session, gateway: str, since: datetime, until: datetime, most: int) -> Sequence[str]:
    """Operations that were counted here between two moments and that the gateway's lists do not have."""
    return session.scalars(
        select(GatewayOperation.operation)
        .where(_counted_unlisted(gateway, since, until))
        .order_by(GatewayOperation.id)
        .limit(most)
    ).all()
