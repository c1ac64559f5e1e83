"""Paying without signing in: an account, one thing that its holder knows, a sum, and nothing more."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import lockout, payment_limits, payments
from app.models import Account, OutboxMessage, Payment, PaymentState, SavedCard, SiteUser
from tests import factories
from tests.bank import bank as bank
from tests.cards import SHOWN, other_payee, saved
from tests.conftest import Act
from tests.page import Browser, Page
from tests.payments import balance, count, customer, nobody_is_paid, only, owe, started, word

pytestmark = pytest.mark.usefixtures("bank")
NUMBER, SERIAL = "0048213507", "77-001122"


@pytest.fixture
def account(act: Act) -> int:
    """Irina's account, with a meter and two debts; she has a cabinet."""
    with act() as session:
        _, made = customer(session, number=NUMBER)
        factories.meter(session, made, serial=SERIAL)
        owe(session, made, "300.00")
        owe(session, made, "50.25", "sewerage")
        return made.id


@pytest.fixture
def guest(browser: Browser, account: int) -> Browser:
    return browser


def prove(guest: Browser, number: str = NUMBER, fact: str = SERIAL) -> Page:
    return guest.get("/pay").form("account_number", "fact").submit(account_number=number, fact=fact)


def check(guest: Browser, amount: str = "100") -> Page:
    return prove(guest).form("amount").submit(amount=amount)


def back(page: Page) -> str:
    return next(a.get("href", "") for a in page.elements("a") if "/pay/sum" in a.get("href", ""))


def leave(page: Page) -> Any:
    form = page.form("order")
    return page.browser.post(form.action, data=form.values, follow=False).response


def test_the_sum_and_nothing_else_is_shown(guest: Browser, act: Act, account: int) -> None:
    page = prove(guest)
    assert "350,25 ₽" in page.heading
    assert page.form("amount").values["amount"] == "350,25"
    with act() as session:
        made = session.get_one(Account, account)
        hidden = (made.premises.address, made.customer.full_name, SERIAL, "300,00", "50,25 ₽")
    for shown in (page, page.form("amount").submit()):
        main = " ".join(shown.elements("main")[0].itertext()).replace("350,25", "")
        assert [each for each in hidden if each in main] == []


def test_it_leads_to_the_gateway_and_keeps_nobody(guest: Browser, act: Act, app: Flask, account: int) -> None:
    answer = leave(check(guest, "320"))
    fields = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert answer.location.startswith(app.config["MONETA_URL"])
    assert fields["MNT_AMOUNT"] == "320.00"
    assert fields["MNT_SUBSCRIBER_ID"].startswith("guest-")
    with act() as session:
        payment = only(session)
        assert (payment.user_id, payment.card_id, payment.card_consent, payment.payer_document) == (None,) * 4
        outcome = payments.apply_event(session, word(payment, card=SHOWN))
        assert outcome.receipt is not None
        assert outcome.receipt.snapshot["payer"] == ""
        assert (count(session, SavedCard), count(session, OutboxMessage)) == (0, 0)
        assert sum(balance(session, payment.account).values()) == Decimal("30.25")


def test_no_saved_card_is_offered_even_to_whoever_is_signed_in(guest: Browser, act: Act) -> None:
    with act() as session:
        user = session.scalars(select(SiteUser).where(SiteUser.username.like("user%"))).one()
        saved(session, user, session.scalars(select(Account)).one())
        login = user.username
    guest.sign_in(login, factories.PASSWORD)
    page = check(guest)
    assert "card" not in page.form("order").values
    assert "1111" not in page.text
    leave(page)
    with act() as session:
        latest = session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()
        assert (latest.user_id, latest.card_id) == (None, None)


def test_a_wrong_number_and_a_wrong_fact_are_told_the_same(guest: Browser) -> None:
    pages = [prove(guest, fact="99999999"), prove(guest, number="0099999999")]
    assert [page.status for page in pages] == [422, 422]
    assert len({page.error("fact") for page in pages}) == 1
    assert all("350,25" not in page.text for page in pages)


