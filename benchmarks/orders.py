"""`python -m benchmarks.orders 400`: begins so many payments, each of another account, and prints as JSON where their
payers leave for the gateway. Not measured."""

import json
import sys
from decimal import Decimal

from sqlalchemy import select

from app import create_app
from app.domain import payments
from app.extensions import transaction
from app.gateways.base import PaymentOrder
from app.models import Account, AccountStatus
from app.queries import payments as queries
from app.security.scope import SYSTEM, become


def main(count: int) -> None:
    app = create_app()
    gateway, site = app.extensions["gateway"], app.config["PUBLIC_URL"]
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            is_open = Account.status == AccountStatus.active
            accounts = session.scalars(select(Account).where(is_open).order_by(Account.id.desc()).limit(count)).all()
            made = []
            for number, account in enumerate(accounts):
                service = queries.payable_services(session, account.id)[0]
                payment = payments.start(
                    session,
                    account=account,
                    user_id=None,
                    lines={service.id: Decimal("100.00") + number},
                    payment_type=queries.payment_type(session),
                    payee=queries.payee(session),
                    basis="Договор",
                    idempotency_key=f"bench-{account.id}",
                    gateway=gateway,
                )
                session.flush()
                page = f"{site}/payments/status/{payment.status_token}"
                order = PaymentOrder(
                    number=payment.order_number or "",
                    amount=payment.amount,
                    description="Water",
                    subscriber=payments.subscriber_of(payment),
                    success_url=page,
                    in_progress_url=page,
                    fail_url=page,
                    return_url=page,
                    locale="en",
                )
                made.append((payment.id, str(payment.amount), gateway.payment_form(order).location))
        print(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
