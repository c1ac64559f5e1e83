"""Billing periods on the staff's pages: calculated, looked at, approved by a second person, closed."""

from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain.calendar import previous_month
from app.extensions import queue
from app.models import BillingRun, NotBilled, PayerGroup, Period, PeriodState, RunKind, RunState
from tests import billing, factories
from tests.conftest import Act
from tests.page import Browser, Form, Page
from tests.periods import close, in_state
from tests.statements import recorded

URL = "/staff/billing"
LAST_MONTH = previous_month(clock.today())


@pytest.fixture
def month(act: Act) -> date:
    """The last month of a small utility is to be billed."""
    before = previous_month(LAST_MONTH)
    with act() as session:
        for role in ("Operator", "Manager", "Cashier"):
            factories.user(session, role, login=role.lower())
        billing.fill(session, 5, 60, before, LAST_MONTH)
        close(session, before)
        in_state(session, LAST_MONTH)
    return LAST_MONTH


def sign_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def operator(app: Flask, month: date) -> Browser:
    return sign_in(app, "operator")


@pytest.fixture
def manager(app: Flask, month: date) -> Browser:
    return sign_in(app, "manager")


@pytest.fixture
def people(act: Act, month: date) -> str:
    """The address of the population's month."""
    with act() as session:
        row = select(Period.id).where(Period.first_on == month, Period.payer_group == PayerGroup.population)
        return f"{URL}/{session.scalar(row)}"


def press(page: Page, act: str) -> Page:
    """Send the form of the page that leads to the act."""
    forms = (Form(page, element) for element in page.elements("form"))
    return next(form for form in forms if form.action.endswith(f"/{act}")).submit()


def acts(page: Page) -> list[str]:
    return [form.get("action", "").rpartition("/")[2] for form in page.elements("form") if form.get("action")][-3:]


def state(act: Act, address: str) -> PeriodState:
    with act() as session:
        return session.get_one(Period, int(address.rpartition("/")[2])).state


def test_a_month_is_calculated_by_one_approved_by_another_and_closed(
    operator: Browser, manager: Browser, people: str, act: Act
) -> None:
    assert f"{LAST_MONTH:%Y}" in operator.get(URL).text
    calculated = press(operator.get(people), "calculate")
    assert calculated.path == people
    assert state(act, people) is PeriodState.calculated
    assert "Control sums" in calculated.text
    assert "Cold water" in calculated.text
    assert "Accounts that changed most" in calculated.text
    assert "approve" not in acts(calculated)
    looked_at = manager.get(people)
    press(operator.get(people), "calculate")
    stale = Form(looked_at, next(f for f in looked_at.elements("form") if f.get("action", "").endswith("/approve")))
    refused = manager.post(f"{people}/approve", data=stale.values)
    assert refused.status == 422
    assert "look at its sums again" in refused.text
    assert state(act, people) is PeriodState.calculated
    press(refused, "approve")
    assert state(act, people) is PeriodState.approved
    closed = press(manager.get(people), "close")
    assert state(act, people) is PeriodState.closed
    assert not {"calculate", "approve", "close"} & set(acts(closed))


def test_readings_that_are_still_taken_are_said_before_the_calculation(app: Flask, people: str) -> None:
    with time_machine.travel(clock.at(LAST_MONTH.replace(day=22), 12), tick=False):
        page = sign_in(app, "operator").get(people)
    assert f"Readings are still taken until 26 {LAST_MONTH:%B}" in page.text
    with time_machine.travel(clock.at(LAST_MONTH.replace(day=28), 12), tick=False):
        assert "Readings are still taken" not in sign_in(app, "operator").get(people).text


def test_who_calculated_is_told_that_another_person_approves(manager: Browser, people: str, act: Act) -> None:
    page = press(manager.get(people), "calculate")
    assert "another person" in page.text
    assert "approve" not in acts(page)
    refused = manager.post(f"{people}/approve", data=page.form("csrf_token").values)
    assert refused.status == 422
    assert "another person" in refused.text
    assert state(act, people) is PeriodState.calculated


