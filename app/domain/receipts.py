"""Receipts: a gap-free number per local year and the snapshot that the document is drawn from."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from .. import clock
from ..models import Account, Payment, PaymentLine, Receipt, ReceiptSeries, Refund, SiteUser
from ..queries import payments as queries
from ..queries import system
from ..queries.dialects import insert_for
from .allocation import Part

RETURN = "return"


def issue(
    session: Session,
    payment: Payment,
    lines: Sequence[PaymentLine],
    parts: Sequence[Part],
    *,
    operation: str,
    is_test: bool,
) -> Receipt:
    """Give the payment its receipt in the transaction that posts it. `paid_at` of the payment is set already."""
    receipt = _numbered(session, payment)
    receipt.snapshot = {
        **_payment(payment, operation, is_test=is_test),
        **_head(session, receipt),
        "lines": [_line(line, parts) for line in lines],
    }
    session.add(receipt)
    return receipt


def issue_return(session: Session, refund: Refund, parts: Mapping[int, Decimal], *, is_test: bool) -> Receipt:
    """The receipt of money that went back (54-ФЗ: "возврат прихода"), in the transaction that posts it: service id →
    roubles; without parts where the payment was not for water."""
    payment = refund.payment
    receipt = _numbered(session, payment)
    receipt.refund_id = refund.id
    names = {line.service_id: line.service.name for line in queries.lines_of(session, payment.id)}
    receipt.snapshot = {
        **_payment(payment, refund.operation or "", is_test=is_test),
        **_head(session, receipt),
        "kind": RETURN,
        "amount": str(refund.amount),
        "paid_amount": str(payment.amount),
        "lines": [{"service": names[service], "amount": str(amount)} for service, amount in parts.items()],
    }
    session.add(receipt)
    return receipt


def is_return(snapshot: Mapping[str, Any]) -> bool:
    return snapshot.get("kind") == RETURN


def _numbered(session: Session, payment: Payment) -> Receipt:
    now = clock.now()
    year = clock.local(now).year
    number = _next_number(session, year)
    return Receipt(account_id=payment.account_id, payment=payment, year=year, number=number, issued_at=now)


def _head(session: Session, receipt: Receipt) -> dict[str, Any]:
    return {
        "title": receipt.title,
        "issued_at": receipt.issued_at.isoformat(),
        "utility": system.settings(session)["utility.name"],
    }


def _next_number(session: Session, year: int) -> int:
    """The series' row stays locked until the commit, and a rollback gives the number back: no gap, no reuse."""
    session.execute(insert_for(session, ReceiptSeries).values(year=year, last_number=0).on_conflict_do_nothing())
    return session.execute(
        update(ReceiptSeries)
        .where(ReceiptSeries.year == year)
        .values(last_number=ReceiptSeries.last_number + 1)
        .returning(ReceiptSeries.last_number)
    ).scalar_one()


def _payment(payment: Payment, operation: str, *, is_test: bool) -> dict[str, Any]:
    account, payee = payment.account, payment.payee
    assert payment.paid_at
    return {
        "is_test": is_test,
        "operation": operation,
        "order": payment.order_number,
        "paid_at": payment.paid_at.isoformat(),
        "amount": str(payment.amount),
        "basis": payment.basis,
        "account": account.number,
        "address": account.premises.address,
        "payer": _payer(account, payment.user),
        "payee": {
            name: getattr(payee, name)
            for name in ("name", "inn", "kpp", "bank_name", "bic", "correspondent", "settlement")
        },
    }


def _payer(account: Account, user: SiteUser | None) -> str:
    """Whose money it was: the firm of the account, or the person who paid. Nobody knows who paid without signing in."""
    if account.legal_entity is not None:
        return account.legal_entity.name
    return " ".join(filter(None, (user.last_name, user.first_name, user.patronymic))) if user is not None else ""


def _line(line: PaymentLine, parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "service": line.service.name,
        "amount": str(line.amount),
        "parts": [
            {
                "period": part.period and part.period.isoformat(),
                "amount": str(part.amount),
                "is_penalty": part.is_penalty,
            }
            for part in parts
            if part.service_id == line.service_id
        ],
    }
