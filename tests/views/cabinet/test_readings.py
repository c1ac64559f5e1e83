"""The readings page: one form a meter, what came back, what was accepted."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.models import Meter, PayerGroup, Period, PeriodState, Reading, ReadingState
from tests import factories
from tests.household import NOVEMBER, TODAY, household
from tests.page import Browser, Page, text_of
from tests.statements import recorded


@pytest.fixture(autouse=True)
def _in_the_window() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def meters(act: Any) -> dict[str, int]:
    """Ids of Irina's meters by service; her login is irina."""
    with act() as session:
        _, account = household(session, factories.user(session, login="irina"))
        found = session.scalars(select(Meter).where(Meter.account_id == account.id))
        return {meter.service.code: meter.id for meter in found}


@pytest.fixture
def visitor(app: Flask, meters: dict[str, int]) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def send(browser: Browser, meter_id: int, value: str, **options: Any) -> Page:
    form = form_of(browser.get("/cabinet/readings"), meter_id)
    return browser.post(form.action, data={**form.values, "value": value}, **options)


def form_of(page: Page, meter_id: int) -> Any:
    from tests.page import Form

    for element in page.elements("form"):
        form = Form(page, element)
        if f"/cabinet/readings/{meter_id}" in form.action:
            return form
    raise AssertionError(f"no form of meter {meter_id}")


def test_all_meters_stand_on_one_page_with_a_field_each(visitor: Browser, meters: dict[str, int]) -> None:
    page = visitor.get("/cabinet/readings")
    assert "until 26 November inclusive, 3 days left" in page.text
    assert "Accepted: 0 of 2 readings" in page.text
    for meter_id in meters.values():
        assert form_of(page, meter_id).values["value"] == ""
    assert "about 1,295" in page.text  # 1 284 + the average of 10.6


def test_the_page_keeps_to_its_budget_of_statements(visitor: Browser) -> None:
    visitor.get("/cabinet/readings")
    with recorded() as statements:
        visitor.get("/cabinet/readings")
    assert len(statements) <= 7


def test_sending_keeps_to_its_budget_of_statements(visitor: Browser, meters: dict[str, int]) -> None:
    form = form_of(visitor.get("/cabinet/readings"), meters["cold"])
    with recorded() as statements:
        visitor.post(form.action, data={**form.values, "value": "1296"}, follow=False)
    assert len(statements) <= 11


def test_a_sent_reading_is_accepted_with_its_number_and_what_comes_next(
    visitor: Browser, meters: dict[str, int], act: Any
) -> None:
    page = send(visitor, meters["cold"], "1 296,0")
    with act() as session:
        reading = session.scalars(select(Reading).where(Reading.period == NOVEMBER)).one()
        assert (reading.value, reading.state, reading.volume) == (Decimal(1296), ReadingState.checked, Decimal(12))
        number = reading.receipt_number
    assert page.status == 200
    assert page.url.endswith("/cabinet/readings")
    assert "Accepted: 1 of 2 readings" in page.text
    assert page.text.count(number) == 2  # in the answer and in the card
    assert "Use 12 m³, 1 m³ more than usual. Cold water: 525.00 ₽. Sewerage: 477.00 ₽." in page.text
    assert "23 November, 09:30, no questions" in page.text
    assert "goes into the bill for November 2026, by 5 December" in page.text


def test_sending_ends_in_a_redirect(visitor: Browser, meters: dict[str, int]) -> None:
    answer = send(visitor, meters["cold"], "1296", follow=False)
    assert answer.status == 303
    assert answer.response.location.endswith(f"/cabinet/readings#meter-{meters['cold']}")


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("", "Enter the reading from the black digits"),
        ("  ", "Enter the reading from the black digits"),
        ("abc", "Enter cubic metres as the meter shows them"),
        ("NaN", "Enter cubic metres"),
        ("1e309", "Enter cubic metres"),
        ("-1", "too small"),
        ("1" * 40, "too large"),
        ("1296,1234", "no more than 3 digits"),
        ("1200", "On 22 October it showed 1,284 m³. 1,200 m³ is less"),
        ("100000", "has 5 black digits"),
        ("<script>", "Enter cubic metres"),
    ],
)
def test_a_wrong_value_comes_back_with_advice_and_what_was_typed(
    visitor: Browser, meters: dict[str, int], act: Any, typed: str, advice: str
) -> None:
    page = send(visitor, meters["cold"], typed)
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert advice in page.error("value")
    assert form_of(page, meters["cold"]).values["value"] == typed
    with act() as session:
        assert session.scalar(select(Reading).where(Reading.period == NOVEMBER)) is None


