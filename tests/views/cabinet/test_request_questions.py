"""What a service asks for: rows of staff drawn as a form, validated on the server, answers kept with the request."""

import pytest
from sqlalchemy import func, select

from app.models import RequestState, ServiceRequest
from tests import factories
from tests.conftest import Act
from tests.page import Browser, Page

PAGE = "/cabinet/requests"


@pytest.fixture
def customer(act: Act, browser: Browser) -> Browser:
    with act() as session:
        factories.account(session, factories.user(session, login="irina"))
    browser.sign_in("irina", factories.PASSWORD)
    return browser


@pytest.fixture
def asking(act: Act, customer: Browser) -> dict[str, str]:
    """A service that asks for something of every kind: the names of its fields."""
    with act() as session:
        service = factories.offering(session, code="meter")
        factories.offering(session, code="plain")
        choices = {"choices": "холодная; горячая", "choices_en": "cold; hot"}
        made = [
            factories.question(session, service, "text", label="Серия"),
            factories.question(session, service, "number", label="Объём", position=1),
            factories.question(session, service, "date", label="День", position=2, is_required=False),
            factories.question(session, service, "choice", label="Вода", position=3, **choices),
            factories.question(session, service, "yes_no", label="Куплен", position=4),
        ]
        return {field.kind.value: f"field-{field.id}" for field in made}


GOOD = {"text": "А-7", "number": "1 234,5", "date": "22.11.2026", "choice": "1", "yes_no": "yes"}


def fill(browser: Browser, names: dict[str, str], **changed: str | None) -> Page:
    form = browser.get(f"{PAGE}/new?service=meter").form("description")
    values = {names[kind]: value for kind, value in {**GOOD, **changed}.items()}
    return form.submit(description="Поставить счётчик", **values)


def test_the_answers_are_kept_and_shown_in_the_words_of_the_reader(
    customer: Browser, asking: dict[str, str], act: Act
) -> None:
    page = fill(customer, asking)
    assert page.path.endswith("/accepted")
    url = page.path.removesuffix("/accepted")
    text = customer.get(url).text
    assert all(words in text for words in ("Серия", "А-7", "1 234,5", "22 ноября 2026", "горячая", "Да"))
    customer.client.get("/lang/en")
    assert "hot" in customer.get(url).text
    with act() as session:
        assert [answer["value"] for answer in session.scalars(select(ServiceRequest)).one().answers] == [
            "А-7",
            "1234.5",
            "2026-11-22",
            "горячая",
            "yes",
        ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("text", "ж" * 501),
        ("text", "4111 1111 1111 1111"),
        ("number", "много"),
        ("number", "9" * 400),
        ("number", "1e309"),
        ("number", "-1"),
        ("number", "NaN"),
        ("date", "31.02.2026"),
        ("date", "0001-01-01"),
        ("date", "9" * 300),
        ("choice", ""),
        ("choice", "2"),
        ("choice", "-1"),
        ("choice", "горячая"),
        ("yes_no", "maybe"),
        ("yes_no", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_bad_answer_is_refused_at_its_field_and_the_others_stand(
    customer: Browser, asking: dict[str, str], act: Act, kind: str, value: str | None
) -> None:
    page = fill(customer, asking, **{kind: value})
    assert page.status == 422
    assert page.form("description").values["description"].strip() == "Поставить счётчик"
    assert page.elements("title")[0].text
    assert any(link.get("href", "").startswith(f"#{asking[kind]}") for link in page.elements("a"))
    with act() as session:
        assert session.scalar(select(func.count()).select_from(ServiceRequest)) == 0


def test_what_nobody_has_to_answer_may_stay_empty(customer: Browser, asking: dict[str, str]) -> None:
    assert fill(customer, asking, date="").path.endswith("/accepted")


def test_fields_that_nobody_asked_for_are_left_alone(customer: Browser, asking: dict[str, str], act: Act) -> None:
    form = customer.get(f"{PAGE}/new?service=meter").form("description")
    values = {asking[kind]: value for kind, value in GOOD.items()}
    odd = {f"x{number}": "ж" * 1000 for number in range(100)}
    odd |= {"state": "done", "price": "0", "rating": "5", "field-999999": "х", "account_id": "1", "assignee_id": "1"}
    assert form.submit(description="Поставить", **values, **odd).path.endswith("/accepted")
    with act() as session:
        request = session.scalars(select(ServiceRequest)).one()
        assert (request.state, request.rating, request.assignee_id) == (RequestState.new, None, None)
        assert len(request.answers) == 5


def test_a_service_chosen_on_the_page_shows_its_questions_first(
    customer: Browser, asking: dict[str, str], act: Act
) -> None:
    form = customer.get(f"{PAGE}/new?service=plain").form("description")
    page = form.submit(service="meter", description="Поставить")
    assert (page.status, bool(page.error("service"))) == (422, True)
    values = {asking[kind]: value for kind, value in GOOD.items()}
    assert page.form(asking["text"]).submit(**values).path.endswith("/accepted")


def test_errors_are_listed_in_the_order_of_the_fields(customer: Browser, asking: dict[str, str]) -> None:
    page = customer.get(f"{PAGE}/new?service=meter").form("description").submit()
    links = [link.get("href") for link in page.elements("a") if (link.get("href") or "").startswith("#")]
    own = [f"#{asking[kind]}" for kind in ("text", "number", "choice")]
    assert [link for link in links if link in (*own, "#description")] == [*own, "#description"]
