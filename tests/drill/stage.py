"""The application and the embedded gateway, each on a port of its own, and a payer who walks between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app import clock
from app.domain import payments
from app.domain.cards import ANOTHER_CARD, CardWish
from app.gateways import transport
from app.gateways.base import PaymentOrder
from app.gateways.moneta import Moneta, MonetaSettings
from app.gateways.sandbox import SandboxSettings, create_sandbox
from app.gateways.transport import Answer
from app.jobs.payments import reconcile_payments
from app.jobs.refunds import send_refunds
from app.models import Account, GatewayOperation, LedgerEntry, OutboxMessage, Payment, PaymentState, Receipt
from app.queries import payments as queries
from app.security.scope import SYSTEM, become
from tests import factories
from tests.browser.conftest import QuietHandler
from tests.conftest import Act
from tests.gateways.browser import Browser
from tests.gateways.conftest import serving
from tests.payments import customer, signed

PAYS, NO_MONEY, NEVER = "4111111111111111", "4000000000009995", "5200828282828210"
TWICE, MANY = "2223003122003222", "6011111111111117"
WRONG_AMOUNT, FORGED = "3530111333300000", "6011000990139424"
API_PASSWORD = "api-secret"


@dataclass
class Stage:
    app: Flask
    act: Act
    site: str
    sandbox: str

    @property
    def gateway(self) -> Moneta:
        return self.app.extensions["gateway"]  # type: ignore[no-any-return]

    def start(
        self, key: str = "key", *, of: Payment | None = None, card: CardWish = ANOTHER_CARD, **lines: str
    ) -> Payment:
        """A payment as it stands in the database after the first click; `of` another one's payer and account."""
        with self.act() as session:
            made = self.started(session, key, of=of, card=card, **lines)
            session.flush()
            session.refresh(made)
            session.expunge(made)
            return made

    def started(
        self,
        session: Session,
        key: str,
        *,
        of: Payment | None = None,
        card: CardWish = ANOTHER_CARD,
        **lines: str,
    ) -> Payment:
        user, account = customer(session) if of is None else (of, session.get_one(Account, of.account_id))
        wanted = {factories.service(session, code).id: Decimal(amount) for code, amount in lines.items()}
        return payments.start(
            session,
            account=account,
            user_id=user.id if of is None else of.user_id,
            lines=wanted or {factories.service(session).id: Decimal(100)},
            payment_type=queries.payment_type(session),
            payee=queries.payee(session),
            basis=None,
            idempotency_key=key,
            gateway=self.gateway,
            card=card,
        )

    def order(self, payment: Payment) -> PaymentOrder:
        page = f"{self.site}/payments/status/{payment.status_token}"
        return PaymentOrder(
            number=payment.order_number or "",
            amount=payment.amount,
            description="Вода",
            subscriber=payments.subscriber_of(payment),
            success_url=f"{page}?result=wait",
            in_progress_url=f"{page}?result=wait",
            fail_url=f"{page}?result=fail",
            return_url=f"{page}?result=back",
            locale="en",
        )

    def pay(self, payment: Payment, card: str = PAYS) -> Browser:
        """From the form to where the gateway sends the payer: `left_for`."""
        browser = Browser().open(self.gateway.payment_form(self.order(payment)).location)
        browser.submit(number=card, expiry="12/39", cvv="123")
        return browser.submit(code=browser.code)

    def operator(self, payment: Payment | None = None, **pressed: str) -> None:
        """Press a button of the sandbox's operator: `trouble="down"`, or `tell="1"` about a payment."""
        if payment is not None:
            page = Browser().open(f"{self.sandbox}/operator").text
            row = page.split(payment.order_number or "?")[1]
            pressed = {name: row.split(f'name="{name}" value="')[1].split('"')[0] for name in pressed}
        assert Browser().post(f"{self.sandbox}/operator", pressed).status == 200

    def call(self, payment: Payment, kind: str = "pay", *, digest: str | None = None, **changes: Any) -> Answer:
        """A call as the gateway makes it, over HTTP: signed, or with somebody's `digest`."""
        fields = signed(self.app, payment, kind, **changes)
        fields["MNT_SIGNATURE"] = fields["MNT_SIGNATURE"] if digest is None else digest
        return transport.post(f"{self.site}/gateway/moneta/{kind}", fields)

    def state(self, payment: Payment) -> PaymentState:
        with self.act() as session:
            return session.get_one(Payment, payment.id).state

    def seen(self, payment: Payment) -> str:
        """The state that the payer's page waits for."""
        return transport.get(f"{self.site}/payments/status/{payment.status_token}/state").body

    def alert(self, payment: Payment) -> str | None:
        with self.act() as session:
            return session.get_one(Payment, payment.id).alert

    def counts(self) -> dict[str, int]:
        with self.act() as session:
            return {
                model.__name__: session.scalar(select(func.count()).select_from(model)) or 0
                for model in (GatewayOperation, LedgerEntry, Receipt, OutboxMessage)
            }

    def balance(self, payment: Payment) -> Decimal:
        with self.act() as session:
            of_account = LedgerEntry.account_id == payment.account_id
            return session.scalar(select(func.sum(LedgerEntry.amount)).where(of_account)) or Decimal(0)

    def reconcile(self, minutes: float = 11) -> None:
        self._work(reconcile_payments, timedelta(minutes=minutes))

    def send_refunds(self, after: timedelta = timedelta(0)) -> None:
        self._work(send_refunds, after)

    def _work(self, job: Callable[[], None], after: timedelta) -> None:
        with time_machine.travel(clock.now() + after), self.app.app_context():
            become(SYSTEM)
            job()


ONCE = {"GatewayOperation": 1, "LedgerEntry": 1, "Receipt": 1, "OutboxMessage": 1}
NOTHING = dict.fromkeys(ONCE, 0)


@contextmanager
def opened(app: Flask, act: Act) -> Iterator[Stage]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    site = f"http://127.0.0.1:{server.server_port}"
    settings = SandboxSettings(
        merchant_url=site,
        account_id=app.config["MONETA_ID"],
        code=app.config["MONETA_CODES"][0],
        utility_name="Горводоканал",
        api_password=API_PASSWORD,
        retry_seconds=(),
    )
    sandbox = make_server("127.0.0.1", 0, create_sandbox(settings), threaded=True, request_handler=QuietHandler)
    address = f"http://127.0.0.1:{sandbox.server_port}"
    before = app.extensions["gateway"], app.config["PUBLIC_URL"]
    app.extensions["gateway"] = Moneta(
        MonetaSettings(
            account_id=app.config["MONETA_ID"],
            codes=tuple(app.config["MONETA_CODES"]),
            form_url=f"{address}/assistant.htm",
            api_url=f"{address}/services",
            api_user="rodnik",
            api_password=API_PASSWORD,
            test_mode=True,
            name="sandbox",
        )
    )
    app.config["PUBLIC_URL"] = site
    with serving(server), serving(sandbox):
        yield Stage(app, act, site, address)
    app.extensions["gateway"], app.config["PUBLIC_URL"] = before
