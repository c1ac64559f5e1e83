"""The sandbox gateway and a utility beside it, each on a free port of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from socketserver import BaseServer
from threading import Thread

import pytest
from werkzeug.serving import make_server

from app.gateways.base import PaymentOrder
from app.gateways.moneta import Moneta, MonetaSettings
from app.gateways.sandbox import SandboxSettings, create_sandbox
from tests.gateways.browser import Browser
from tests.gateways.utility import Utility


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def utility() -> Iterator[Utility]:
    server = Utility()
    with serving(server):
        yield server


@pytest.fixture
def settings(utility: Utility) -> SandboxSettings:
    return SandboxSettings(
        merchant_url=utility.url,
        account_id="54600817",
        code="QWERTY",
        utility_name="Горводоканал",
        api_password="api-secret",
        late_seconds=1.0,
        retry_seconds=(0.01, 0.01, 0.01),
    )


@pytest.fixture
def sandbox_url(settings: SandboxSettings) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_sandbox(settings), threaded=True)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def gateway(sandbox_url: str, utility: Utility) -> Moneta:
    utility.gateway = Moneta(
        MonetaSettings(
            account_id="54600817",
            codes=("QWERTY",),
            form_url=f"{sandbox_url}/assistant.htm",
            api_url=f"{sandbox_url}/services",
            api_user="rodnik",
            api_password="api-secret",
            test_mode=True,
        )
    )
    return utility.gateway


@pytest.fixture
def order(gateway: Moneta, utility: Utility) -> PaymentOrder:
    return PaymentOrder(
        number=gateway.new_order_number(17),
        amount=Decimal("1240.50"),
        description="Оплата воды, счёт 0048213507",
        subscriber="payer-17",
        success_url=f"{utility.url}/payments/1?result=success",
        in_progress_url=f"{utility.url}/payments/1?result=progress",
        fail_url=f"{utility.url}/payments/1?result=fail",
        return_url=f"{utility.url}/payments/1",
        locale="en",
    )


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def pay(gateway: Moneta, browser: Browser, order: PaymentOrder) -> Callable[..., Browser]:
    """Take a card as far as its 3-D Secure code."""

    def open_card(number: str, **changes: str) -> Browser:
        browser.open(gateway.payment_form(replace(order, **changes)).location)
        return browser.submit(number=number, expiry="12/39", cvv="123")

    return open_card