def test_a_draft_is_calculated_anew_or_given_up_for_more_readings(operator: Browser, people: str, act: Act) -> None:
    page = press(press(operator.get(people), "calculate"), "calculate")
    assert state(act, people) is PeriodState.calculated
    press(page, "reopen")
    assert state(act, people) is PeriodState.open


def test_what_could_not_be_billed_is_listed_with_its_reason_and_taken_away(
    operator: Browser, people: str, act: Act
) -> None:
    page = press(operator.get(people), "calculate")
    with act() as session:
        rows = session.scalars(select(NotBilled).where(NotBilled.payer_group == PayerGroup.population)).all()
        numbers = {row.account.number for row in rows}
        assert len(rows) in range(2, 51)
    listed = operator.get(page.link("The whole list"))
    assert all(number in listed.text for number in numbers)
    of_reason = operator.get(f"{people}/not-billed?reason=no_tariff")
    assert "No price is in force" in of_reason.text
    file = operator.client.get(listed.link("Take the list away"))
    assert file.mimetype == "text/csv"
    assert len(file.get_data(as_text=True).splitlines()) == len(rows) + 1
    assert operator.get(f"{people}/not-billed?after=1-2").status == 200
    assert operator.get(f"{people}/not-billed?after=odd&reason=none").status == 200


def test_a_work_that_waits_or_was_cut_off_shows_how_far_it_is_and_can_be_started_again(
    operator: Browser, people: str, act: Act
) -> None:
    with act() as session:
        pk = int(people.rpartition("/")[2])
        run = BillingRun(
            kind=RunKind.calculation, period_id=pk, state=RunState.asked, started_at=clock.now(), user_id=None
        )
        session.add(run)
        session.flush()
        run_id = run.id
    waiting = operator.get(people)
    assert "Waiting for its turn" in waiting.text
    assert operator.client.get(f"{people}/progress").json == {
        "is_over": False,
        "percent": 0,
        "words": "Waiting for its turn",
    }
    with act() as session:
        session.get_one(BillingRun, run_id).state = RunState.running
    queue.teller(run_id)("Volumes", 2, 4)
    assert operator.client.get(f"{people}/progress").json == {
        "is_over": False,
        "percent": 50,
        "words": "Step 3 of 4: Volumes",
    }
    assert "reopen" not in acts(operator.get(people))
    press(operator.get(people), "calculate")
    assert operator.client.get(f"{people}/progress").json == {"is_over": True}
    assert state(act, people) is PeriodState.calculated


def test_a_month_out_of_its_turn_says_what_comes_first(operator: Browser, act: Act, month: date) -> None:
    with act() as session:
        later = in_state(session, clock.today().replace(day=1)).id
    page = operator.get(f"{URL}/{later}")
    assert "first" in page.text
    assert "calculate" not in acts(page)


def test_a_work_that_failed_says_why(operator: Browser, people: str, act: Act) -> None:
    with act() as session:
        session.add(
            BillingRun(
                kind=RunKind.calculation,
                period_id=int(people.rpartition("/")[2]),
                state=RunState.failed,
                result={"failure": "Нет ставки"},
                started_at=clock.now(),
                finished_at=clock.now(),
            )
        )
    assert "Нет ставки" in operator.get(people).text


def test_a_cashier_has_no_way_there(app: Flask, people: str) -> None:
    cashier = sign_in(app, "cashier")
    assert "billing" not in cashier.get("/staff/").html
    assert cashier.client.get(people).status_code in (302, 403, 404)


@pytest.mark.parametrize("address", [f"{URL}/999", f"{URL}/999/progress", f"{URL}/999/not-billed", f"{URL}/x"])
def test_a_month_that_is_not_there_is_not_found(operator: Browser, address: str) -> None:
    assert operator.get(address, expect=404)


def test_the_pages_ask_little_of_the_database(operator: Browser, people: str) -> None:
    press(operator.get(people), "calculate")
    for address, most in ((URL, 12), (people, 16), (f"{people}/not-billed", 12)):
        with recorded() as statements:
            operator.get(address)
        assert len(statements) <= most, statements