def test_a_company_is_not_paid_for_here(guest: Browser, act: Act) -> None:
    with act() as session:
        _, firm = customer(session, is_company=True, number="0077777777")
        factories.meter(session, firm, serial="55-1")
    assert prove(guest, number="0077777777", fact="55-1").status == 422


def test_guessing_is_held_off_together_with_registration(guest: Browser) -> None:
    for turn in range(3):
        assert prove(guest, fact=f"9999{turn}").status == 422
    assert prove(guest).status == 422
    assert "350,25" not in prove(guest).text


@pytest.mark.parametrize("amount", ["", "0", "33,333", "20000,01", "-1", "1000000,01", "NaN", "1e5"])
def test_a_sum_that_cannot_be_is_refused_at_its_field(guest: Browser, act: Act, amount: str) -> None:
    page = check(guest, amount)
    assert page.status == 422
    assert page.error("amount")
    with act() as session:
        assert count(session, Payment) == 0


def test_what_was_proven_ends_and_cannot_be_made_up(guest: Browser, act: Act) -> None:
    page, order = prove(guest), check(guest)
    proof = parse_qs(urlsplit(page.url).query)["account"][0]
    for forged in ("", "x", proof[:-2], proof[1:]):
        assert guest.get("/pay/sum", query_string={"account": forged}).path == "/pay"
    form = order.form("order")
    assert guest.get("/pay/sum", query_string={"account": form.values["order"]}).path == "/pay"
    assert guest.get("/pay/confirm", query_string={"order": proof}).path == "/pay"
    with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
        assert guest.get(page.url).path == "/pay"
        assert guest.post(form.action, data=form.values).path == "/pay"
    with act() as session:
        assert count(session, Payment) == 0


def test_what_was_proven_ends_after_its_hour_however_often_it_is_passed_on(guest: Browser) -> None:
    began = clock.now()
    page = check(guest)
    for minutes, path in ((25, "/pay/sum"), (50, "/pay/sum"), (75, "/pay")):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            seen = guest.get(back(page))
            assert seen.path == path
            if path == "/pay/sum":
                page = seen.form("amount").submit(amount="100")


def test_an_order_for_something_else_than_water_is_not_paid_as_water(guest: Browser, act: Act) -> None:
    with act() as session:
        login = session.scalars(select(SiteUser.username).where(SiteUser.username.like("user%"))).one()
        url = f"/cabinet/payments/for/services/{other_payee(session).payee.id}"
    guest.sign_in(login, factories.PASSWORD)
    page = guest.get(url).form("amount", "basis").submit(amount="100", basis="Пломба, акт 7")
    assert guest.post("/pay/start", data=page.form("order").values).path == "/pay"
    with act() as session:
        assert count(session, Payment) == 0


def test_an_order_of_the_cabinet_is_nothing_here_and_the_other_way_round(guest: Browser, act: Act, app: Flask) -> None:
    order = check(guest).form("order").values["order"]
    with act() as session:
        login = session.scalars(select(SiteUser.username).where(SiteUser.username.like("user%"))).one()
    holder = Browser(app)
    holder.sign_in(login, factories.PASSWORD)
    assert holder.get("/cabinet/payments/confirm", query_string={"order": order}).path == "/cabinet/payments"
    assert holder.get("/pay/confirm", query_string={"order": order}).path == "/pay"


def test_without_anybody_who_is_paid_it_is_said(guest: Browser, act: Act) -> None:
    page = prove(guest)
    with act() as session:
        nobody_is_paid(session)
    assert page.form("amount").submit(amount="100").status == 422


def test_a_double_click_is_one_payment(guest: Browser, act: Act) -> None:
    page = check(guest)
    assert leave(page).location == leave(page).location
    with act() as session:
        assert count(session, Payment) == 1
        payments.apply_event(session, word(only(session)))
    assert guest.get(page.url).path.startswith("/payments/status/")


