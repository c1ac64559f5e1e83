"""The demo's payments written down: by card with a gateway's operation and a receipt, or through a bank."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from ... import clock, formats
from ...models import (
    EntryKind,
    GatewayOperation,
    LedgerEntry,
    Payee,
    PayerGroup,
    Payment,
    PaymentChannel,
    PaymentLine,
    PaymentState,
    Receipt,
    ReceiptSeries,
    Service,
    SiteUser,
)
from ...queries import demo as queries
from ...queries import payments, system
from ..allocation import Part, allocate, unpaid
from ..calendar import previous_month
from .history import SEED, Story
from .payers import Paid

GATEWAY = "sandbox"


@dataclass(slots=True)
class Desk:
    """What every payment needs, and the rows made so far."""

    services: dict[str, Service]
    users: dict[int, SiteUser]  # who acts for an account, by its id
    payee: Payee
    type_id: int
    utility: str
    receipts: dict[int, int] = field(default_factory=dict)  # the last number given in a year
    rows: dict[type[Any], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, model: type[Any], **values: Any) -> None:
        self.rows.setdefault(model, []).append(values)


def write_payments(
    session: Session, stories: Sequence[Story], services: dict[str, Service], users: dict[int, SiteUser]
) -> None:
    """All payments in the order of time, each with its lines, ledger entries and, by card, its receipt."""
    desk = Desk(
        services=services,
        users=users,
        payee=payments.payee(session),
        type_id=payments.payment_type(session).id,
        utility=system.settings(session)["utility.name"],
    )
    keys = count(queries.first_free_id(session, Payment))
    everything = [(paid, story) for story in stories for paid in story.payments]
    everything.sort(key=lambda pair: (pair[0].at, pair[1].place.account.id))
    for paid, story in everything:
        _write(desk, next(keys), story, paid)
    for model, rows in desk.rows.items():
        queries.insert_rows(session, model, rows)
    session.add_all(ReceiptSeries(year=year, last_number=number) for year, number in desk.receipts.items())
    queries.advance_sequences(session, Payment)


def _write(desk: Desk, key: int, story: Story, paid: Paid) -> None:
    account, user = story.place.account, desk.users.get(story.place.account.id)
    is_card = paid.channel is PaymentChannel.card
    token = sha256(f"{SEED}:payment:{key}".encode()).hexdigest()
    basis = f"Оплата по договору за {formats.period(_month(paid.at, back=1))}"
    payment = {
        "id": key,
        "account_id": account.id,
        "user_id": user.id if user is not None and is_card else None,
        "payment_type_id": desk.type_id,
        "payee_id": desk.payee.id,
        "channel": paid.channel,
        "state": PaymentState.succeeded,
        "amount": sum(paid.amounts.values(), Decimal(0)),
        "basis": basis if account.payer_group is PayerGroup.other else None,
        "order_number": f"WC-{key:010d}-{token[:8].upper()}Z" if is_card else None,
        "status_token": token[:43],
        "idempotency_key": token,
        "created_at": paid.at,
        "changed_at": paid.at,
        "paid_at": paid.at,
    }
    desk.add(Payment, **payment)
    for code, amount in paid.amounts.items():
        _line(desk, key, account.id, code, amount, paid.at)
    if is_card:
        _card(desk, payment, story, paid, user)


def _line(desk: Desk, key: int, account_id: int, code: str, amount: Decimal, at: datetime) -> None:
    service_id = desk.services[code].id
    desk.add(PaymentLine, payment_id=key, service_id=service_id, account_id=account_id, amount=amount)
    desk.add(
        LedgerEntry,
        account_id=account_id,
        service_id=service_id,
        period=_month(at),
        kind=EntryKind.payment,
        amount=-amount,
        source=f"payment:{key}:{service_id}",
        posted_at=at,
    )


def _card(desk: Desk, payment: dict[str, Any], story: Story, paid: Paid, user: SiteUser | None) -> None:
    operation = str(700_000_000 + payment["id"])
    keys = {"payment_id": payment["id"], "account_id": payment["account_id"]}
    desk.add(
        GatewayOperation,
        gateway=GATEWAY,
        operation=operation,
        amount=payment["amount"],
        counted_at=paid.at,
        **keys,
    )
    year = clock.local(paid.at).year
    number = desk.receipts[year] = desk.receipts.get(year, 0) + 1
    title = Receipt(year=year, number=number).title
    snapshot = _snapshot(desk, payment, story, paid, user) | {"operation": operation, "title": title}
    desk.add(Receipt, year=year, number=number, issued_at=paid.at, snapshot=snapshot, **keys)


def _snapshot(desk: Desk, payment: dict[str, Any], story: Story, paid: Paid, user: SiteUser | None) -> dict[str, Any]:
    """The same shape as `receipts.issue` keeps."""
    account = story.place.account
    holder = account.legal_entity.name if account.legal_entity is not None else str(account.customer)
    if user is not None and account.legal_entity is None:
        holder = f"{user.last_name} {user.first_name} {user.patronymic}"
    parts = _parts(desk, story, paid)
    return {
        "is_test": True,
        "order": payment["order_number"],
        "paid_at": paid.at.isoformat(),
        "issued_at": paid.at.isoformat(),
        "amount": str(payment["amount"]),
        "basis": payment["basis"],
        "account": account.number,
        "address": account.premises.address,
        "payer": holder,
        "utility": desk.utility,
        "payee": {
            name: getattr(desk.payee, name)
            for name in ("name", "inn", "kpp", "bank_name", "bic", "correspondent", "settlement")
        },
        "lines": [
            {
                "service": desk.services[code].name,
                "amount": str(amount),
                "parts": [
                    {
                        "period": part.period and part.period.isoformat(),
                        "amount": str(part.amount),
                        "is_penalty": part.is_penalty,
                    }
                    for part in parts
                    if part.service_id == desk.services[code].id
                ],
            }
            for code, amount in paid.amounts.items()
        ],
    }


def _parts(desk: Desk, story: Story, paid: Paid) -> list[Part]:
    """What the payment was counted for, as the ledger stood then."""
    ids = {code: service.id for code, service in desk.services.items()}
    first = story.lines[0].period
    opening = [
        payments.Movement(ids[code], first, EntryKind.opening, amount) for code, amount in story.place.opening.items()
    ]
    charged = [
        payments.Movement(ids[line.service], line.period, EntryKind.charge, line.line.amount)
        for line in story.lines
        if line.period < _month(paid.at)
    ]
    penalties = [
        payments.Movement(ids[penalty.service], penalty.period, EntryKind.penalty, penalty.amount)
        for penalty in story.penalties
        if penalty.period < _month(paid.at)
    ]
    received = [
        payments.Movement(ids[code], _month(before.at), EntryKind.payment, -amount)
        for before in story.payments
        if before.at < paid.at
        for code, amount in before.amounts.items()
    ]
    lines = {ids[code]: amount for code, amount in paid.amounts.items()}
    return allocate(lines, unpaid([*opening, *charged, *penalties, *received]))


def _month(at: datetime, *, back: int = 0) -> date:
    month = clock.month(at)
    for _ in range(back):
        month = previous_month(month)
    return month
