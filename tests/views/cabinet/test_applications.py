"""The application of a company on the site: the blank, the form, the page by which it is followed."""

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask
from sqlalchemy import select

from app.domain import applications
from app.models import AccessApplication, OutboxMessage, SiteUser
from tests import companies, factories
from tests.conftest import Act
from tests.domain.test_attachments import PDF, photo
from tests.mail import delivered, text_of
from tests.page import Browser, Page

GOOD = {
    "kind": "company",
    "name": "ООО «Ромашка»",
    "inn": "5902 817 382",
    "ogrn": companies.OGRN,
    "contract_number": "17/24-В",
    "last_name": "Ромашкина",
    "first_name": "Анна",
    "patronymic": "Львовна",
    "job": "главный бухгалтер",
    "phone": "201-95-37",
    "email": "Anna@Romashka.example",
    "consent": "y",
}


def send(browser: Browser, **values: Any) -> Page:
    scan = values.pop("scan", (BytesIO(PDF), "заявление.pdf"))
    return browser.get("/apply").form("inn").submit(**{**GOOD, "scan": scan, **values})


def all_sent(act: Act) -> list[AccessApplication]:
    with act() as session:
        found = list(session.scalars(select(AccessApplication)))
        session.expunge_all()
        return found


def test_an_application_is_taken_followed_and_written_about(browser: Browser, act: Act, app: Flask) -> None:
    page = send(browser)
    (sent,) = all_sent(act)
    assert page.path == f"/apply/follow/{sent.token}"
    assert sent.number in page.heading
    assert (sent.inn, sent.email, sent.phone) == ("5902817382", "anna@romashka.example", "73422019537")
    assert "anna@romashka.example" not in page.text
    assert page.response.headers["Cache-Control"] == "no-store"
    (letter,) = delivered(app, "anna@romashka.example")
    assert f"/apply/follow/{sent.token}" in text_of(letter)
    with act() as session:
        assert session.scalar(select(SiteUser.id).where(SiteUser.email == sent.email)) is None


def test_a_form_sent_twice_is_taken_once(browser: Browser, act: Act) -> None:
    form = browser.get("/apply").form("inn")
    pages = [form.submit(**GOOD, scan=(BytesIO(PDF), "a.pdf")) for _time in range(2)]
    assert pages[0].path == pages[1].path
    assert len(all_sent(act)) == 1
    with act() as session:
        assert len(session.scalars(select(OutboxMessage.id)).all()) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({"inn": "5902817383"}, "inn", id="check digits of the INN"),
        pytest.param({"inn": companies.TRADER_INN}, "inn", id="a person's INN"),
        pytest.param({"inn": "0000000000"}, "inn", id="zeros"),
        pytest.param({"inn": "٥٩٠٢٨١٧٣٨٢"}, "inn", id="Arabic digits"),
        pytest.param({"ogrn": "1025900500011"}, "ogrn", id="check digit of the OGRN"),
        pytest.param({"kpp": "12"}, "kpp", id="KPP"),
        pytest.param({"contract_number": " "}, "contract_number", id="no contract"),
        pytest.param({"contract_number": "1" * 41}, "contract_number", id="a long contract"),
        pytest.param({"name": "карта 4111 1111 1111 1111"}, "name", id="the number of a card"),
        pytest.param({"last_name": "http://evil.example"}, "last_name", id="a link for a name"),
        pytest.param({"email": "anna\r\nBcc: all@example.org"}, "email", id="a line break in the e-mail"),
        pytest.param({"phone": "123"}, "phone", id="phone"),
        pytest.param({"consent": None}, "consent", id="no consent"),
        pytest.param({"scan": (BytesIO(b"MZ\x90\x00"), "scan.pdf")}, "scan", id="a program named scan.pdf"),
        pytest.param({"scan": (BytesIO(b"<svg onload='x()'/>"), "a.png")}, "scan", id="SVG"),
        pytest.param({"scan": (BytesIO(photo("PNG")[:60]), "a.png")}, "scan", id="half of a photo"),
        pytest.param({"scan": (BytesIO(PDF + b"\0" * 10 * 1024 * 1024), "a.pdf")}, "scan", id="larger than 10 MB"),
        pytest.param({"scan": None}, "scan", id="no scan"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    browser: Browser, act: Act, values: dict[str, Any], field: str
) -> None:
    page = send(browser, **values)
    assert page.status == 422
    assert page.error(field)
    kept = page.form("inn").values
    assert kept["job"] == GOOD["job"]
    assert field == "inn" or kept["inn"] == GOOD["inn"].replace(" ", "")
    assert not all_sent(act)