def test_a_second_payment_meets_the_first_which_goes_on_or_is_given_up(guest: Browser, act: Act) -> None:
    leave(check(guest, "812,40"))
    page = guest.get(leave(check(guest, "10")).location)
    assert "812,40 ₽" in page.heading
    with act() as session:
        payment = only(session)
        token = payment.status_token
        assert f"{clock.local(payment.created_at):%H:%M}" in page.heading
    data = page.form("csrf_token").values
    answer = guest.post(f"/payments/status/{token}/resume", data=data, follow=False).response
    assert "MNT_AMOUNT=812.40" in answer.location
    assert guest.post(f"/payments/status/{token}/cancel", data=data).status == 200
    with act() as session:
        assert only(session).state is PaymentState.canceled
    assert "MNT_AMOUNT=10.00" in leave(check(guest, "10")).location


def test_the_holders_payment_is_not_shown_to_a_guest(guest: Browser, act: Act) -> None:
    with act() as session:
        user = session.scalars(select(SiteUser).where(SiteUser.username.like("user%"))).one()
        made = started(session, user, session.scalars(select(Account)).one(), cold="77.70")
        token = made.status_token
    page = guest.get(leave(check(guest, "10")).location)
    assert page.path == "/pay/confirm"
    assert "77,70" not in page.text
    assert token not in page.html
    data = page.form("csrf_token").values
    for what in ("resume", "cancel"):
        guest.post(f"/payments/status/{token}/{what}", data=data, expect=404)
    with act() as session:
        assert count(session, Payment) == 1
        assert only(session).state is PaymentState.created


@pytest.mark.parametrize("what", ["resume", "cancel"])
def test_a_link_is_tried_so_often_and_then_again_in_a_quarter_of_an_hour(guest: Browser, act: Act, what: str) -> None:
    leave(check(guest))
    with act() as session:
        token = only(session).status_token
    data = guest.get(f"/payments/status/{token}?result=back").form("csrf_token").values
    for other in ("resume", "cancel") * (payment_limits.TRIES_PER_LINK // 2):
        guest.post(f"/payments/status/{token}/{other}", data=data, expect=303, follow=False)
    guest.post(f"/payments/status/{token}/{what}", data=data, expect=429)
    with time_machine.travel(clock.now() + lockout.WINDOW + timedelta(seconds=1)):
        guest.post(f"/payments/status/{token}/{what}", data=data, expect=303, follow=False)


@pytest.mark.parametrize("what", ["resume", "cancel"])
def test_links_that_are_guessed_are_counted_by_the_network(guest: Browser, act: Act, what: str) -> None:
    leave(check(guest))
    with act() as session:
        token = only(session).status_token
    data = guest.get(f"/payments/status/{token}?result=back").form("csrf_token").values
    for n in range(payment_limits.TRIES_PER_ADDRESS):
        guest.post(f"/payments/status/{n}/{what}", data=data, expect=404)
    guest.post(f"/payments/status/{n}/{what}", data=data, expect=429)
    guest.post(f"/payments/status/{token}/{what}", data=data, expect=429)
    with act() as session:
        assert only(session).state is not PaymentState.canceled


def test_the_holder_meets_a_guests_payment(guest: Browser, act: Act, app: Flask) -> None:
    leave(check(guest, "812,40"))
    with act() as session:
        login = session.scalars(select(SiteUser.username).where(SiteUser.username.like("user%"))).one()
        pk = only(session).id
    holder = Browser(app)
    holder.sign_in(login, factories.PASSWORD)
    assert f"/cabinet/payments/{pk}/cancel" in holder.get("/cabinet/payments").html


def test_nothing_due_is_an_advance(browser: Browser, act: Act) -> None:
    with act() as session:
        _, made = customer(session, number=NUMBER)
        factories.meter(session, made, serial=SERIAL)
        owe(session, made, "-20.00")
    page = prove(browser)
    assert page.status == 200
    assert page.form("amount").values["amount"] == ""
    assert "20,00 ₽" in page.text
