"""The customer's payment: the table, the sum once more, the way to the gateway, the list of payments and receipts."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import delete, func, select

from app import clock
from app.domain import payments
from app.gateways.moneta import is_signed
from app.models import Account, AccountService, Payment, PaymentLine, PaymentState, SiteUser
from app.views.base import SWITCHED
from tests import factories
from tests.bank import bank as bank
from tests.cards import other_payee
from tests.conftest import Act
from tests.page import Browser, Page, text_of
from tests.payments import customer, nobody_is_paid, only, owe, started, word

PAGE = "/cabinet/payments"
pytestmark = pytest.mark.usefixtures("bank")


@pytest.fixture
def payer(act: Act, browser: Browser) -> Browser:
    """A customer who owes 300.00 for cold water and 50.25 for sewerage, signed in."""
    with act() as session:
        user, account = customer(session)
        owe(session, account, "300.00")
        owe(session, account, "50.25", "sewerage")
        login = user.username
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def ids(act: Act) -> dict[str, int]:
    with act() as session:
        return {code: factories.service(session, code).id for code in ("cold", "sewerage", "hot")}


def table(page: Page, ids: dict[str, int]) -> Any:
    return page.form(f"wish-{ids['cold']}", f"tick-{ids['cold']}")


def check(payer: Browser, ids: dict[str, int], **values: Any) -> Page:
    """Send the table with the ticks set and some values changed."""
    ticks = {f"tick-{ids[code]}": "1" for code in ("cold", "sewerage")}
    return table(payer.get(PAGE), ids).submit(**{**ticks, **values})


def leave(page: Page) -> Any:
    """Press the button of the page that shows the sum once more; where the browser is sent."""
    form = page.form("order")
    return page.browser.post(form.action, data=form.values, follow=False).response


def count(act: Act) -> int:
    with act() as session:
        return session.scalar(select(func.count()).select_from(Payment)) or 0


def test_the_table_stands_with_what_is_due_and_nothing_ticked(payer: Browser, ids: dict[str, int]) -> None:
    form = table(payer.get(PAGE), ids)
    assert form.values[f"wish-{ids['cold']}"] == "300,00"
    assert not [name for name in form.values if name.startswith("tick-")]


def test_the_sum_is_shown_once_more_before_the_gateway(payer: Browser, ids: dict[str, int], act: Act) -> None:
    page = check(payer, ids, **{f"wish-{ids['cold']}": "1 190,25"})
    assert page.path == f"{PAGE}/confirm"
    assert "1 240,50 ₽" in page.text
    assert count(act) == 0


def test_the_button_leads_to_the_gateway_with_a_signed_form(
    app: Flask, payer: Browser, ids: dict[str, int], act: Act
) -> None:
    answer = leave(check(payer, ids))
    assert answer.status_code == 303
    assert answer.location.startswith(app.config["MONETA_URL"] + "?")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert is_signed("form", fields, tuple(app.config["MONETA_CODES"]))
    with act() as session:
        payment = only(session)
        assert (payment.state, payment.amount) == (PaymentState.created, Decimal("350.25"))
        assert (fields["MNT_TRANSACTION_ID"], fields["MNT_AMOUNT"]) == (payment.order_number, "350.25")
        assert fields["MNT_SUCCESS_URL"] == f"http://localhost/payments/status/{payment.status_token}?result=wait"


def test_the_way_is_open_in_the_content_policy(app: Flask, payer: Browser, ids: dict[str, int]) -> None:
    policy = check(payer, ids).response.headers["Content-Security-Policy"]
    origin = app.config["MONETA_URL"].removesuffix("/assistant.htm")
    assert f"form-action 'self' {origin}" in policy


def test_a_service_without_a_wish_is_not_paid(payer: Browser, ids: dict[str, int], act: Act) -> None:
    leave(check(payer, ids, **{f"wish-{ids['sewerage']}": "0", f"tick-{ids['sewerage']}": None}))
    with act() as session:
        assert only(session).amount == Decimal("300.00")


@pytest.mark.parametrize("wish", ["-1", "1e5", "NaN", "900000", "1000000,01", "9" * 40, "12,345", "сто"])
def test_a_sum_that_cannot_be_is_refused_and_kept_in_the_field(
    payer: Browser, ids: dict[str, int], act: Act, wish: str
) -> None:
    name = f"wish-{ids['cold']}"
    page = check(payer, ids, **{name: wish})
    assert page.status == 422
    assert page.error(name)
    assert table(page, ids).values[name] == wish
    assert table(page, ids).values[f"tick-{ids['cold']}"] == "1"


@pytest.mark.parametrize("wish", ["1 190,5", "１１９０．５", " 1190.50 "])
def test_a_sum_may_be_typed_in_any_clothing(payer: Browser, ids: dict[str, int], wish: str) -> None:
    assert check(payer, ids, **{f"wish-{ids['cold']}": wish}).path == f"{PAGE}/confirm"


def test_a_total_that_is_not_ticked_is_refused(payer: Browser, ids: dict[str, int], act: Act) -> None:
    page = check(payer, ids, **{f"tick-{ids['cold']}": None})
    assert page.status == 422
    assert page.error(f"tick-{ids['cold']}")
    assert not page.error(f"wish-{ids['cold']}")
    summary = next(each for each in page.elements("div") if each.get("class") == "summary")
    (link,) = summary.iter("a")
    assert link.get("href") == f"#tick-{ids['cold']}"
    assert "Холодная вода" in text_of(link)
    assert page.title.startswith(("Error", "Ошибка"))
    assert count(act) == 0


def test_changing_the_sums_begins_with_those_that_were_typed(payer: Browser, ids: dict[str, int]) -> None:
    page = check(payer, ids, **{f"wish-{ids['cold']}": "100", f"wish-{ids['sewerage']}": ""})
    back = payer.get(page.root.find(".//a[@class='back__link']").get("href"))
    values = table(back, ids).values
    assert (values[f"wish-{ids['cold']}"], values[f"wish-{ids['sewerage']}"]) == ("100,00", "")
    assert f"tick-{ids['cold']}" not in values
    assert "100,00 ₽" in " ".join(map(text_of, back.elements("button")))


def test_without_anybody_who_is_paid_it_is_said(payer: Browser, ids: dict[str, int], act: Act) -> None:
    with act() as session:
        nobody_is_paid(session)
    assert check(payer, ids).status == 422


def test_nothing_wished_is_refused(payer: Browser, ids: dict[str, int]) -> None:
    page = check(payer, ids, **{f"wish-{ids['cold']}": "", f"wish-{ids['sewerage']}": "0"})
    assert page.status == 422


def test_what_was_checked_cannot_be_edited_on_its_way(payer: Browser, ids: dict[str, int], act: Act) -> None:
    form = check(payer, ids).form("order")
    sealed = form.values["order"]
    changed = ("A" if sealed[5] != "A" else "B").join((sealed[:5], sealed[6:]))
    assert payer.post(form.action, data={**form.values, "order": changed}).path == PAGE
    assert payer.get(f"{PAGE}/confirm?order={changed}").path == PAGE
    assert payer.get(f"{PAGE}/confirm").path == PAGE
    assert count(act) == 0


def test_a_service_that_left_the_account_meanwhile_is_checked_again(
    payer: Browser, ids: dict[str, int], act: Act
) -> None:
    page = check(payer, ids)
    with act() as session:
        owe(session, session.scalars(select(Account)).one(), "-300.00", period=date(2026, 9, 1))
        session.execute(delete(AccountService).where(AccountService.service_id == ids["cold"]))
    assert payer.get(page.url).path == PAGE


@pytest.mark.parametrize("path", ["/cabinet/", PAGE])
def test_a_payment_that_waits_for_its_customer_is_named_above_a_new_one(
    payer: Browser, ids: dict[str, int], act: Act, path: str
) -> None:
    assert "/resume" not in payer.get(path).html
    leave(check(payer, ids))
    page = payer.get(path)
    assert all(f"{PAGE}/1/{what}" in page.html for what in ("resume", "cancel"))
    payer.post(f"{PAGE}/1/cancel", data=page.form("csrf_token").values)
    assert "/resume" not in payer.get(path).html


def test_what_was_checked_more_than_an_hour_ago_is_checked_again(payer: Browser, ids: dict[str, int], act: Act) -> None:
    form = check(payer, ids).form("order")
    with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
        assert payer.post(form.action, data=form.values).path == PAGE
    assert count(act) == 0


def test_a_double_click_and_the_way_back_are_the_same_payment(payer: Browser, ids: dict[str, int], act: Act) -> None:
    page = check(payer, ids)
    first, again = leave(page), leave(page)
    assert first.location.partition("MNT_SIGNATURE")[2] == again.location.partition("MNT_SIGNATURE")[2]
    assert count(act) == 1
    with act() as session:
        payments.apply_event(session, word(only(session)))
    assert "/payments/status/" in leave(page).location
    assert payer.get(page.url).path.startswith("/payments/status/")
    assert count(act) == 1


def test_a_second_payment_at_the_same_time_meets_the_first(payer: Browser, ids: dict[str, int], act: Act) -> None:
    leave(check(payer, ids))
    page = payer.get(leave(check(payer, ids, **{f"wish-{ids['cold']}": "10"})).location)
    assert page.path.startswith("/payments/status/")
    assert "350,25 ₽" in page.text
    assert count(act) == 1
    with act() as session:
        pk = only(session).id
    token = page.form("csrf_token").values
    answer = payer.post(f"{PAGE}/{pk}/resume", data=token, follow=False).response
    assert "MNT_AMOUNT=350.25" in answer.location
    assert payer.post(f"{PAGE}/{pk}/cancel", data=token).status == 200
    with act() as session:
        assert only(session).state is PaymentState.canceled
    assert "MNT_AMOUNT=60.25" in leave(check(payer, ids, **{f"wish-{ids['cold']}": "10"})).location


def test_anothers_account_payment_and_receipt_are_not_there(payer: Browser, ids: dict[str, int], act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        account_id = account.id
        payment = started(session, user, account)
        payments.apply_event(session, word(payment))
        payment_id = payment.id
    token = payer.get(PAGE).form(f"wish-{ids['cold']}").values["csrf_token"]
    assert payer.get(f"{PAGE}/{payment_id}/receipt.pdf", expect=404)
    for act_of in ("resume", "cancel"):
        assert payer.post(f"{PAGE}/{payment_id}/{act_of}", data={"csrf_token": token}, expect=404)
    assert payer.post(f"{PAGE}/check", data={"csrf_token": token, "account_id": account_id}, expect=404)
    assert payer.post(f"{PAGE}/check", data={"csrf_token": token, "account_id": "9" * 20}, expect=404)
    assert payer.get(f"{PAGE}/{'9' * 20}/receipt.pdf", expect=404)
    with act() as session:
        assert session.get_one(Payment, payment_id).state is PaymentState.succeeded


def test_the_order_of_one_user_is_nothing_to_another(payer: Browser, ids: dict[str, int], app: Flask, act: Act) -> None:
    confirm = check(payer, ids).url
    with act() as session:
        other = customer(session)[0].username
    thief = Browser(app)
    thief.sign_in(other, factories.PASSWORD)
    assert thief.get(confirm).path == PAGE


def test_the_history_has_states_and_receipts_and_goes_back_by_pages(payer: Browser, act: Act, app: Flask) -> None:
    with act() as session:
        account = session.scalars(select(Account)).one()
        user = session.scalars(select(SiteUser).where(SiteUser.username.like("user%"))).one()
        for turn in range(22):
            payment = started(session, user, account, f"key{turn}")
            payments.apply_event(session, word(payment, operation_id=f"30{turn:04d}"))
        started(session, user, account, "open")
    page = payer.get(PAGE)
    rows = [row for row in page.elements("tr") if row.get("role") == "row"]
    assert f"{PAGE}/22/receipt.pdf" in page.html
    older = next(a.get("href") for a in page.elements("a") if "before=" in (a.get("href") or ""))
    second = payer.get(older)
    assert f"{PAGE}/1/receipt.pdf" in second.html
    assert f"{PAGE}/22/receipt.pdf" not in second.html
    assert len(rows) > 20
    for odd in ("abc", "9" * 20, "-1", "0"):
        payer.get(f"{PAGE}?before={odd}")


def test_the_receipt_is_a_pdf_of_what_was_paid(payer: Browser, ids: dict[str, int], act: Act) -> None:
    leave(check(payer, ids))
    with act() as session:
        payment = only(session)
        outcome = payments.apply_event(session, word(payment))
        assert outcome.receipt
        url, number = f"{PAGE}/{payment.id}/receipt.pdf", outcome.receipt.title
    answer = payer.get(url).response
    assert answer.mimetype == "application/pdf"
    assert f"receipt-{number}.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    text = PdfReader(BytesIO(answer.get_data())).pages[0].extract_text()
    assert number in text
    assert "350,25" in text


class TestCompany:
    @pytest.fixture
    def company(self, act: Act, browser: Browser) -> Browser:
        with act() as session:
            user, account = customer(session, is_company=True)
            owe(session, account, "300.00")
            owe(session, account, "100.00", "sewerage")
            login = user.username
        browser.sign_in(login, factories.PASSWORD)
        return browser

    def test_it_pays_an_amount_with_its_basis(self, company: Browser, act: Act) -> None:
        page = company.get(PAGE).form("amount", "basis").submit(amount="100,01", basis="  Долг  за октябрь ")
        assert "Долг за октябрь" in page.text
        back = page.root.find(".//a[@class='back__link']").get("href")
        kept = company.get(back).form("amount", "basis").values
        assert (kept["amount"], kept["basis"]) == ("100,01", "Долг за октябрь")
        leave(page)
        with act() as session:
            payment = only(session)
            assert (payment.amount, payment.basis) == (Decimal("100.01"), "Долг за октябрь")
            lines = session.scalars(select(PaymentLine.amount)).all()
            assert sorted(lines) == [Decimal("25.00"), Decimal("75.01")]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("basis", ""), ("basis", "ab"), ("basis", "x" * 211), ("amount", ""), ("amount", "0"), ("amount", "-5")],
    )
    def test_what_is_missing_is_asked_for_at_its_field(
        self, company: Browser, act: Act, field: str, value: str
    ) -> None:
        page = company.get(PAGE).form("amount", "basis").submit(**{"amount": "10", "basis": "Долг", field: value})
        assert page.status == 422
        assert page.error(field)
        assert page.form("amount", "basis").values[field] == value
        assert count(act) == 0


def test_a_customer_without_an_account_is_told_what_to_do(act: Act, browser: Browser) -> None:
    with act() as session:
        login = factories.user(session).username
    browser.sign_in(login, factories.PASSWORD)
    assert "/cabinet/accounts" in browser.get(PAGE).html


def test_a_get_starts_nothing(payer: Browser) -> None:
    for path in ("check", "start", "1/resume", "1/cancel"):
        assert payer.get(f"{PAGE}/{path}", expect=None).status in (404, 405)


@pytest.mark.parametrize("path", [f"{PAGE}/check", f"{PAGE}/for/services/{{payee}}"])
def test_a_number_that_no_account_has_is_not_there_for_who_has_many(payer: Browser, act: Act, path: str) -> None:
    with act() as session:
        user = session.scalars(select(SiteUser).where(SiteUser.username.like("user%"))).one()
        for _more in range(SWITCHED):
            factories.account(session, user)
        path = path.format(payee=other_payee(session).payee.id)
    values = payer.get("/cabinet/settings").form().values
    payer.post(path, data={**values, "account_id": "9" * 20}, expect=404)
