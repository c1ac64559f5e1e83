"""Money without an account: assigned with a reason, taken back with a reason, by those who may."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Account, BankOperation, GatewayEvent, LedgerEntry, Payment, PaymentState
from tests import factories
from tests.conftest import Act
from tests.domain.test_unidentified import waiting
from tests.page import Page
from tests.payments import balance, count, nobody_is_paid
from tests.views.staff.desk import DESK, UNIDENTIFIED, employ, form_to, has_form, signed_in

NUMBER = "0048213507"


@pytest.fixture
def operation_id(act: Act) -> int:
    employ(act)
    with act() as session:
        factories.account(session, number=NUMBER)
        return waiting(session).id


def page_of(app: Flask, operation_id: int, login: str = "cashier") -> Page:
    return signed_in(app, login).get(f"{UNIDENTIFIED}/{operation_id}")


def send(page: Page, operation_id: int, **values: str) -> Page:
    return form_to(page, f"/{operation_id}").submit(**values)


def owed(act: Act) -> Decimal:
    with act() as session:
        account = session.scalars(select(Account).where(Account.number == NUMBER)).one()
        return sum(balance(session, account).values(), Decimal(0))


def test_it_is_assigned_and_taken_back_and_each_act_keeps_its_reason(app: Flask, act: Act, operation_id: int) -> None:
    page = page_of(app, operation_id)
    assert f"{UNIDENTIFIED}/{operation_id}" in page.browser.get(UNIDENTIFIED).html
    done = send(page, operation_id, account=NUMBER, reason="The payer phoned")
    assert (done.status, "Cashier Петрова" in done.text, owed(act)) == (200, True, Decimal(-150))
    assert f"{UNIDENTIFIED}/{operation_id}" not in done.browser.get(UNIDENTIFIED).html

    refused = send(done, operation_id, reason="")
    assert (refused.status, bool(refused.error("reason")), owed(act)) == (422, True, Decimal(-150))
    back = send(refused, operation_id, reason="Another person's")
    assert (back.status, owed(act)) == (200, Decimal(0))
    assert f"{UNIDENTIFIED}/{operation_id}" in back.browser.get(UNIDENTIFIED).html
    with act() as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.state, session.get_one(BankOperation, operation_id).payment_id) == (PaymentState.canceled, None)
        reasons = [event.payload["reason"] for event in session.scalars(select(GatewayEvent).order_by(GatewayEvent.id))]
        assert reasons == ["The payer phoned", "Another person's"]
        payment_id = payment.id
    history = back.browser.get(f"{DESK}/{payment_id}").text
    assert all(reason in history for reason in reasons)


def test_the_account_may_be_chosen_from_the_list(app: Flask, act: Act, operation_id: int) -> None:
    with act() as session:
        account_id = session.scalars(select(Account.id)).one()
    send(page_of(app, operation_id), operation_id, account_id=str(account_id), reason="By the address")
    assert owed(act) == Decimal(-150)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"account": "77"}, "account"),
        ({"account": ""}, "account"),
        ({"account": "0048213507' OR 1=1"}, "account"),
        ({"reason": "ab"}, "reason"),
        ({"reason": "x" * 5000}, "reason"),
        ({"reason": "Bell \x07"}, "reason"),
        ({"reason": "card 4111-1111-1111-1111"}, "reason"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_at_its_field(
    app: Flask, act: Act, operation_id: int, values: dict[str, str], field: str
) -> None:
    page = send(page_of(app, operation_id), operation_id, **{"account": NUMBER, "reason": "The payer phoned", **values})
    assert (page.status, bool(page.error(field)), "4111" in page.html) == (422, True, False)
    with act() as session:
        assert (count(session, Payment), count(session, LedgerEntry)) == (0, 0)


def test_the_button_twice_posts_once(app: Flask, act: Act, operation_id: int) -> None:
    form = form_to(page_of(app, operation_id), f"/{operation_id}")
    assert [form.submit(account=NUMBER, reason="The payer phoned").status for _ in range(2)] == [200, 422]
    assert owed(act) == Decimal(-150)


@pytest.mark.parametrize("login", ["operator", "manager"])
def test_others_than_cashiers_may_neither_see_nor_assign_it(
    app: Flask, act: Act, operation_id: int, login: str
) -> None:
    form = form_to(page_of(app, operation_id), f"/{operation_id}")
    browser = signed_in(app, login)
    for path in (UNIDENTIFIED, f"{UNIDENTIFIED}/{operation_id}"):
        assert browser.client.get(path).status_code in (302, 403, 404)
    token = browser.get("/staff/").form().values["csrf_token"]
    browser.post(form.action, data={"csrf_token": token, "account": NUMBER, "reason": "Mine"}, follow=False)
    assert owed(act) == 0


def test_what_is_not_there_is_a_missing_page(app: Flask, operation_id: int) -> None:
    page = page_of(app, operation_id)
    for number in (operation_id + 1000, 2**31, "x"):
        assert page.browser.client.get(f"{UNIDENTIFIED}/{number}").status_code == 404
        assert page.browser.client.post(f"{UNIDENTIFIED}/{number}", data=page.form("reason").values).status_code == 404


def test_money_that_the_registry_named_itself_is_not_taken_back_here(app: Flask, act: Act, operation_id: int) -> None:
    """Only its import can be undone."""
    page = send(page_of(app, operation_id), operation_id, account=NUMBER, reason="The payer phoned")
    with act() as session:
        session.get_one(BankOperation, operation_id).assigned_at = None
    shown = page.browser.get(f"{UNIDENTIFIED}/{operation_id}")
    assert not has_form(shown, f"/{operation_id}")
    assert send(page, operation_id, reason="Mistake").status == 422
    assert owed(act) == Decimal(-150)


def test_without_anybody_who_is_paid_it_waits(app: Flask, act: Act, operation_id: int) -> None:
    with act() as session:
        nobody_is_paid(session)
    refused = send(page_of(app, operation_id), operation_id, account=NUMBER, reason="The payer phoned")
    assert refused.status == 422
    with act() as session:
        assert count(session, Payment) == 0
