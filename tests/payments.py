"""Payments for tests: started as a customer does, told of as the gateway does."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.domain import bank_payments, ledger, payments
from app.domain.bank_payments import Deposit
from app.domain.gateway_words import GatewayWord
from app.domain.payment_states import Event
from app.gateways.moneta import Moneta, MonetaSettings, signature
from app.models import Account, EntryKind, Payment, PaymentType, SiteUser
from app.queries import ledger as ledger_queries
from app.queries import payments as queries
from tests import factories
from tests.samples import PERIOD

GATEWAY = Moneta(
    MonetaSettings(account_id="54600817", codes=("QWERTY",), form_url="http://gateway.test/", name="sandbox")
)
OPERATION = "1000001"


def customer(session: Session, **account: Any) -> tuple[SiteUser, Account]:
    user = factories.user(session, "Company" if account.get("is_company") else "Customer")
    return user, factories.account(session, user, **account)


def owe(session: Session, account: Account, amount: str, code: str = "cold", period: Any = PERIOD) -> None:
    ledger.post(
        session,
        account_id=account.id,
        service_id=factories.service(session, code).id,
        period=period,
        kind=EntryKind.charge,
        amount=Decimal(amount),
        source=f"test:{code}:{period}",
    )


def started(session: Session, user: SiteUser, account: Account, key: str = "key", **lines: str) -> Payment:
    """A payment with lines by the services' codes: `cold="100.00"`."""
    wanted = {factories.service(session, code).id: Decimal(amount) for code, amount in lines.items()}
    return payments.start(
        session,
        account=account,
        user_id=user.id,
        lines=wanted or {factories.service(session).id: Decimal("100.00")},
        payment_type=queries.payment_type(session),
        payee=queries.payee(session),
        basis=None if account.customer_id else "Договор 12",
        idempotency_key=key,
        gateway=GATEWAY,
    )


def deposited(
    session: Session, account: Account, amount: str, *, at: datetime | None = None, cause: str = "bank:1"
) -> Payment:
    """Money that came through a bank, as the import of its registry posts it."""
    deposit = Deposit(account.id, account.payer_group, Decimal(amount), at or clock.now(), cause)
    (payment_id,) = bank_payments.post(session, [deposit])
    assert payment_id is not None
    return session.get_one(Payment, payment_id)


def nobody_is_paid(session: Session) -> None:
    """As before `flask init`: no kind of payments is the one for water."""
    session.execute(update(PaymentType).where(PaymentType.pays_services).values(code="gone"))


def word(payment: Payment, event: Event = Event.paid, **values: Any) -> GatewayWord:
    """What the gateway says when all is well, with some values changed."""
    return GatewayWord(
        **{
            "event": event,
            "gateway": "sandbox",
            "kind": "pay",
            "order": payment.order_number,
            "operation_id": OPERATION,
            "amount": payment.amount,
            "currency": "RUB",
            "subscriber": payments.subscriber_of(payment),
            "is_test": True,
            **values,
        }
    )


def signed(app: Flask, payment: Payment, kind: Any = "pay", code: str = "", **changes: Any) -> dict[str, str]:
    """The fields of a notification, signed; a change to None leaves a field out."""
    fields = {
        "MNT_ID": app.config["MONETA_ID"],
        "MNT_TRANSACTION_ID": payment.order_number,
        "MNT_OPERATION_ID": OPERATION if kind == "pay" else "",
        "MNT_AMOUNT": f"{payment.amount:.2f}",
        "MNT_CURRENCY_CODE": "RUB",
        "MNT_SUBSCRIBER_ID": payments.subscriber_of(payment),
        "MNT_TEST_MODE": "1",
        **({"MNT_COMMAND": "CHECK"} if kind == "check" else {}),
        **changes,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    fields["MNT_SIGNATURE"] = signature(kind, fields, code or app.config["MONETA_CODES"][0])
    return fields


def only(session: Session) -> Payment:
    """The one payment that the test made."""
    return session.scalars(select(Payment)).one()


def count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def balance(session: Session, account: Account) -> dict[str, Decimal]:
    return {service.code: amount for service, amount in ledger_queries.balances(session, account.id)}