def test_digits_of_a_phone_and_spaces_are_understood(visitor: Browser, meters: dict[str, int]) -> None:
    assert send(visitor, meters["cold"], "１ ２９６").status == 200


def test_the_likely_value_is_sent_by_its_own_button(visitor: Browser, meters: dict[str, int], act: Any) -> None:
    page = send(visitor, meters["hot"], "694")
    assert "Two digits seem to be swapped." in page.text
    form = form_of(page, meters["hot"])
    assert visitor.post(form.action, data={**form.values, "likely": "649"}).status == 200
    with act() as session:
        reading = session.scalars(select(Reading).where(Reading.period == NOVEMBER)).one()
        assert (reading.value, reading.state) == (Decimal(649), ReadingState.checked)


def test_an_unusual_value_is_asked_about_and_taken_when_confirmed(
    visitor: Browser, meters: dict[str, int], act: Any
) -> None:
    page = send(visitor, meters["hot"], "694")
    assert page.status == 422
    assert not page.title.startswith("Error:")
    assert "Looks like a slip: 694 instead of 649?" in page.text
    assert "52 m³ in a month" in page.text
    assert "Sewerage will cost 2,067.00 ₽" in page.text
    form = form_of(page, meters["hot"])
    assert form.values["value"] == "694"
    page = form.submit(("act", "confirm"))
    assert page.status == 200
    assert "Being checked" in page.text
    assert "a clerk looks at it by 30 November" in page.text
    with act() as session:
        assert session.scalars(select(Reading.state).where(Reading.period == NOVEMBER)).one() is ReadingState.review
    assert [pill.get("class") for pill in page.elements("span") if text_of(pill) == "Being checked"] == [
        "state state--warn"
    ]
    assert "flash--success" not in page.html
    send(visitor, meters["cold"], "1296")
    assert "A clerk is checking 1 reading: hot water" in visitor.get("/cabinet/").text


def test_the_value_confirmed_may_be_another_one_and_is_asked_about_again(
    visitor: Browser, meters: dict[str, int]
) -> None:
    form = form_of(send(visitor, meters["hot"], "694"), meters["hot"])
    assert form.submit(("act", "again"), value="784").status == 422
    assert form.submit(value="649").status == 200


def test_a_reading_is_corrected_until_the_period_is_calculated(
    visitor: Browser, meters: dict[str, int], act: Any
) -> None:
    send(visitor, meters["cold"], "1296")
    page = send(visitor, meters["cold"], "1295")
    assert "1,295 m³" in page.text
    with act() as session:
        states = session.execute(select(Reading.value, Reading.state).where(Reading.period == NOVEMBER))
        assert sorted(tuple(row) for row in states) == [
            (Decimal(1295), ReadingState.checked),
            (Decimal(1296), ReadingState.replaced),
        ]
        session.add(Period(first_on=NOVEMBER, payer_group=PayerGroup.population, state=PeriodState.calculated))
    page = visitor.get("/cabinet/readings")
    with pytest.raises(AssertionError):
        form_of(page, meters["cold"])
    assert "No reading can be taken now" in page.text  # the other meter
    answer = visitor.post(
        f"/cabinet/readings/{meters['cold']}",
        data={"value": "1294", "csrf_token": page.form("csrf_token").values["csrf_token"]},
    )
    assert answer.status == 422
    assert "November 2026 is calculated already" in answer.text


def test_after_the_window_the_page_says_for_which_month_a_reading_counts(
    visitor: Browser, meters: dict[str, int], act: Any
) -> None:
    send(visitor, meters["cold"], "1296")
    with time_machine.travel("2026-11-28T10:00:00+05:00", tick=False):
        visitor.sign_in("irina", factories.PASSWORD)
        page = visitor.get("/cabinet/readings")
        assert "What you send now counts for December" in page.text
        assert "without a reading it is charged by the average" in page.text
        corrected = send(visitor, meters["cold"], "1297")  # the first form of the card corrects November
        assert corrected.status == 200
        ahead = [
            form for form in corrected.elements("form") if form.get("action") == f"/cabinet/readings/{meters['cold']}"
        ]
        assert len(ahead) == 1
        page = visitor.post(
            f"/cabinet/readings/{meters['cold']}", data={**form_of(corrected, meters["cold"]).values, "value": "1299"}
        )
    with act() as session:
        counted = session.execute(
            select(Reading.period, Reading.value).where(
                Reading.state == ReadingState.checked, Reading.period >= NOVEMBER
            )
        )
        assert sorted(tuple(row) for row in counted) == [(NOVEMBER, 1297), (date(2026, 12, 1), 1299)]


