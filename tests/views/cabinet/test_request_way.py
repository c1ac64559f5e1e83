"""A customer's request on its way: the price, the visit, the payment, the rating."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.domain import payments
from app.models import (
    Account,
    AccountAccess,
    Payment,
    PaymentType,
    RequestMessage,
    RequestNote,
    RequestPayment,
    RequestState,
    RequestStep,
    ServiceRequest,
    SiteUser,
    SlotState,
    VisitSlot,
)
from tests import factories
from tests.bank import bank as bank
from tests.cards import other_payee
from tests.conftest import Act
from tests.page import Browser, Page
from tests.payments import only, word

PAGE = "/cabinet/requests"
PRICE = Decimal("2450.00")


@pytest.fixture
def customer(act: Act, browser: Browser) -> Browser:
    with act() as session:
        user = factories.user(session, login="irina")
        factories.account(session, user, number="0012345678")
        other_payee(session)
    browser.sign_in("irina", factories.PASSWORD)
    return browser


@pytest.fixture
def make(act: Act, customer: Browser) -> Any:
    """Make a request of Irina's account; gives its id."""

    def run(**values: Any) -> int:
        with act() as session:
            user = session.scalars(select(SiteUser).where(SiteUser.username == "irina")).one()
            account = session.scalars(select(Account)).one()
            service = factories.offering(session, price=values.pop("service_price", PRICE))
            return factories.request(session, account, user, service=service, **values).id

    return run


def sent(act: Act, pk: int) -> Any:
    """The columns of a request as they stand."""
    with act() as session:
        row = session.get_one(ServiceRequest, pk)
        session.expunge(row)
        return row


# price and visit ----------------------------------------------------------------------------------------


def test_an_estimate_is_agreed_to(customer: Browser, make: Any, act: Act) -> None:
    pk = make(service_price=None, price=PRICE)
    page = customer.get(f"{PAGE}/{pk}").form("price").submit(("act", "accept"))
    assert page.path == f"{PAGE}/{pk}"
    assert sent(act, pk).price_accepted_at is not None
    assert f"{PAGE}/{pk}/pay" in page.html


def test_an_estimate_that_changed_meanwhile_is_not_agreed_to(customer: Browser, make: Any, act: Act) -> None:
    pk = make(service_price=None, price=PRICE)
    form = customer.get(f"{PAGE}/{pk}").form("price")
    with act() as session:
        session.get_one(ServiceRequest, pk).price = Decimal("9999.00")
    for typed in (form.values["price"], "abc", "9" * 300, ""):
        assert form.submit(("act", "accept"), price=typed).status == 422
    assert sent(act, pk).price_accepted_at is None


def test_the_first_price_is_awaited_honestly(customer: Browser, make: Any) -> None:
    page = customer.get(f"{PAGE}/{make(service_price=None)}")
    assert 'id="price"' in page.html
    assert f"{page.path}/pay" not in page.html


def slot(act: Act, pk: int, *, days: int = 1, state: SlotState = SlotState.offered) -> int:
    with act() as session:
        starts = clock.at(clock.today() + timedelta(days=days), 10)
        request = session.get_one(ServiceRequest, pk)
        ends, now = starts + timedelta(hours=2), clock.now()
        times = {"starts_at": starts, "ends_at": ends, "created_at": now, "changed_at": now}
        made = VisitSlot(account_id=request.account_id, request_id=pk, state=state, **times)
        session.add(made)
        session.flush()
        return made.id


def slot_state(act: Act, key: int) -> SlotState:
    with act() as session:
        return session.get_one(VisitSlot, key).state


