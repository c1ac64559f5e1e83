"""The operator's desk of service requests."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.models import AuditEvent, OutboxMessage, RequestMessage, RequestState, ServiceRequest
from tests import factories
from tests.mail import delivered, html_of, text_of
from tests.page import Browser
from tests.statements import recorded

DESK = "/staff/desk/requests"


@pytest.fixture
def request_id(act: Any) -> int:
    """A request of a customer whose letters are in English, late already."""
    with act() as session:
        factories.user(session, "Operator", login="operator")
        customer = factories.user(session, login="irina", locale="en")
        return made(session, factories.account(session, customer).id, customer.id, date(2026, 1, 12)).id


def made(session: Any, account: int, user: int | None, promised: date, **values: Any) -> ServiceRequest:
    request = ServiceRequest(
        account_id=account,
        user_id=user,
        offering_id=factories.offering(session).id,
        description="Сорвана пломба",
        promised_on=promised,
        created_at=clock.now(),
        changed_at=clock.now(),
        **values,
    )
    session.add(request)
    session.flush()
    return request


@pytest.fixture
def operator(request_id: int, browser: Browser) -> Browser:
    browser.sign_in("operator", factories.PASSWORD)
    return browser


def test_the_earliest_promise_stands_first_and_finished_ones_do_not_stand(
    operator: Browser, request_id: int, act: Any
) -> None:
    with act() as session:
        account = session.get_one(ServiceRequest, request_id).account_id
        first = made(session, account, None, date(2025, 1, 9)).number
        done = made(session, account, None, date(2025, 1, 9), state=RequestState.done).number
        late = session.get_one(ServiceRequest, request_id).number
    page = operator.get(DESK)
    assert page.text.index(first) < page.text.index(late)
    assert done not in page.text
    assert "state--bad" in page.html
    assert done in operator.get(f"{DESK}?state=done").text


def test_a_request_goes_all_the_way_and_the_customer_is_told(operator: Browser, request_id: int, act: Any) -> None:
    url = f"{DESK}/{request_id}"
    for state, words in (("accepted", ""), ("in_progress", "Мастер выехал"), ("done", "Готово")):
        page = operator.get(url).form("body").submit(("act", state), body=words)
        assert page.status == 200
    with act() as session:
        assert session.get_one(ServiceRequest, request_id).state is RequestState.done
    letters = [text_of(letter) for letter in delivered(operator.app)]
    assert len(letters) == 3
    assert "Accepted" in letters[0]
    assert "Мастер выехал" in letters[1]
    assert f"http://localhost/cabinet/requests/{request_id}" in letters[2]
    assert 'name="body"' not in operator.get(url).html


def test_an_answer_reaches_the_customer_s_page_and_letter(operator: Browser, request_id: int, act: Any) -> None:
    operator.get(f"{DESK}/{request_id}").form("body").submit(("act", "answer"), body="Придём <завтра>\nв 10")
    with act() as session:
        message = session.scalars(select(RequestMessage)).one()
        assert (message.is_from_staff, message.body) == (True, "Придём <завтра>\nв 10")
    (letter,) = delivered(operator.app)
    assert "Придём <завтра>" in text_of(letter)
    assert "Придём &lt;завтра&gt;" in html_of(letter)
    operator.client.post("/logout/", data={})
    customer = Browser(operator.app)
    customer.sign_in("irina", factories.PASSWORD)
    assert "Придём <завтра>" in customer.get(f"/cabinet/requests/{request_id}").text


def test_declining_without_a_reason_changes_nothing(operator: Browser, request_id: int, act: Any) -> None:
    page = operator.get(f"{DESK}/{request_id}").form("body").submit(("act", "declined"), body="")
    assert (page.status, bool(page.error("body"))) == (422, True)
    with act() as session:
        assert session.get_one(ServiceRequest, request_id).state is RequestState.new
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_a_request_is_given_to_one_person_only(operator: Browser, request_id: int) -> None:
    forms = [operator.get(f"{DESK}/{request_id}").form("body") for _ in range(2)]
    assert forms[0].submit(("act", "accepted")).status == 200
    second = forms[1].submit(("act", "accepted"), body="Беру")
    assert second.status == 422
    assert second.form("body").values["body"] == "Беру"


def test_an_unknown_act_is_refused(operator: Browser, request_id: int) -> None:
    assert operator.get(f"{DESK}/{request_id}").form("body").submit(("act", "vanish"), body="х").status == 400


def test_what_the_customer_wrote_last_is_marked(operator: Browser, request_id: int, act: Any) -> None:
    assert "mark-word--warn" not in operator.get(DESK).html
    with act() as session:
        account = session.get_one(ServiceRequest, request_id).account_id
        session.add(
            RequestMessage(account_id=account, request_id=request_id, body="Ау", created_at=clock.now(), user_id=None)
        )
    assert "mark-word--warn" in operator.get(DESK).html


def test_the_desk_goes_on_page_by_page_in_few_statements(operator: Browser, request_id: int, act: Any) -> None:
    with act() as session:
        account = session.get_one(ServiceRequest, request_id).account_id
        for day in range(1, 31):
            made(session, account, None, date(2025, 6, day))
    operator.get(DESK)
    with recorded() as statements:
        page = operator.get(DESK)
    assert len(statements) <= 6
    assert page.html.count('role="rowheader"') == 25
    page = operator.get(next(link.get("href") for link in page.elements("a") if link.get("rel") == "next"))
    assert page.html.count('role="rowheader"') == 6
    for odd in ("abc", "2025-01-01.x", "2025-01-01." + "9" * 40, "2025-01-01.-" + "9" * 30, "9" * 5000):
        operator.get(f"{DESK}?after={odd}")
    operator.get(f"{DESK}?state=odd")


def test_a_cashier_has_no_business_here(request_id: int, browser: Browser, act: Any) -> None:
    with act() as session:
        factories.user(session, "Cashier", login="cashier")
    browser.sign_in("cashier", factories.PASSWORD)
    page = browser.get(f"{DESK}/{request_id}", expect=None)
    assert "Сорвана пломба" not in page.html


def test_looking_at_a_request_leaves_a_trace(operator: Browser, request_id: int, act: Any) -> None:
    operator.get(f"{DESK}/{request_id}")
    with act() as session:
        trace = session.scalars(select(AuditEvent)).one()
        assert (trace.action, trace.object_type, trace.object_id) == ("looked", "service_request", str(request_id))
