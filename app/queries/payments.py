"""Payments, their operations at the gateway, what an account owes by period."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from ..models import (
    Account,
    EntryKind,
    GatewayEvent,
    GatewayOperation,
    LedgerEntry,
    Payee,
    Payment,
    PaymentChannel,
    PaymentLine,
    PaymentState,
    PaymentType,
    Service,
)
from .ledger import pays_for
from .literals import one_of

STARTED = (PaymentState.created, PaymentState.redirected)
OPEN = (*STARTED, PaymentState.sending, PaymentState.unknown, PaymentState.processing)
UNSIGNED = ("signature", "repeated", "oversized")
"""Reasons of refusals that prove no sender (`gateways.base.Refusal`)."""
OF_NO_PAYMENT = ("order",)
"""The reason of every signed message that names no payment of ours."""


@dataclass(frozen=True, slots=True)
class Movement:
    """The sum of one kind of entries of a service in a period, in roubles; debt is positive."""

    service_id: int
    period: date
    kind: EntryKind
    amount: Decimal


def locked_account(session: Session, account_id: int) -> Account | None:
    """The account, locked so that two payments of it are not started at once."""
    return session.scalar(select(Account).where(Account.id == account_id).with_for_update(key_share=True))


def locked_payment(session: Session, payment_id: int) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.id == payment_id).with_for_update())


def locked_by_order(session: Session, order_number: str) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.order_number == order_number).with_for_update())


def by_key(session: Session, account_id: int, key: str) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.account_id == account_id, Payment.idempotency_key == key))


def open_since(session: Session, account_id: int, payment_type_id: int, since: datetime) -> Payment | None:
    """The account's newest unfinished payment of a type that was started after a moment."""
    return session.scalar(
        select(Payment)
        .where(
            Payment.account_id == account_id,
            Payment.payment_type_id == payment_type_id,
            one_of(Payment.state, OPEN),
            Payment.created_at > since,
        )
        .order_by(Payment.id.desc())
        .limit(1)
    )


def waiting(session: Session, account_id: int, now: datetime, payment_type_id: int | None = None) -> Payment | None:
    """The account's newest payment, of a type or of any, that its customer may still go on with."""
    statement = WAITING if payment_type_id is None else WAITING.where(Payment.payment_type_id == payment_type_id)
    return session.scalar(statement, {"account_id": account_id, "now": now})


WAITING = (
    select(Payment)
    .where(
        Payment.account_id == bindparam("account_id"),
        one_of(Payment.state, STARTED),
        Payment.expires_at > bindparam("now"),
    )
    .order_by(Payment.id.desc())
    .limit(1)
)
"""The payment of `waiting`; needs `account_id` and `now`."""


def by_token(session: Session, token: str) -> Payment | None:
    """The payment of a status page's address, with its account and receipt."""
    return session.scalar(
        select(Payment)
        .where(Payment.status_token == token)
        .options(joinedload(Payment.account), selectinload(Payment.receipt))
    )


def with_receipt(session: Session, payment_id: int) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.id == payment_id).options(selectinload(Payment.receipt)))


def history(session: Session, account_id: int, *, before_id: int | None, most: int) -> Sequence[Payment]:
    """The account's payments with their receipts, newest first, older than one of them."""
    statement = select(Payment).where(Payment.account_id == account_id)
    if before_id is not None:
        statement = statement.where(Payment.id < before_id)
    return session.scalars(
        statement.options(selectinload(Payment.receipt)).order_by(Payment.id.desc()).limit(most)
    ).all()


def to_ask(session: Session, now: datetime, most: int) -> Sequence[Payment]:
    """Payments that the gateway is to be asked about now: open ones before those that were given up, then those that
    have waited longest."""
    is_given_up = Payment.state == PaymentState.canceled
    return session.scalars(
        select(Payment).where(Payment.ask_at <= now).order_by(is_given_up, Payment.ask_at, Payment.id).limit(most)
    ).all()


def move_all(
    session: Session, which: Select[int | None], *, states: tuple[PaymentState, PaymentState], at: datetime
) -> None:
    """Take the payments that a subquery names from one state to another; `domain/payment_states.py` says which."""
    before, after = states
    session.execute(
        update(Payment)
        .where(Payment.id.in_(which), Payment.state == before)
        .values(state=after, changed_at=at, ask_at=None)
        .execution_options(synchronize_session=False)
    )


