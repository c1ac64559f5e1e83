"""The receipt as a document: an A4 page in Russian, drawn from the snapshot alone, so that it never changes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from sqlalchemy.orm import Session

from ..models import Receipt
from . import letters


def send(session: Session, receipt: Receipt) -> None:
    """The letter of a receipt that was just given, to the person who paid; made due in this transaction."""
    payment = receipt.payment
    if payment.user is None:
        return
    letters.enqueue(
        session,
        "receipt",
        to=payment.user.email,
        locale=payment.user.locale,
        name=payment.user.greeting_name,
        amount=payment.amount,
        number=receipt.title,
        account=payment.account.number,
        paid_at=payment.paid_at,
        is_test=receipt.snapshot["is_test"],
        link=letters.link(f"/payments/status/{payment.status_token}"),
    )


def send_return(session: Session, receipt: Receipt) -> None:
    """The letter about money that went back, to the person who had paid; made due in this transaction."""
    payment = receipt.payment
    if payment.user is None:
        return
    letters.enqueue(
        session,
        "refund",
        to=payment.user.email,
        locale=payment.user.locale,
        name=payment.user.greeting_name,
        amount=Decimal(receipt.snapshot["amount"]),
        paid=payment.amount,
        number=receipt.title,
        account=payment.account.number,
        paid_at=payment.paid_at,
        is_test=receipt.snapshot["is_test"],
        link=letters.link(f"/payments/status/{payment.status_token}"),
    )


def draw(snapshot: Mapping[str, Any]) -> bytes:
    """The PDF; the same snapshot gives the same bytes."""
    from .receipt_page import ReceiptPage

    with force_locale("ru"):
        return ReceiptPage(snapshot).drawn()
