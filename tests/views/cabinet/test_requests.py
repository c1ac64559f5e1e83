"""A customer's service requests in the cabinet, and the files with them."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.models import Attachment, AuditEvent, RequestMessage, RequestState, ServiceRequest
from tests import factories
from tests.domain.test_attachments import PDF, photo
from tests.page import Browser

PAGE = "/cabinet/requests"


@pytest.fixture
def customer(act: Any, browser: Browser) -> Browser:
    """A signed-in customer with one account; a service may be asked for."""
    with act() as session:
        factories.account(session, factories.user(session, login="irina"), number="0012345678")
        factories.offering(session, code="sealing")
    browser.sign_in("irina", factories.PASSWORD)
    return browser


def send(browser: Browser, **values: Any) -> Any:
    return browser.get(f"{PAGE}/new?service=sealing").form("description").submit(**{"description": "Сорвана", **values})


def test_a_request_is_sent_and_can_be_followed(customer: Browser, act: Any) -> None:
    page = customer.get("/cabinet/services")
    assert "3 " in page.text
    page = (
        customer.get(page.link("Опломбировка")).form("description").submit(description="  Сорвана пломба\r\nна кухне ")
    )
    assert page.path.endswith("/accepted")
    with act() as session:
        request = session.scalars(select(ServiceRequest)).one()
        assert request.description == "Сорвана пломба\nна кухне"
        number, pk = request.number, request.id
    assert number in page.text
    assert number in customer.get(PAGE).text
    assert "Сорвана пломба" in customer.get(f"{PAGE}/{pk}").text


def test_files_are_attached_and_handed_out_as_downloads(customer: Browser, app: Flask, act: Any) -> None:
    files = [(BytesIO(photo("PNG")), "кухня.png"), (BytesIO(PDF), "акт.pdf")]
    page = send(customer, files=files)
    assert page.status == 200
    with act() as session:
        rows = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        assert [row.file_name for row in rows] == ["кухня.png", "акт.pdf"]
        pk = rows[1].id
    response = customer.get(f"/attachments/{pk}").response
    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    with act() as session:
        assert session.scalars(select(AuditEvent).where(AuditEvent.object_type == "attachment")).all() == []
        factories.user(session, "Operator", login="clerk")
    clerk = Browser(app)
    clerk.sign_in("clerk", factories.PASSWORD)
    assert clerk.client.get(f"/attachments/{pk}").data == PDF
    with act() as session:
        assert session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "attachment")).all() == [
            "looked"
        ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"description": " "}, "description"),
        ({"description": "ж" * 2001}, "description"),
        ({"service": ""}, "service"),
        ({"files": [(BytesIO(b"<svg/>"), "a.svg")]}, "files"),
    ],
    ids=["nothing", "too long", "no service", "a wrong file"],
)
def test_a_bad_request_keeps_what_was_typed(customer: Browser, act: Any, values: dict[str, Any], field: str) -> None:
    page = send(customer, **values)
    assert page.status == 422
    assert page.error(field)
    kept = page.form("description").values
    assert kept["description"].strip() == values.get("description", "Сорвана").strip()
    with act() as session:
        assert session.scalar(select(func.count()).select_from(ServiceRequest)) == 0


def test_all_that_is_wrong_is_said_at_once(customer: Browser) -> None:
    page = send(customer, description="", files=[(BytesIO(b"<svg/>"), "a.svg"), (BytesIO(b"text"), "b.txt")])
    assert page.error("description")
    assert all(name in page.error("files") for name in ("a.svg", "b.txt"))


def test_the_menu_shows_the_place_of_pages_under_it(customer: Browser) -> None:
    for path, place in ((PAGE, "/cabinet/services"), ("/cabinet/payments", "/cabinet/charges")):
        here = {link.get("href") for link in customer.get(path).elements("a") if link.get("aria-current") == "page"}
        assert here == {place}


def test_an_unknown_service_is_not_found(customer: Browser) -> None:
    assert send(customer, service="nothing").status == 404


def test_signs_that_no_database_takes_are_dropped(customer: Browser, act: Any) -> None:
    send(customer, description="а\x00б")
    with act() as session:
        assert session.scalars(select(ServiceRequest.description)).one() == "аб"


def test_a_message_is_added_and_an_empty_one_is_not(customer: Browser, act: Any) -> None:
    url = send(customer).path.removesuffix("/accepted")
    page = customer.get(url).form("body").submit(body="")
    assert (page.status, bool(page.error("body"))) == (422, True)
    page = page.form("body").submit(body="<b>Когда придёте?</b>")
    assert page.path == url
    assert "<b>Когда" in page.text
    with act() as session:
        message = session.scalars(select(RequestMessage)).one()
        assert not message.is_from_staff


def test_a_finished_request_has_no_form(customer: Browser, act: Any) -> None:
    url = send(customer).path.removesuffix("/accepted")
    old = customer.get(url).form("body")
    with act() as session:
        session.scalars(select(ServiceRequest)).one().state = RequestState.declined
    page = customer.get(url)
    assert 'name="body"' not in page.html
    assert old.submit(body="Ещё").status == 422


def test_the_twenty_first_open_request_is_refused_in_words(customer: Browser, act: Any) -> None:
    for number in range(20):
        send(customer, description=f"Просьба {number}")
    page = send(customer, description="Ещё одна")
    assert page.status == 422
    assert page.form("description").values["description"].strip() == "Ещё одна"


def test_lateness_is_said_in_words(customer: Browser, act: Any) -> None:
    url = send(customer).path.removesuffix("/accepted")
    assert 'id="late"' not in customer.get(url).html
    with act() as session:
        request = session.scalars(select(ServiceRequest)).one()
        request.promised_on = request.promised_on.replace(year=2020)
    assert 'id="late"' in customer.get(url).html


def test_another_customer_finds_neither_the_request_nor_its_files(customer: Browser, app: Flask, act: Any) -> None:
    url = send(customer, files=[(BytesIO(PDF), "a.pdf")]).path.removesuffix("/accepted")
    with act() as session:
        factories.account(session, factories.user(session, login="oleg"))
        file = session.scalars(select(Attachment.id)).one()
    customer.get(f"/attachments/{file}")
    stranger = Browser(app)
    stranger.sign_in("oleg", factories.PASSWORD)
    for address in (url, f"{url}/accepted", f"/attachments/{file}", f"{PAGE}/{'9' * 20}"):
        stranger.get(address, expect=404)
    token = stranger.get(f"{PAGE}/new").form("description").values["csrf_token"]
    assert stranger.post(url, data={"body": "Моё", "csrf_token": token}).status == 404


def test_the_list_goes_on_page_by_page(customer: Browser, act: Any) -> None:
    for number in range(21):
        send(customer, description=f"Просьба {number}")
        with act() as session:
            session.execute(update(ServiceRequest).values(state=RequestState.done))
    page = customer.get(PAGE)
    assert page.html.count('class="ledger__date"') == 20
    page = customer.get(next_url(page))
    assert page.html.count('class="ledger__date"') == 1
    for odd in ("abc", "9" * 30, "-1"):
        customer.get(f"{PAGE}?before={odd}")


def next_url(page: Any) -> str:
    return next(link.get("href") for link in page.elements("a") if link.get("rel") == "next")
