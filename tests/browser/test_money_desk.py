"""The money desk in a real browser: nothing against WCAG 2.2 A and AA, nothing scrolls sideways, keys are enough."""

from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.domain import payments, refunds
from app.domain.payment_states import Event
from app.models import RegisterDay, RegisterLine
from tests import factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act
from tests.domain.test_refunds import send
from tests.domain.test_unidentified import waiting
from tests.payments import customer, started, word

DAY = date(2026, 11, 20)


@pytest.fixture
def desk(act: Act, sign_in: SignIn) -> dict[str, int]:
    """A payment in review, one with refunds done and waiting, money without an account, a day with its register."""
    with act() as session:
        user, account = customer(session)
        review = started(session, user, account, "review", cold="812.40")
        payments.apply_event(session, word(review, amount=Decimal(800), payload={"MNT_AMOUNT": "800.00"}))
        payments.apply_event(session, word(review, Event.refused, reason="signature"))
        paid = started(session, user, account, "paid", cold="9000.00")
        payments.apply_event(session, word(paid, operation_id="2000002"))
        payments.apply_event(session, word(paid, operation_id="2000003"))
        clerk = factories.user(session, "Cashier", first_name="Анна")
        refunds.ask(session, paid.id, amount=Decimal(500), reason="Оплачено дважды", user_id=clerk.id)
        session.flush()
        send(session)
        refunds.ask(session, paid.id, amount=Decimal(8000), reason="Платёж не за свой счёт", user_id=clerk.id)
        operation = waiting(session)
        operation.purpose = "За воду, улица Революции, дом 21а, квартира 14, Петрова И. С., за октябрь"
        at = clock.at(DAY, 12)
        session.add(RegisterDay(gateway="sandbox", day=DAY, asked_at=at, listed_at=at, is_silent=False))
        session.add_all(
            RegisterLine(
                gateway="sandbox",
                operation=f"17953600{number:05d}",
                order_number=f"WC-00000{number:05d}-7KQ2MWXBZ",
                is_refund=number % 3 == 0,
                amount=Decimal(number) + Decimal("812.40"),
                is_paid=True,
                changed_at=at,
            )
            for number in range(60)
        )
        ids = {"review": review.id, "paid": paid.id, "operation": operation.id}
    sign_in("Cashier")
    return ids


def test_the_lists(page: Page, desk: dict[str, int]) -> None:
    for path in ("/staff/desk/payments", "/staff/desk/unidentified"):
        assert page.goto(path)
        expect(page.locator("main table").first).to_be_visible()
        look(page)


@pytest.mark.parametrize("which", ["review", "paid"])
def test_a_payment_with_its_history(page: Page, desk: dict[str, int], which: str) -> None:
    page.goto(f"/staff/desk/payments/{desk[which]}")
    look(page)
    form = page.locator("form[action$='/decide'], form[action$='/refund']").first
    form.locator("[type=submit]").first.click()
    expect(page.locator(".summary")).to_be_focused()
    look(page)


def test_money_without_an_account(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"/staff/desk/unidentified/{desk['operation']}")
    look(page)
    page.press("#reason", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)


def test_the_register_of_a_day(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"/staff/registers?day={DAY}")
    expect(page.locator("main table")).to_have_count(2)
    look(page)
    page.goto(f"/staff/registers?day={DAY}&side=banks")
    look(page)
    page.goto("/staff/registers?day=x")
    expect(page.locator(".summary")).to_be_focused()
    look(page)


def test_a_day_is_chosen_by_keys_alone(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"/staff/registers?day={DAY}")
    page.focus("#match")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**match=both**")
    expect(page.locator("main")).to_contain_text("то, что сошлось")


def test_a_returned_payment_as_its_payer_sees_it(act: Act, page: Page, sign_in: SignIn) -> None:
    with act() as session:
        user, account = customer(session)
        payment = started(session, user, account, cold="812.40")
        payments.apply_event(session, word(payment))
        clerk = factories.user(session, "Cashier")
        refunds.ask(session, payment.id, amount=Decimal("812.40"), reason="Оплачено дважды", user_id=clerk.id)
        send(session)
        login, token = user.username, payment.status_token
    page.goto("/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/cabinet/**")
    for path in (f"/payments/status/{token}", "/cabinet/payments"):
        page.goto(path)
        expect(page.locator("main a[href*='/refunds/']")).to_have_count(1)
        look(page)