@pytest.mark.parametrize("path", ["/apply", "/apply/blank.docx"])
def test_a_body_beyond_one_file_is_refused_before_it_is_read(browser: Browser, act: Act, path: str) -> None:
    token = browser.get("/apply").form("inn").values["csrf_token"]
    sent = {**GOOD, "csrf_token": token, "scan": (BytesIO(PDF + b"\0" * 13 * 1024 * 1024), "a.pdf")}
    assert browser.client.post(path, data=sent).status_code == 413
    assert not all_sent(act)


def test_a_photo_is_drawn_anew_and_named_by_what_it_is(browser: Browser, act: Act) -> None:
    send(browser, scan=(BytesIO(photo("JPEG")), "../../scan.pdf.exe"))
    (sent,) = all_sent(act)
    assert (sent.file_name, sent.content_type) == ("scan.pdf.jpg", "image/jpeg")


def test_a_stranger_has_twenty_tries(browser: Browser, act: Act) -> None:
    form = browser.get("/apply").form("inn")
    pages = [form.submit(**{**GOOD, "inn": "1"}) for _time in range(applications.TRIES_PER_ADDRESS + 1)]
    assert [bool(page.error("inn")) for page in pages[-2:]] == [True, False]
    assert form.submit(**GOOD, scan=(BytesIO(PDF), "a.pdf")).status == 422
    assert not all_sent(act)


def test_one_address_gets_three_letters_a_day(browser: Browser, act: Act, app: Flask) -> None:
    for _time in range(applications.LETTERS_A_DAY + 1):
        send(browser)
    assert len(all_sent(act)) == applications.LETTERS_A_DAY + 1
    assert len(delivered(app, "anna@romashka.example")) == applications.LETTERS_A_DAY


@pytest.mark.parametrize("path", ["x", "A" * 43, "../staff", "%00"])
def test_a_link_that_nobody_was_given_is_404(browser: Browser, path: str) -> None:
    browser.get(f"/apply/follow/{path}", expect=404)


def test_the_blank_is_had_empty_without_signing_in(browser: Browser) -> None:
    answer = browser.client.get("/apply/blank.docx")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    (table,) = Document(BytesIO(answer.data)).tables
    assert {row.cells[1].text for row in table.rows} == {""}


def test_the_blank_is_filled_with_what_stands_in_the_form_wrong_or_not(browser: Browser, act: Act) -> None:
    token = browser.get("/apply").form("inn").values["csrf_token"]
    typed = {**GOOD, "inn": "12", "name": "<w:p/> {{ 7*7 }}", "job": "x" * 500, "csrf_token": token}
    answer = browser.client.post("/apply/blank.docx", data=typed)
    (table,) = Document(BytesIO(answer.data)).tables
    values = [row.cells[1].text for row in table.rows]
    assert {"12", "<w:p/> {{ 7*7 }}", "x" * 300, "Ромашкина"} <= set(values)
    assert not all_sent(act)


def test_whoever_is_signed_in_sees_nothing_more_on_the_page_of_an_application(
    browser: Browser, act: Act, app: Flask
) -> None:
    path = send(browser).path
    with act() as session:
        factories.account(session, factories.user(session, login="irina"))
        foreign = factories.account(session).number
    browser.sign_in("irina", factories.PASSWORD)
    assert foreign not in browser.get(path).text
