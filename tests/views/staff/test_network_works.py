"""The desk of works: a notice from a draft to the archive, with what a clerk sees on the way."""

from io import BytesIO
from typing import Any

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select

from app.models import AuditEvent, NetworkWork, WorkState
from app.queries import network_works as queries
from tests import factories
from tests.page import Browser, Page

DESK = "/staff/works"
GOOD = {
    "kind": "water",
    "plan": "planned",
    "title": "Замена задвижек на улице Ленина",
    "addresses": "лен 2-8 чет",
    "starts_at": "2026-12-10T10:00",
    "ends_at": "2026-12-10T14:00",
    "water": "always",
    "description": "Воду подвезут к дому 4.",
}


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    with time_machine.travel("2026-11-22T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def operator(act: Any, app: Any) -> Browser:
    with act() as session:
        factories.user(session, "Operator", login="operator", first_name="Ольга", last_name="Белова")
        factories.user(session, "Manager", login="manager")
        for house in ("2", "4", "5"):
            factories.account(session, premises=factories.premises(session, house=house))
    browser = Browser(app, "en")
    browser.sign_in("operator", factories.PASSWORD)
    return browser


def write(operator: Browser, url: str = f"{DESK}/new", **values: Any) -> Page:
    return operator.get(url).form("addresses").submit(**{**GOOD, **values})


def publish(page: Page) -> Page:
    data = {"csrf_token": page.form("csrf_token").values["csrf_token"]}
    return page.browser.post(f"{page.path}/publish", data=data)


def test_a_notice_goes_from_a_draft_to_the_archive(operator: Browser, act: Any) -> None:
    page = write(operator)
    assert page.heading == "Замена задвижек на улице Ленина"
    assert "ул. Ленина, 2–8 чётные" in page.text
    assert "Accounts 2 Houses 2" in page.text
    assert "Замена задвижек" not in operator.get("/works").text
    operator.get(page.path.replace("/staff", ""), expect=404)
    assert "This is how people will see it" in operator.get(f"{page.path}/preview").text

    page = publish(page)
    assert "Замена задвижек" in operator.get("/works").text

    form = page.form("prolong-ends_at")
    page = form.submit(**{"prolong-ends_at": "2026-12-10T18:00", "prolong-reason": "Нашли вторую течь"})
    assert "Нашли вторую течь" in operator.get("/works").text

    with time_machine.travel("2026-12-10T17:00:00+05:00", tick=False):
        operator.sign_in("operator", factories.PASSWORD)
        page = operator.get(page.path).form("finish-ended_at").submit(**{"finish-ended_at": "2026-12-10T16:30"})
        assert "Замена задвижек" not in operator.get("/works").text
        assert "16:30" in operator.get("/works/archive").text
    for act_name in ("Written", "Published", "Prolonged", "Finished"):
        assert act_name in page.text
    assert page.text.count("Ольга Белова") >= 4
    with act() as session:
        trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "prolonged")).one()
        assert trace.detail["reason"] == "Нашли вторую течь"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_at": "2026-12-10T09:00"}, "ends_at"),
        ({"addresses": "ул. Нигде, 5"}, "addresses"),
        ({"addresses": "ленина 500"}, "addresses"),
        ({"title": " "}, "title"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "завтра"}, "starts_at"),
        ({"water": "partly"}, "no_water_from"),
        ({"title": "карта 4111 1111 1111 1111"}, "title"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    operator: Browser, values: dict[str, str], field: str, act: Any
) -> None:
    page = write(operator, **values)
    assert page.status == 422
    assert page.error(field)
    kept = page.form("addresses").values
    assert kept["description"] == GOOD["description"]
    assert field == "title" or kept[field] == values.get(field, "")
    with act() as session:
        assert session.scalar(select(NetworkWork.id)) is None


@pytest.mark.parametrize("left_out", ["kind", "plan", "water"])
def test_a_choice_that_was_not_made_is_asked_for(operator: Browser, left_out: str) -> None:
    page = write(operator, **{left_out: None})
    assert page.status == 422
    assert "summary" in page.html