def test_a_refused_value_for_the_next_month_comes_back_in_its_own_form(
    visitor: Browser, meters: dict[str, int]
) -> None:
    send(visitor, meters["cold"], "1296")
    with time_machine.travel("2026-11-28T10:00:00+05:00", tick=False):
        visitor.sign_in("irina", factories.PASSWORD)
        token = visitor.get("/cabinet/readings").form("csrf_token").values["csrf_token"]
        page = visitor.post(f"/cabinet/readings/{meters['cold']}", data={"csrf_token": token, "value": "x"})
    assert page.status == 422
    assert "Enter cubic metres" in page.error("value")
    assert f'href="#reading-{meters["cold"]}-next"' in page.html


def test_foreign_missing_and_monstrous_meters_are_not_found(visitor: Browser, act: Any) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session)).id
    token = visitor.get("/cabinet/readings").form("csrf_token").values["csrf_token"]
    for pk in (foreign, 99999, "1" * 20):
        answer = visitor.post(f"/cabinet/readings/{pk}", data={"csrf_token": token, "value": "5"})
        assert answer.status in (404, 405)  # what is no id has no page that could be posted to
        visitor.get(f"/cabinet/readings/{pk}", expect=404)


def test_a_reading_without_a_token_is_not_taken(visitor: Browser, meters: dict[str, int]) -> None:
    assert visitor.post(f"/cabinet/readings/{meters['cold']}", data={"value": "1296"}).status == 400


def test_an_expired_verification_is_said_on_the_card(visitor: Browser, meters: dict[str, int], act: Any) -> None:
    with act() as session:
        session.get_one(Meter, meters["cold"]).verified_until = date(2026, 11, 1)
    page = visitor.get("/cabinet/readings")
    assert "Verification ended on" in page.text
    assert send(visitor, meters["cold"], "1296").status == 200


def test_a_meter_that_was_never_read_starts_from_its_opening_value(visitor: Browser, act: Any) -> None:
    with act() as session:
        account_id = session.scalars(select(Meter.account_id)).first()
        from app.models import Account

        meter = factories.meter(session, session.get_one(Account, account_id), opening_value=Decimal("7.5"))
        meter_id = meter.id
    assert "Started from" in visitor.get("/cabinet/readings").text
    assert send(visitor, meter_id, "8").status == 200


def test_a_meter_silent_for_years_is_still_counted_from_its_last_reading(
    visitor: Browser, act: Any, meters: dict[str, int]
) -> None:
    with act() as session:
        account_id = session.get_one(Meter, meters["cold"]).account_id
        from app.models import Account

        meter = factories.meter(session, session.get_one(Account, account_id), serial="old")
        factories.reading(session, meter, "77", date(2023, 5, 1))
    assert "77 m³, 22 May 2023" in visitor.get("/cabinet/readings").text


def test_the_whole_history_of_a_meter_is_paged_by_period(visitor: Browser, meters: dict[str, int], act: Any) -> None:
    with act() as session:
        meter = session.get_one(Meter, meters["cold"])
        for year in (2023, 2024, 2025):
            for month in range(1, 13):
                factories.reading(session, meter, str((year - 2023) * 12 + month), date(year, month, 1))
    page = visitor.get(f"/cabinet/readings/{meters['cold']}")
    assert "October 2026" in page.text
    assert "July 2023" not in page.text
    older = visitor.get(page.link("Show earlier ones"))
    assert "January 2023" in older.text
    assert visitor.get(older.link("Back")).text == page.text
    visitor.get(f"/cabinet/readings/{meters['cold']}?before=abc", expect=404)


def test_a_column_of_the_past_has_equal_decimals(visitor: Browser, meters: dict[str, int]) -> None:
    page = send(visitor, meters["cold"], "1293.5")
    (table,) = page.elements("table")
    newest, before = _rows(table)[:2]
    assert newest[:4] == ["1,293.500", "9.500", "none", ""]
    assert before[:4] == ["1,284.000", "12.000", "642", "6"]


def _rows(table: Any) -> list[list[str]]:
    """The cells of a table of figures, without its first column."""
    rows = [
        [text_of(cell) for cell in row if cell.tag.endswith("td")] for row in table.iter() if row.tag.endswith("tr")
    ]
    return [row for row in rows if row]


def test_an_account_without_meters_is_told_how_it_is_charged(app: Flask, act: Any) -> None:
    with act() as session:
        owner = factories.user(session, login="bare")
        factories.account(session, owner)
    browser = Browser(app, language="en")
    browser.sign_in("bare", factories.PASSWORD)
    assert "charged by the normative" in browser.get("/cabinet/readings").text


def test_somebody_without_accounts_sees_the_page(app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, login="nobody")
    browser = Browser(app)
    browser.sign_in("nobody", factories.PASSWORD)
    browser.get("/cabinet/readings")
