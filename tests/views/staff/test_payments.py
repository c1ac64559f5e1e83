"""Payments as staff see them: which of them somebody must look at."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import payments
from app.domain.gateway_words import Event
from app.domain.payment_alerts import ALERTS
from app.models import Payment
from app.queries import desk
from tests import factories
from tests.conftest import Act
from tests.page import Browser
from tests.payments import customer, started, word


@pytest.fixture
def orders(act: Act) -> list[str]:
    """One payment without trouble, one that was paid twice, one that the gateway takes back."""
    with act() as session:
        made = [started(session, *customer(session)) for _ in range(3)]
        for turn, payment in enumerate(made):
            payments.apply_event(session, word(payment, operation_id=f"200{turn}"))
        payments.apply_event(session, word(made[1], operation_id="3001"))
        payments.apply_event(session, word(made[2], Event.reversed, kind="other", operation_id="2002"))
        factories.user(session, "Cashier", login="cashier")
        return [payment.order_number or "" for payment in made]


def test_the_queue_leads_to_the_payments_to_look_at_with_the_reason_in_words(
    act: Act, browser: Browser, orders: list[str]
) -> None:
    home = browser.sign_in("cashier", factories.PASSWORD, follow=True)
    page = browser.get(
        next(link.get("href") or "" for link in home.elements("a") if str(link.get("href")).endswith("/desk/payments"))
    )
    assert [order in page.text for order in orders] == [False, True, True]
    with browser.app.test_request_context(headers={"Accept-Language": "ru"}):
        words = [str(ALERTS[code]) for code in ("second", "reversed")]
    assert all(each in page.text for each in words)
    filtered = browser.get("/staff/payments/list/?_flt_0_alert=any")
    assert [order in filtered.text for order in orders] == [False, True, True]
    everything = browser.get("/staff/payments/list/")
    assert all(order in everything.text for order in orders)


def test_payments_are_found_by_their_state(browser: Browser, orders: list[str]) -> None:
    browser.sign_in("cashier", factories.PASSWORD)
    page = browser.get("/staff/payments/list/?_flt_0_state=review")
    assert [order in page.text for order in orders] == [False, False, True]


def test_the_queue_counts_them_and_reads_no_others(act: Act, orders: list[str]) -> None:
    with act() as session:
        waiting = desk.waiting(session, ["alerts"], clock.today())["alerts"]
        assert (waiting.count, waiting.is_more) == (2, False)
        reads_by_index(session)


def reads_by_index(session: Session) -> None:
    statement = select(Payment.id).where(Payment.alert.is_not(None)).order_by(Payment.id).limit(9)
    if session.get_bind().dialect.name == "sqlite":
        sql = str(statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
        assert "ix_payment_alert" in str(plan)