def test_a_rule_of_notice_that_is_not_kept_warns_and_takes_a_reason(operator: Browser, act: Any) -> None:
    page = write(operator, ends_at="2026-12-10T19:00")
    assert page.status == 422
    assert "9 h at once; the most is 4 hours" in page.text
    assert page.form("addresses").values["addresses"] == GOOD["addresses"]
    page = page.form("addresses").submit(reason="Насос подаёт мало воды")
    assert page.status == 200
    assert "The reason: Насос подаёт мало воды" in page.text
    with act() as session:
        assert session.scalars(select(NetworkWork)).one().reason == "Насос подаёт мало воды"
    assert "Насос" not in operator.get(f"{page.path}/preview").text


def test_a_draft_that_became_late_asks_for_the_reason_when_it_is_published(operator: Browser, act: Any) -> None:
    path = write(operator).path
    with time_machine.travel("2026-12-09T12:00:00+05:00", tick=False):
        operator.sign_in("operator", factories.PASSWORD)
        page = operator.get(path).form("publish-reason").submit()
        assert page.status == 422
        assert page.error("publish-reason")
        page = page.form("publish-reason").submit(**{"publish-reason": "Труба течёт"})
        assert page.status == 200
    with act() as session:
        work = session.scalars(select(NetworkWork)).one()
        assert (work.state, work.reason) == (WorkState.published, "Труба течёт")


def test_the_form_of_a_work_stands_as_it_was_written(operator: Browser) -> None:
    path = write(
        operator, water="partly", no_water_from="2026-12-10T11:00", no_water_to="2026-12-10T12:00", roads="Ул. Попова"
    ).path
    form = operator.get(f"{path}/edit").form("addresses")
    assert form.values["addresses"] == "ул. Ленина, 2–8 чётные"
    assert form.values["no_water_from"] == "2026-12-10T11:00"
    assert form.values["water"] == "partly"
    page = form.submit(title="Другое название", addresses="ленина 5")
    assert page.heading == "Другое название"
    assert "title; houses" in page.text


def test_a_work_everywhere_needs_no_address(operator: Browser) -> None:
    page = write(operator, is_everywhere="y", addresses="")
    assert "All houses that we serve" in page.text
    assert "Accounts 3" in page.text


def test_the_notice_for_doors_is_a_page_in_russian(operator: Browser) -> None:
    path = write(operator, roads="Ул. Попова").path
    answer = operator.client.get(f"{path}/notice.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.data)).pages
    text = " ".join(pages[0].extract_text().split())
    assert len(pages) == 1
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    for words in ("Замена задвижек", "10 декабря, с 10:00 до 14:00", "ул. Ленина, 2–8 чётные", "Ул. Попова"):
        assert words in text
    assert "201-95-37" in text
    assert answer.data == operator.client.get(f"{path}/notice.pdf").data


def test_a_manager_looks_and_changes_nothing(operator: Browser, app: Any) -> None:
    path = write(operator).path
    manager = Browser(app, "en")
    manager.sign_in("manager", factories.PASSWORD)
    assert "Publish the notice" not in manager.get(path).text
    assert "Write a notice" not in manager.get(DESK).text
    token = operator.get(path).form("csrf_token").values["csrf_token"]
    for step in ("publish", "prolong", "finish", "cancel", "edit"):
        manager.post(f"{path}/{step}", data={"csrf_token": token}, follow=False)
    assert "Draft" in manager.get(path).text


def test_works_are_listed_by_state_in_pages(operator: Browser, act: Any) -> None:
    with act() as session:
        for n in range(27):
            factories.work(session, f"Работа {n:02d}")
        factories.work(session, "Черновик", state=WorkState.draft)
    first = operator.get(f"{DESK}?state=published")
    assert [words in first.text for words in ("Работа 26", "Работа 01", "Черновик")] == [True, False, False]
    further = next(link.get("href") for link in first.elements("a") if link.get("rel") == "next")
    assert [words in operator.get(further).text for words in ("Работа 26", "Работа 01")] == [False, True]
    assert "Черновик" in operator.get(f"{DESK}?state=draft").text
    assert operator.get(f"{DESK}?state=abc&before=abc").status == 200


@pytest.mark.parametrize("path", ["/999", "/999/edit", "/999/preview", "/999/notice.pdf", "/99999999999999999999"])
def test_a_work_that_is_not_there_is_404(operator: Browser, path: str) -> None:
    operator.get(f"{DESK}{path}", expect=404)


def test_two_clerks_publish_one_notice_once(operator: Browser, act: Any) -> None:
    page = write(operator)
    publish(page)
    assert publish(page).status == 422
    with act() as session:
        assert len(queries.history(session, session.scalars(select(NetworkWork.id)).one())) == 2