def begun_since(session: Session, account_id: int, user_id: int | None, since: datetime) -> int:
    """How many card payments for an account a user, or all who do not sign in, have begun since then."""
    statement = select(func.count()).where(
        Payment.account_id == account_id,
        Payment.user_id.is_not_distinct_from(user_id),
        Payment.channel == PaymentChannel.card,
        Payment.created_at > since,
    )
    return session.scalar(statement) or 0


def has_refused(session: Session, reasons: Collection[str], since: datetime, number: int) -> bool:
    """Whether so many messages came since then that were refused for one of these reasons."""
    last = (
        select(GatewayEvent.id)
        .where(GatewayEvent.reason.in_(reasons), GatewayEvent.received_at > since)
        .offset(number - 1)
        .limit(1)
    )
    return session.scalar(last) is not None


def lines_of(session: Session, payment_id: int) -> Sequence[PaymentLine]:
    """The lines of a payment with their services, in the order of the services."""
    return session.scalars(
        select(PaymentLine)
        .join(PaymentLine.service)
        .where(PaymentLine.payment_id == payment_id)
        .options(joinedload(PaymentLine.service))
        .order_by(Service.position, Service.id)
    ).all()


def operation(session: Session, gateway: str, operation_id: str) -> GatewayOperation | None:
    return session.scalar(
        select(GatewayOperation).where(GatewayOperation.gateway == gateway, GatewayOperation.operation == operation_id)
    )


def operations(session: Session, payment_id: int) -> Sequence[GatewayOperation]:
    """What was counted for a payment, reversed ones too, oldest first."""
    return session.scalars(
        select(GatewayOperation).where(GatewayOperation.payment_id == payment_id).order_by(GatewayOperation.id)
    ).all()


def last_decision(session: Session, payment_id: int, kinds: Collection[str]) -> GatewayEvent | None:
    """The newest event of a payment of some kinds."""
    return session.scalar(
        select(GatewayEvent)
        .where(GatewayEvent.payment_id == payment_id, GatewayEvent.kind.in_(kinds))
        .order_by(GatewayEvent.id.desc())
        .limit(1)
    )


def begun_operation(session: Session, order_number: str, *, kind: str) -> str | None:
    """The gateway's number of the operation that a message of this kind told of last."""
    payload = session.scalar(
        select(GatewayEvent.payload)
        .where(
            GatewayEvent.payment_id == select(Payment.id).where(Payment.order_number == order_number).scalar_subquery()
        )
        .where(GatewayEvent.kind == kind)
        .order_by(GatewayEvent.id.desc())
        .limit(1)
    )
    return payload.get("MNT_OPERATION_ID") if payload else None


def _is_of(payment: Payment) -> ColumnElement[bool]:
    """Whether an entry is of a payment: of the money that came, that went back, or whose registry was taken back."""
    sources = (LedgerEntry.source.like(f"{kind}:{payment.id}:%") for kind in ("payment", "refund", "undo:payment"))
    return and_(LedgerEntry.account_id == payment.account_id, or_(*sources))


def entries_of(session: Session, payment: Payment) -> int:
    """How many entries the payment has."""
    return session.scalar(select(func.count()).select_from(LedgerEntry).where(_is_of(payment))) or 0


def standing(session: Session, payment: Payment) -> list[tuple[int, Decimal]]:
    """(service id, roubles) that came with the payment less what went back of it."""
    rows = session.execute(
        select(LedgerEntry.service_id, -func.sum(LedgerEntry.amount))
        .where(_is_of(payment))
        .group_by(LedgerEntry.service_id)
        .order_by(LedgerEntry.service_id)
    )
    return [(service_id, amount) for service_id, amount in rows]


def payable_services(session: Session, account_id: int) -> Sequence[Service]:
    """The services that the account pays this utility for, in their order."""
    return session.scalars(select(Service).where(pays_for(account_id)).order_by(Service.position, Service.id)).all()


def movements(session: Session, account_id: int) -> list[Movement]:
    """Everything that an account was charged and paid, summed by service, period and kind."""
    rows = session.execute(
        select(LedgerEntry.service_id, LedgerEntry.period, LedgerEntry.kind, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id == account_id)
        .group_by(LedgerEntry.service_id, LedgerEntry.period, LedgerEntry.kind)
    )
    return [Movement(*row) for row in rows]


def payment_type(session: Session, code: str = "utilities") -> PaymentType:
    return session.scalars(select(PaymentType).where(PaymentType.code == code)).one()


def payee(session: Session) -> Payee:
    """The utility itself: the receiver that `flask init` made first."""
    return session.scalars(select(Payee).order_by(Payee.id).limit(1)).one()
