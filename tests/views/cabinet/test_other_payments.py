"""Paying for something else than water: payees, what each may know of the payer, and for how long."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import cleaning, payment_types, payments
from app.domain.payment_states import Event
from app.models import AuditEvent, LedgerEntry, Payment, PaymentLine, PaymentState
from tests import factories
from tests.bank import bank as bank
from tests.cards import other_payee
from tests.conftest import Act
from tests.page import Browser, Page
from tests.payments import balance, count, customer, only, owe, word

pytestmark = pytest.mark.usefixtures("bank")
CARD = "4111 1111 1111 1111"
PASSPORT = {"full_name": "Петрова Ирина Сергеевна", "passport_number": "57 03 123456"}


@pytest.fixture
def services(act: Act) -> str:
    """The address of a payee that asks for nothing."""
    with act() as session:
        return address(other_payee(session).payee.id)


@pytest.fixture
def budget(act: Act) -> str:
    """The address of a payee that asks for the passport."""
    with act() as session:
        return address(other_payee(session, name="Городская служба", asks_passport=True).payee.id)


@pytest.fixture
def payer(act: Act, browser: Browser) -> Browser:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "300.00")
        login = user.username
    browser.sign_in(login, factories.PASSWORD)
    return browser


def address(payee_id: int) -> str:
    return f"/cabinet/payments/for/services/{payee_id}"


def order(payer: Browser, url: str, **typed: str) -> Page:
    return payer.get(url).form("amount", "basis").submit(**{"amount": "100,50", "basis": "Пломба, акт 7", **typed})


def start(page: Page, **typed: str) -> Page:
    form = page.form("order")
    return page.browser.post(form.action, data={**form.values, **typed}, follow=False)


def test_payees_stand_beside_the_water_and_each_has_its_page(payer: Browser, services: str, budget: str) -> None:
    page = payer.get("/cabinet/payments")
    links = {link.get("href") for link in page.elements("a")}
    assert {services, budget} <= links
    current = [link for link in payer.get(services).elements("a") if link.get("aria-current") == "page"]
    assert services in {link.get("href") for link in current}


def test_without_other_payees_there_is_nothing_to_choose(payer: Browser) -> None:
    assert "/cabinet/payments/for/" not in payer.get("/cabinet/payments").html


def test_a_payment_to_another_payee_leaves_the_water_alone(payer: Browser, services: str, act: Act) -> None:
    page = order(payer, services)
    assert "100,50 ₽" in page.text
    assert start(page).response.location.startswith(payer.app.config["MONETA_URL"])
    with act() as session:
        payment = only(session)
        assert (payment.amount, payment.basis, payment.payer_document) == (Decimal("100.50"), "Пломба, акт 7", None)
        entries, owed = count(session, LedgerEntry), balance(session, payment.account)
        outcome = payments.apply_event(session, word(payment))
        assert outcome.receipt is not None
        assert outcome.receipt.snapshot["payee"]["name"] == "Служба сетей"
        assert (count(session, LedgerEntry), count(session, PaymentLine)) == (entries, 0)
        assert balance(session, payment.account) == owed
        pk, token = payment.id, payment.status_token
    assert payer.get(f"/cabinet/payments/{pk}/receipt.pdf").response.mimetype == "application/pdf"
    assert "300,00" not in " ".join(payer.get(f"/payments/status/{token}").elements("main")[0].itertext())


def test_going_back_keeps_what_was_typed(payer: Browser, services: str) -> None:
    back = order(payer, services).root.find(".//a[@class='back__link']").get("href")
    kept = payer.get(back).form("amount", "basis").values
    assert (kept["amount"], kept["basis"]) == ("100,50", "Пломба, акт 7")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", ""),
        ("amount", "0"),
        ("amount", "33,333"),
        ("amount", "-5"),
        ("amount", "1000000,01"),
        ("amount", "NaN"),
        ("basis", ""),
        ("basis", "аб"),
        ("basis", "х" * 5000),
        ("basis", "Акт\x07 7"),
        ("basis", f"Карта {CARD}"),
        ("basis", CARD.replace(" ", "")),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    payer: Browser, services: str, act: Act, field: str, typed: str
) -> None:
    page = order(payer, services, **{field: typed})
    assert page.status == 422
    assert page.error(field)
    assert "4111" not in page.html
    with act() as session:
        assert count(session, Payment) == 0


def test_water_unknown_payees_and_unknown_kinds_have_no_such_page(payer: Browser, services: str, act: Act) -> None:
    with act() as session:
        utility = payment_types.utility(session).payee.id
    for path in (f"utilities/{utility}", f"services/{utility}", "services/99999", "nothing/1", f"services/{'9' * 20}"):
        payer.get(f"/cabinet/payments/for/{path}", expect=404)


def test_anothers_account_cannot_be_named(payer: Browser, services: str, act: Act) -> None:
    with act() as session:
        theirs = customer(session)[1].id
    assert order(payer, services, account_id=str(theirs)).status == 404


class TestPassport:
    def test_only_the_payee_that_must_know_asks(self, payer: Browser, services: str, budget: str) -> None:
        assert "passport_number" not in order(payer, services).html
        form = order(payer, budget).form("full_name", "passport_number")
        assert (form.values["full_name"], form.values["passport_number"]) == (PASSPORT["full_name"], "")

    def test_others_keep_none_even_if_it_is_sent(self, payer: Browser, services: str, act: Act) -> None:
        start(order(payer, services), **PASSPORT)
        with act() as session:
            assert only(session).payer_document is None

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("passport_number", ""), ("passport_number", "12"), ("passport_number", "<b>57</b>"), ("full_name", "")],
    )
    def test_without_it_nothing_begins(self, payer: Browser, budget: str, act: Act, field: str, typed: str) -> None:
        page = start(order(payer, budget), **{**PASSPORT, field: typed})
        assert page.status == 422
        assert page.error(field)
        with act() as session:
            assert count(session, Payment) == 0

    def test_it_is_sealed_and_goes_nowhere_by_itself(
        self, payer: Browser, budget: str, act: Act, capfd: pytest.CaptureFixture[str]
    ) -> None:
        location = start(order(payer, budget), **PASSPORT).response.location
        assert "123456" not in location
        with act() as session:
            payment = only(session)
            assert "5703" not in (payment.payer_document or "")
            passport = payment_types.passport_of(payment)
            assert passport is not None
            assert (passport.full_name, passport.number) == (PASSPORT["full_name"], "5703123456")
            outcome = payments.apply_event(session, word(payment))
            assert outcome.receipt is not None
            assert "5703123456" not in str(outcome.receipt.snapshot)
            token = payment.status_token
        for path in ("/cabinet/payments", f"/payments/status/{token}"):
            assert "123456" not in payer.get(path).html
        assert "123456" not in "".join(capfd.readouterr())

    @pytest.mark.parametrize("event", [Event.canceled, Event.expired, Event.given_up])
    def test_it_is_wiped_when_the_payment_comes_to_nothing(
        self, payer: Browser, budget: str, act: Act, event: Event
    ) -> None:
        start(order(payer, budget), **PASSPORT)
        with act() as session:
            payment = only(session)
            if event is Event.given_up:
                payments.give_up(session, payment.id)
            else:
                payments.apply_event(session, word(payment, event))
            assert payment.payer_document is None

    def test_it_is_wiped_some_days_after_the_payment(self, payer: Browser, budget: str, act: Act) -> None:
        start(order(payer, budget), **PASSPORT)
        with act() as session:
            payments.apply_event(session, word(only(session)))
        for days, is_kept in ((9, True), (11, False)):
            with time_machine.travel(clock.now() + timedelta(days=days)), act() as session:
                cleaning.clean_rows(session)
            with act() as session:
                assert (only(session).payer_document is not None) is is_kept

    def test_the_cashier_looks_with_a_trace_passes_it_on_and_it_is_gone(
        self, payer: Browser, budget: str, act: Act, app: Flask
    ) -> None:
        start(order(payer, budget), **PASSPORT)
        with act() as session:
            payment = only(session)
            pk = payment.id
            login = factories.user(session, "Cashier").username
        cashier = Browser(app)
        cashier.sign_in(login, factories.PASSWORD)
        desk = "/staff/desk/documents"
        assert f"{desk}/{pk}" not in cashier.get(desk).html
        cashier.get(f"{desk}/{pk}", expect=404)
        with act() as session:
            payments.apply_event(session, word(only(session)))
        assert f"{desk}/{pk}" in cashier.get(desk).html
        assert "5703123456" not in cashier.get(desk).html
        page = cashier.get(f"{desk}/{pk}")
        assert "5703123456" in page.text
        with act() as session:
            assert session.scalars(select(AuditEvent.object_type).where(AuditEvent.action == "looked")).all()
        assert cashier.post(f"{desk}/{pk}", data=page.form("csrf_token").values).path == desk
        assert f"{desk}/{pk}" not in cashier.get(desk).html
        cashier.get(f"{desk}/{pk}", expect=404)
        with act() as session:
            assert (only(session).payer_document, only(session).state) == (None, PaymentState.succeeded)
            assert session.scalars(select(AuditEvent.id).where(AuditEvent.action == "passed on")).all()

    def test_the_panel_and_its_exports_never_show_it(self, payer: Browser, budget: str, act: Act, app: Flask) -> None:
        start(order(payer, budget), **PASSPORT)
        with act() as session:
            sealed, pk = only(session).payer_document, only(session).id
            login = factories.user(session, "Admin").username
        admin = Browser(app)
        admin.sign_in(login, factories.PASSWORD)
        for path in ("list/", f"show/{pk}", "export/csv"):
            answer = admin.get(f"/staff/payments/{path}", expect=None).response.get_data(as_text=True)
            assert str(sealed) not in answer
            assert "5703123456" not in answer


def test_a_payment_of_another_kind_does_not_stand_in_the_way(payer: Browser, services: str, act: Act) -> None:
    start(order(payer, services))
    with act() as session:
        first = only(session).id
    again = start(order(payer, services, amount="7"))
    assert "result=unfinished" in again.response.location
    table = payer.get("/cabinet/payments").form("csrf_token", "account_id")
    wishes = {name: "" for name in table.values if name.startswith("wish-")}
    cold = next(iter(wishes))
    water = table.submit(**{**wishes, cold: "100", cold.replace("wish", "tick"): "1"})
    assert start(water).response.location.startswith(payer.app.config["MONETA_URL"])
    with act() as session:
        assert session.scalars(select(Payment.id).order_by(Payment.id)).all()[0] == first
        assert count(session, Payment) == 2
