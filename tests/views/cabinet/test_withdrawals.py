"""A customer takes a request back: while nothing was done, with its visit, its payment, its money."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.domain import payments, request_prices
from app.domain.errors import DomainError
from app.domain.payment_states import Event
from app.models import (
    AccountAccess,
    OutboxMessage,
    Payment,
    PaymentState,
    RequestMessage,
    RequestState,
    RequestStep,
    ServiceRequest,
    SlotState,
    VisitSlot,
)
from tests import factories
from tests.bank import bank as bank
from tests.conftest import Act
from tests.page import Browser, Page
from tests.payments import only, word
from tests.views.cabinet.test_request_way import PAGE, PRICE, order
from tests.views.cabinet.test_request_way import customer as customer
from tests.views.cabinet.test_request_way import make as make
from tests.views.staff.desk import form_to, has_form


def withdraw(customer: Browser, pk: int, why: str = "") -> Page:
    return form_to(customer.get(f"{PAGE}/{pk}"), "/withdraw").submit(**{"withdraw-why": why})


def state(act: Act, pk: int) -> RequestState:
    with act() as session:
        return session.get_one(ServiceRequest, pk).state


def test_a_request_is_withdrawn_with_its_visit_and_staff_read_why(customer: Browser, make: Any, act: Act) -> None:
    with act() as session:
        clerk = factories.user(session, "Operator", email="olga@example.org").id
    pk = make(service_price=None, state=RequestState.accepted, assignee_id=clerk)
    with act() as session:
        request = session.get_one(ServiceRequest, pk)
        starts = clock.now() + timedelta(days=1)
        times = {
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=1),
            "created_at": starts,
            "changed_at": starts,
        }
        for each in (SlotState.agreed, SlotState.offered):
            session.add(VisitSlot(account_id=request.account_id, request_id=pk, state=each, **times))
    page = withdraw(customer, pk, "Справились сами")
    assert page.path == f"{PAGE}/{pk}"
    assert "Отозвана абонентом" in page.text
    assert "Справились сами" in page.text
    assert not has_form(page, "/withdraw")
    with act() as session:
        assert set(session.scalars(select(VisitSlot.state))) == {SlotState.withdrawn}
        assert session.scalars(select(RequestStep.state)).all() == [RequestState.withdrawn]
        assert session.scalars(select(RequestMessage)).one().is_from_staff is False
        letter = session.scalars(select(OutboxMessage)).one()
        assert letter.recipient == "olga@example.org"
        assert session.get_one(ServiceRequest, pk).number in letter.subject


@pytest.mark.parametrize("begun", [RequestState.in_progress, RequestState.done, RequestState.declined], ids=str)
def test_what_was_begun_is_not_withdrawn(customer: Browser, make: Any, act: Act, begun: RequestState) -> None:
    pk = make()
    form = form_to(customer.get(f"{PAGE}/{pk}"), "/withdraw")
    with act() as session:
        session.get_one(ServiceRequest, pk).state = begun
    assert form.submit().status == 422
    assert state(act, pk) is begun
    assert not has_form(customer.get(f"{PAGE}/{pk}"), "/withdraw")


def test_a_visit_that_has_begun_is_work(customer: Browser, make: Any, act: Act) -> None:
    pk = make(state=RequestState.accepted)
    with act() as session:
        request, now = session.get_one(ServiceRequest, pk), clock.now()
        times = {"starts_at": now - timedelta(minutes=5), "ends_at": now, "created_at": now, "changed_at": now}
        session.add(VisitSlot(account_id=request.account_id, request_id=pk, state=SlotState.agreed, **times))
    assert not has_form(customer.get(f"{PAGE}/{pk}"), "/withdraw")


@pytest.mark.usefixtures("bank")
class TestMoney:
    def begun(self, customer: Browser, pk: int) -> None:
        form = order(customer, pk).form("order")
        customer.post(form.action, data=form.values, follow=False)

    def test_a_payment_that_was_begun_is_closed_and_no_other_begins(
        self, customer: Browser, make: Any, act: Act
    ) -> None:
        pk = make()
        self.begun(customer, pk)
        page = withdraw(customer, pk)
        assert f"{PAGE}/{pk}/pay" not in page.html
        with act() as session:
            assert only(session).state is PaymentState.canceled
            request = session.get_one(ServiceRequest, pk)
            with pytest.raises(DomainError):
                request_prices.check_unpaid(session, pk, request.account, PRICE)

    def test_money_that_comes_all_the_same_is_to_go_back(self, customer: Browser, make: Any, act: Act) -> None:
        pk = make()
        self.begun(customer, pk)
        withdraw(customer, pk)
        with act() as session:
            payments.apply_event(session, word(only(session)))
            assert only(session).state is PaymentState.succeeded
            assert "withdrawn" in (only(session).alert or "").split()
        assert "Деньги вернутся" in customer.get(f"{PAGE}/{pk}").text

    def test_a_paid_request_says_before_and_after_that_all_goes_back(
        self, customer: Browser, make: Any, act: Act
    ) -> None:
        pk = make()
        self.begun(customer, pk)
        with act() as session:
            payments.apply_event(session, word(only(session)))
        assert "вернём всю сумму" in customer.get(f"{PAGE}/{pk}").text
        page = withdraw(customer, pk)
        assert "2 450,00 ₽, вернётся на карту" in page.text
        with act() as session:
            payment = session.scalars(select(Payment)).one()
            assert (payment.state, payment.alert) == (PaymentState.succeeded, "withdrawn")
            assert payment.amount == Decimal("2450.00")

    def test_a_guest_who_may_not_pay_withdraws_no_paid_request(self, customer: Browser, make: Any, act: Act) -> None:
        pk = make()
        self.begun(customer, pk)
        with act() as session:
            session.scalars(select(AccountAccess)).one().may_pay = False
        page = withdraw(customer, pk)
        assert page.status == 422
        assert "тот, кому разрешено платить" in page.text
        assert state(act, pk) is RequestState.new
        with act() as session:
            assert only(session).state is not PaymentState.canceled

    def test_while_a_card_is_charged_nothing_is_withdrawn(self, customer: Browser, make: Any, act: Act) -> None:
        pk = make()
        self.begun(customer, pk)
        with act() as session:
            payments.apply_event(session, word(only(session), Event.charging))
            assert only(session).state is PaymentState.processing
        assert withdraw(customer, pk).status == 422
        assert state(act, pk) is RequestState.new