def test_a_time_is_picked(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    first, second = slot(act, pk), slot(act, pk, days=2)
    form = customer.get(f"{PAGE}/{pk}").form("visit-slot")
    assert form.submit(("act", "pick")).status == 422  # none is ticked
    page = form.submit(("act", "pick"), **{"visit-slot": str(second)})
    assert page.path == f"{PAGE}/{pk}"
    assert (slot_state(act, first), slot_state(act, second)) == (SlotState.withdrawn, SlotState.agreed)


def test_an_agreed_time_is_declined_with_a_word(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    key = slot(act, pk, state=SlotState.agreed)
    page = customer.get(f"{PAGE}/{pk}").form("visit-why").submit(("act", "decline"), **{"visit-why": "Вечером"})
    assert "Вечером" in page.text
    assert slot_state(act, key) is SlotState.declined


@pytest.mark.parametrize("typed", ["", "abc", "-1", "9" * 40, "999999"])
def test_a_time_that_is_not_there_is_refused(customer: Browser, make: Any, act: Act, typed: str) -> None:
    pk = make()
    slot(act, pk)
    form = customer.get(f"{PAGE}/{pk}").form("visit-slot")
    assert form.submit(("act", "pick"), **{"visit-slot": typed}).status == 422


def test_a_time_in_the_past_is_not_offered_nor_taken(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    old, new = slot(act, pk, days=-1), slot(act, pk)
    page = customer.get(f"{PAGE}/{pk}")
    assert f'value="{old}"' not in page.html
    assert page.form("visit-slot").submit(("act", "pick"), **{"visit-slot": str(old)}).status == 422
    assert (slot_state(act, old), slot_state(act, new)) == (SlotState.offered, SlotState.offered)


# the payment --------------------------------------------------------------------------------------------


def order(customer: Browser, pk: int) -> Page:
    """The page that shows the sum once more."""
    page = customer.get(f"{PAGE}/{pk}")
    button = next(form for form in page.elements("form") if (form.get("action") or "").endswith("/pay"))
    token = next(each.get("value") for each in button.iter("input") if each.get("name") == "csrf_token")
    return customer.post(f"{PAGE}/{pk}/pay", data={"csrf_token": token})


@pytest.mark.usefixtures("bank")
def test_a_request_is_paid_and_shows_its_receipt(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    page = order(customer, pk)
    assert page.path == "/cabinet/payments/confirm"
    assert "2 450,00 ₽" in page.text
    assert f'href="{PAGE}/{pk}"' in page.html
    form = page.form("order")
    customer.post(form.action, data=form.values, follow=False)
    with act() as session:
        payment = only(session)
        assert session.scalars(select(RequestPayment)).one().request_id == pk
        payments.apply_event(session, word(payment))
        status = f"/payments/status/{payment.status_token}"
        number = session.get_one(ServiceRequest, pk).number
        assert number in (payment.basis or "")
    page = customer.get(f"{PAGE}/{pk}")
    assert "receipt.pdf" in page.html
    assert f"{PAGE}/{pk}/pay" not in page.html
    assert customer.get(page.link("Чек")).response.mimetype == "application/pdf"
    assert f'href="{PAGE}/{pk}"' in customer.get(status).html


@pytest.mark.usefixtures("bank")
def test_a_request_is_not_paid_twice(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    forms = [order(customer, pk).form("order") for _tab in range(2)]
    customer.post(forms[0].action, data=forms[0].values, follow=False)
    customer.post(forms[1].action, data=forms[1].values, follow=False)  # the first is unfinished
    with act() as session:
        payments.apply_event(session, word(only(session)))
    customer.post(forms[1].action, data=forms[1].values, follow=False)
    customer.post(f"{PAGE}/{pk}/pay", data={"csrf_token": forms[0].values["csrf_token"]})
    with act() as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 1


@pytest.mark.usefixtures("bank")
def test_a_price_that_changed_on_the_way_to_the_bank_is_not_paid(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    form = order(customer, pk).form("order")
    with act() as session:
        session.get_one(ServiceRequest, pk).price = Decimal("1.00")
    customer.post(form.action, data=form.values, follow=False)
    with act() as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 0


def test_without_a_receiver_of_the_money_the_page_says_so(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    form = customer.get(f"{PAGE}/{pk}").form("body")
    with act() as session:
        for kind in session.scalars(select(PaymentType).where(PaymentType.code == "services")):
            kind.code = "gone"
    page = customer.post(f"{PAGE}/{pk}/pay", data={"csrf_token": form.values["csrf_token"]})
    assert page.path == f"{PAGE}/{pk}"


# rating, lateness, what is not the customer's -----------------------------------------------------------


def test_a_completed_request_is_rated_once(customer: Browser, make: Any, act: Act) -> None:
    pk = make(state=RequestState.done)
    form = customer.get(f"{PAGE}/{pk}").form("rate-rating")
    assert form.submit().status == 422
    assert form.submit(**{"rate-rating": "6"}).status == 422
    page = form.submit(**{"rate-rating": "4", "rate-words": "Быстро"})
    assert "4 из 5" in page.text
    assert form.submit(**{"rate-rating": "1"}).status == 422
    assert (sent(act, pk).rating, sent(act, pk).rating_words) == (4, "Быстро")


def test_a_request_that_is_not_completed_is_not_rated(customer: Browser, make: Any, act: Act) -> None:
    done, fresh = make(state=RequestState.done), make()
    form = customer.get(f"{PAGE}/{done}").form("rate-rating")
    data = {**form.values, "rate-rating": "5"}
    assert customer.post(f"{PAGE}/{fresh}/rate", data=data).status == 422
    assert sent(act, fresh).rating is None
    assert "rate-rating" not in customer.get(f"{PAGE}/{fresh}").html


def test_a_late_request_says_so_in_the_list(customer: Browser, make: Any) -> None:
    make()
    assert "state--bad" not in customer.get(PAGE).html
    make(promised_on=clock.today() - timedelta(days=3))
    assert "state--bad" in customer.get(PAGE).html


def test_the_states_stand_with_their_times(customer: Browser, make: Any, act: Act) -> None:
    pk = make()
    with act() as session:
        row = session.get_one(ServiceRequest, pk)
        moment = clock.at(clock.today(), 0, 1)
        row.state = RequestState.accepted
        step = RequestStep(account_id=row.account_id, request_id=pk, state=row.state, created_at=moment)
        session.add(step)
    steps = [each for each in customer.get(f"{PAGE}/{pk}").elements("li") if "life__step" in (each.get("class") or "")]
    assert sum("is-done" in (step.get("class") or "") for step in steps) == 2
    assert len(steps) == 4


def test_a_note_of_staff_is_nowhere_in_the_cabinet(customer: Browser, make: Any, act: Act) -> None:
    pk = make(state=RequestState.done)
    with act() as session:
        session.add(RequestNote(request_id=pk, body="Скандалит", created_at=clock.now()))
    pages = [customer.get(url).html for url in ("/cabinet/", PAGE, f"{PAGE}/{pk}", f"{PAGE}/{pk}/accepted")]
    assert not any("Скандалит" in html for html in pages)
    assert customer.get("/api/v1/service-requests/", expect=None).status in (401, 403)


def test_a_stranger_finds_none_of_it(customer: Browser, make: Any, act: Act) -> None:
    pk = make(state=RequestState.done, service_price=None, price=PRICE)
    key = slot(act, pk)
    with act() as session:
        factories.account(session, factories.user(session, login="oleg"))
        factories.offering(session, code="sealing")
    stranger = Browser(customer.app)
    stranger.sign_in("oleg", factories.PASSWORD)
    token = stranger.get(f"{PAGE}/new").form("description").values["csrf_token"]
    for act_name, data in (
        ("price", {"price": "2450", "act": "accept"}),
        ("visit", {"visit-slot": str(key), "act": "pick"}),
        ("visit", {"act": "decline"}),
        ("pay", {}),
        ("rate", {"rate-rating": "1"}),
    ):
        assert stranger.post(f"{PAGE}/{pk}/{act_name}", data={**data, "csrf_token": token}).status == 404
    row = sent(act, pk)
    assert (row.rating, row.price_accepted_at, slot_state(act, key)) == (None, None, SlotState.offered)
    with act() as session:
        assert session.scalar(select(func.count()).select_from(RequestMessage)) == 0


def test_the_home_page_does_not_promise_a_day_that_has_passed(customer: Browser, make: Any) -> None:
    pk = make(promised_on=clock.today() - timedelta(days=3))
    page = customer.get("/cabinet/")
    assert f'href="{PAGE}/{pk}"' in page.html
    assert "мы опаздываем" in page.text


@pytest.mark.parametrize("is_of_own", [True, False])
def test_what_an_access_allows_is_asked_of_the_account_of_the_request(
    customer: Browser, make: Any, act: Act, is_of_own: bool
) -> None:
    """Irina has an account of her own and looks at her mother's; another one is chosen than the request is of."""
    pk = make(price=PRICE, price_accepted_at=clock.now())
    with act() as session:
        irina = session.scalars(select(SiteUser).where(SiteUser.username == "irina")).one()
        session.add(
            AccountAccess(
                user_id=irina.id,
                account_id=factories.account(session).id,
                basis="invitation",
                granted_at=clock.now(),
                may_pay=not is_of_own,
                may_request=not is_of_own,
            )
        )
        if not is_of_own:
            session.execute(
                update(AccountAccess).where(AccountAccess.basis == "test").values(may_pay=False, may_request=False)
            )
        other = session.scalars(select(AccountAccess.account_id).where(AccountAccess.basis == "invitation")).one()
    token = customer.get("/cabinet/accounts").form("csrf_token").values["csrf_token"]
    customer.post(f"/cabinet/accounts/{other}/choose", data={"csrf_token": token})
    page = customer.get(f"{PAGE}/{pk}").form("body").submit(body="Когда придёт мастер?")
    assert page.status == (200 if is_of_own else 403)
    page = customer.post(f"{PAGE}/{pk}/pay", data={"csrf_token": token})
    assert page.status == (200 if is_of_own else 403)
    if is_of_own:
        answer = customer.post(page.form("order").action, data=page.form("order").values, follow=False).response
        assert "MNT_AMOUNT=2450.00" in answer.location
    answer = customer.post(f"{PAGE}/{pk}/withdraw", data={"csrf_token": token}, follow=False).response
    assert (answer.status_code == 403) is not is_of_own
