"""A request at work, the board of many, the day of visits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain import account_access
from app.models import (
    AnswerTemplate,
    AuditEvent,
    OfferingField,
    OutboxMessage,
    RequestNote,
    RequestPayment,
    RequestState,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
    SlotState,
    VisitSlot,
)
from tests import factories
from tests.conftest import Act
from tests.mail import delivered, text_of
from tests.page import Browser, Page
from tests.panel.test_rest import Client
from tests.payments import deposited

DESK = "/staff/desk/requests"
NOTE = "Скандалит, звонить директору"


@pytest.fixture
def operator(act: Act, browser: Browser) -> Browser:
    with act() as session:
        factories.user(session, "Operator", login="operator", last_name="Пепеляева", first_name="Светлана")
        factories.user(session, "Operator", login="second", last_name="Абрамова", first_name="Анна")
        factories.user(session, "Cashier", login="cashier", last_name="Чудинова")
    browser.sign_in("operator", factories.PASSWORD)
    return browser


@pytest.fixture
def make(act: Act, operator: Browser) -> Any:
    """Make a request of a customer whose letters are in English; gives its id."""

    def run(**values: Any) -> int:
        with act() as session:
            user = factories.user(session, locale="en")
            account = factories.account(session, user, premises=values.pop("premises", None))
            return factories.request(session, account, user, **values).id

    return run


def stored(act: Act, pk: int) -> Any:
    with act() as session:
        row = session.get_one(ServiceRequest, pk)
        session.expunge(row)
        return row


def user_id(act: Act, login: str) -> int:
    with act() as session:
        return session.scalars(select(SiteUser.id).where(SiteUser.username == login)).one()


def of_form(page: Page, action: str) -> Any:
    return next(page.form(*names) for names in FIELDS[action])


FIELDS = {
    "assign": [("assign-to",)],
    "price": [("price-price",)],
    "visit": [("visit-starts_at",)],
    "note": [("note-body",)],
}


# one request --------------------------------------------------------------------------------------------


def test_a_request_is_given_to_somebody_who_works_on_requests(operator: Browser, make: Any, act: Act) -> None:
    pk, second = make(), user_id(act, "second")
    form = of_form(operator.get(f"{DESK}/{pk}"), "assign")
    page = form.submit(**{"assign-to": str(second)})
    assert "Абрамова" in page.text
    assert stored(act, pk).assignee_id == second
    form = of_form(page, "assign")
    for odd in (str(user_id(act, "cashier")), "abc", "999999", "-1", "9" * 40):
        assert form.submit(**{"assign-to": odd}).status == 400
    assert stored(act, pk).assignee_id == second


def test_the_price_is_named_and_the_customer_is_told(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    page = of_form(operator.get(f"{DESK}/{pk}"), "price").submit(**{"price-price": "1 234,50"})
    assert page.path == f"{DESK}/{pk}"
    row = stored(act, pk)
    assert (row.price, row.price_accepted_at) == (Decimal("1234.50"), None)
    (letter,) = delivered(operator.app)
    assert "1,234.50" in text_of(letter)
    assert f"http://localhost/cabinet/requests/{pk}" in text_of(letter)


@pytest.mark.parametrize("typed", ["", "много", "-5", "1000001", "9" * 300])
def test_a_bad_price_is_refused_and_kept_in_its_field(operator: Browser, make: Any, act: Act, typed: str) -> None:
    pk = make()
    page = of_form(operator.get(f"{DESK}/{pk}"), "price").submit(**{"price-price": typed})
    assert page.status == 422
    assert of_form(page, "price").values["price-price"] == typed
    assert stored(act, pk).price is None


def test_two_at_work_on_one_request_do_not_overwrite_each_other(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    mine, theirs = operator.get(f"{DESK}/{pk}"), operator.get(f"{DESK}/{pk}")
    of_form(mine, "price").submit(**{"price-price": "100"})
    page = of_form(theirs, "price").submit(**{"price-price": "999"})
    assert page.status == 422
    assert of_form(theirs, "assign").submit(**{"assign-to": str(user_id(act, "second"))}).status == 422
    assert stored(act, pk).price == Decimal("100.00")
    assert of_form(page, "price").submit(**{"price-price": "999"}).status == 200  # the page is of today again


def visit(page: Page, days: int, is_set: bool = False, **changed: str) -> Page:
    day = (clock.today() + timedelta(days=days)).isoformat()
    values = {"visit-starts_at": f"{day}T10:00", "visit-ends_at": f"{day}T12:00", **changed}
    return of_form(page, "visit").submit(**values, **({"visit-is_set": "y"} if is_set else {}))


def test_times_are_offered_set_and_withdrawn(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    page = visit(operator.get(f"{DESK}/{pk}"), 1)
    page = visit(page, 2, is_set=True)
    with act() as session:
        states = session.scalars(select(VisitSlot.state).order_by(VisitSlot.id)).all()
        assert states == [SlotState.withdrawn, SlotState.agreed]
        key = session.scalars(select(VisitSlot.id).order_by(VisitSlot.id.desc())).first()
    form = next(each for each in page.elements("form") if (each.get("action") or "").endswith(f"/{key}/withdraw"))
    token, seen = of_form(page, "visit").values["csrf_token"], of_form(page, "visit").values["seen"]
    operator.post(form.get("action", ""), data={"csrf_token": token, "seen": seen})
    assert len(delivered(operator.app)) == 3
    with act() as session:
        assert session.get_one(VisitSlot, key).state is SlotState.withdrawn


@pytest.mark.parametrize(
    "changed",
    [
        {"visit-starts_at": "2020-01-01T10:00", "visit-ends_at": "2020-01-01T12:00"},
        {"visit-ends_at": ""},
        {"visit-starts_at": "завтра"},
        {"visit-starts_at": "9" * 300},
        {"visit-ends_at": "2020-01-01T12:00"},
    ],
    ids=["past", "no end", "words", "huge", "ends before"],
)
def test_a_time_that_cannot_be_is_refused(operator: Browser, make: Any, act: Act, changed: dict[str, str]) -> None:
    pk = make()
    assert visit(operator.get(f"{DESK}/{pk}"), 1, **changed).status == 422
    with act() as session:
        assert session.scalar(select(func.count()).select_from(VisitSlot)) == 0
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_a_note_stays_among_staff(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    page = of_form(operator.get(f"{DESK}/{pk}"), "note").submit(**{"note-body": NOTE})
    assert NOTE in page.text
    assert "Пепеляева" in page.text
    assert of_form(page, "note").submit(**{"note-body": " "}).status == 422
    assert delivered(operator.app) == []
    with act() as session:
        owner = session.get_one(SiteUser, session.get_one(ServiceRequest, pk).user_id).username
    customer = Browser(operator.app)
    customer.sign_in(owner, factories.PASSWORD)
    assert NOTE not in customer.get(f"/cabinet/requests/{pk}").text


def test_notes_are_in_no_list_that_is_taken_away(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    with act() as session:
        session.add(RequestNote(request_id=pk, body=NOTE, created_at=clock.now()))
    taken = operator.get("/staff/service-requests/export.csv", expect=None).response.get_data(as_text=True)
    assert "Прошу приехать" in taken
    assert NOTE not in taken
    for address in ("service-requests/", f"service-requests/{pk}"):
        status, answer = Client(operator.app, "operator").ask("GET", address)
        assert status == 200
        assert NOTE not in str(answer)


def test_a_ready_text_is_put_under_what_was_typed_and_nothing_is_sent(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    with act() as session:
        text = AnswerTemplate(name="Приедем", body="Заявка {number}: приедем.")
        session.add(text)
        session.flush()
        key, number = text.id, session.get_one(ServiceRequest, pk).number
    form = operator.get(f"{DESK}/{pk}").form("body")
    page = form.submit(("act", "insert"), body="Здравствуйте!", template=str(key))
    assert page.status == 200
    assert page.form("body").values["body"].split("\n\n") == ["Здравствуйте!", f"Заявка {number}: приедем."]
    assert delivered(operator.app) == []
    for odd in ("", "abc", "999", "9" * 40):
        assert form.submit(("act", "insert"), body="Да", template=odd).form("body").values["body"] == "Да"


def test_the_payment_and_the_rating_stand_on_the_page(operator: Browser, make: Any, act: Act) -> None:
    pk = make(
        price=Decimal("500.00"), price_accepted_at=clock.now(), state=RequestState.done, rating=2, rated_at=clock.now()
    )
    page = operator.get(f"{DESK}/{pk}")
    assert "state--warn" in page.html
    assert "2 из 5" in page.text
    with act() as session:
        row = session.get_one(ServiceRequest, pk)
        payment = deposited(session, row.account, "500.00")
        session.add(RequestPayment(payment_id=payment.id, account_id=row.account_id, request_id=pk))
    assert "state--warn" not in operator.get(f"{DESK}/{pk}").html


# the board ----------------------------------------------------------------------------------------------


def many(page: Page, ids: list[int], act_name: str, body: str = "") -> Page:
    form = page.form("act", "id")
    return page.browser.post(
        form.action, data={**form.values, "id": list(map(str, ids)), "act": act_name, "body": body}
    )


def test_many_are_moved_at_once_and_those_that_cannot_be_say_why(operator: Browser, make: Any, act: Act) -> None:
    fresh, other, taken = make(), make(), make(state=RequestState.in_progress)
    page = many(operator.get(DESK), [fresh, other, taken, 999_999], "accepted")
    assert page.status == 422
    assert "Изменены 2 заявки" in page.text
    assert stored(act, taken).number in page.text
    assert [stored(act, pk).state.value for pk in (fresh, other, taken)] == ["accepted", "accepted", "in_progress"]
    assert len(delivered(operator.app)) == 2
    page = many(page, [fresh, other], "in_progress")
    assert (page.status, page.path) == (200, DESK)


def test_many_are_given_at_once(operator: Browser, make: Any, act: Act) -> None:
    pks, second = [make(), make()], user_id(act, "second")
    assert many(operator.get(DESK), pks, f"assign-{second}").status == 200
    assert {stored(act, pk).assignee_id for pk in pks} == {second}
    assert many(operator.get(DESK), pks, "assign-0").status == 200
    assert {stored(act, pk).assignee_id for pk in pks} == {None}


def test_many_are_declined_with_a_reason_only(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    assert many(operator.get(DESK), [pk], "declined").status == 422
    assert stored(act, pk).state is RequestState.new
    assert many(operator.get(DESK), [pk], "declined", "Мы не работаем в этом районе").status == 200


@pytest.mark.parametrize(
    ("act_name", "status"),
    [("", 422), ("vanish", 400), ("assign-", 400), ("assign-999999", 400), ("assign-" + "9" * 50, 400), ("new", 422)],
)
def test_odd_acts_on_many_change_nothing(operator: Browser, make: Any, act: Act, act_name: str, status: int) -> None:
    pk = make()
    assert many(operator.get(DESK), [pk], act_name).status == status
    assert (stored(act, pk).state, stored(act, pk).assignee_id) == (RequestState.new, None)


def test_nothing_ticked_says_so(operator: Browser, make: Any) -> None:
    make()
    assert many(operator.get(DESK), [], "accepted").status == 422


def test_the_board_shows_mine_nobody_s_and_a_state(operator: Browser, make: Any, act: Act) -> None:
    mine = make(assignee_id=user_id(act, "operator"), state=RequestState.accepted)
    free = make()
    numbers = {pk: stored(act, pk).number for pk in (mine, free)}

    def shown(query: str) -> list[bool]:
        text = operator.get(f"{DESK}?{query}").text
        return [numbers[pk] in text for pk in (mine, free)]

    assert shown("who=mine") == [True, False]
    assert shown("who=nobody") == [False, True]
    assert shown("state=new") == [False, True]
    assert shown("state=accepted&who=mine") == [True, False]
    assert shown("who=odd&state=odd") == [True, True]


def test_the_deadline_of_today_and_a_passed_one_are_marked(operator: Browser, make: Any) -> None:
    make(promised_on=clock.today())
    assert "state--warn" in operator.get(DESK).html
    assert "state--bad" not in operator.get(DESK).html
    make(promised_on=clock.today() - timedelta(days=1))
    assert "state--bad" in operator.get(DESK).html


# the day ------------------------------------------------------------------------------------------------


def test_the_day_shows_its_visits_by_district(operator: Browser, make: Any, act: Act) -> None:
    pk = make()
    with act() as session:
        row = session.get_one(ServiceRequest, pk)
        row.account.premises.house.district = "Ленинский район"
        number, address = row.number, row.account.premises.address
    visit(operator.get(f"{DESK}/{pk}"), 1, is_set=True)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = operator.get(f"/staff/desk/visits?on={tomorrow}")
    assert all(words in page.text for words in (number, address, "Ленинский район", "10:00–12:00"))
    assert number not in operator.get("/staff/desk/visits").text
    with act() as session:
        traces = session.scalars(select(AuditEvent.object_type).where(AuditEvent.action == "exported")).all()
        assert traces == ["visit_slot"]
    for odd in ("abc", "9" * 300, "0001-01-01", "2026-13-40"):
        operator.get(f"/staff/desk/visits?on={odd}&district={odd}")


def test_the_day_is_not_for_a_cashier(operator: Browser, make: Any) -> None:
    pk = make()
    cashier = Browser(operator.app)
    cashier.sign_in("cashier", factories.PASSWORD)
    for address in ("/staff/desk/visits", f"{DESK}/{pk}", DESK):
        page = cashier.get(address, expect=None)
        assert page.status in (302, 403, 404) or page.path != address


# the catalogue ------------------------------------------------------------------------------------------


def test_staff_add_a_service_with_a_question_and_a_customer_finds_it(operator: Browser, act: Act) -> None:
    form = operator.get("/staff/offerings/add").form("code")
    values = {"code": "flush", "name": "Промывка", "name_en": "Flushing", "term_days": "5", "term_is_working": "y"}
    texts = {"description": "Промоем трубу.", "description_en": "We flush the pipe.", "is_offered": "y"}
    assert form.submit(**values, **texts).status == 200
    with act() as session:
        made = session.scalars(select(ServiceOffering)).one()
        assert (made.code, made.price, made.term_days) == ("flush", None, 5)
        key = made.id
    form = operator.get(f"/staff/offering-fields/add?_flt_0_offering={key}").form("label")
    page = form.submit(label="Длина", label_en="Length", kind="number", position="1", is_required="y")
    assert page.status == 200
    with act() as session:
        assert session.scalars(select(OfferingField)).one().offering_id == key
        factories.account(session, factories.user(session, login="irina"))
    customer = Browser(operator.app)
    customer.sign_in("irina", factories.PASSWORD)
    assert "Длина" in customer.get("/cabinet/requests/new?service=flush").text
    assert "Промывка" in customer.get("/services").text
    assert form.submit(label="Чья", label_en="Whose", kind="choice", choices="одна", position="2").status == 422


def test_an_answer_goes_to_nobody_who_sees_the_account_no_more(
    operator: Browser, make: Any, act: Act, app: Flask
) -> None:
    pk = make()
    with act() as session:
        account_access.change_owner(session, session.get_one(ServiceRequest, pk).account_id)
    page = operator.get(f"{DESK}/{pk}").form("body").submit(act="answer", body="Мастер придёт в пятницу.")
    assert page.status == 200
    assert not delivered(app)
