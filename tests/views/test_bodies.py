"""How much may be sent at once: a body that is too large is refused before it is read."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.views.bodies import WITH_ATTACHMENTS, WITH_IMPORTS
from tests import factories
from tests.domain.test_attachments import PDF
from tests.page import Browser

KILOBYTE, MEGABYTE = 1024, 1024 * 1024


def test_a_form_of_more_than_a_megabyte_is_refused_with_advice(browser: Browser) -> None:
    page = browser.get("/register").form("csrf_token").submit(email="a" * (MEGABYTE + 1))
    assert page.status == 413
    assert page.heading


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("/api/v1/security/login", {"content_type": "application/json"}),
        ("/api/v1/customers/", {"content_type": "application/json"}),
        ("/register", {"content_type": "application/json"}),
        ("/gateway/moneta/pay", {"content_type": "application/x-www-form-urlencoded"}),
    ],
)
def test_a_program_sends_no_more_than_64_kilobytes(address: str, options: dict[str, Any], browser: Browser) -> None:
    body = b'{"username": "' + b"a" * 64 * KILOBYTE + b'"}'
    answer = browser.client.post(address, data=body, **options)
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 3000 + b"1" + b"}" * 3000], ids=["lists", "objects"])
@pytest.mark.parametrize("address", ["/api/v1/security/login", "/api/v1/customers/"])
def test_json_without_a_bottom_is_a_bad_request(address: str, body: bytes, browser: Browser) -> None:
    answer = browser.client.post(address, data=body, content_type="application/json")
    assert answer.status_code == 400


def test_files_may_be_larger(act: Any, browser: Browser) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="irina"))
        factories.offering(session, code="sealing")
    browser.sign_in("irina", factories.PASSWORD)
    form = browser.get("/cabinet/requests/new?service=sealing").form("description")
    files = [(BytesIO(PDF + b"\0" * 2 * MEGABYTE), f"{n}.pdf") for n in range(2)]
    assert form.submit(description="Вот сканы", files=files).path.endswith("/accepted")


def test_a_visitor_sends_no_large_files(act: Any, browser: Browser) -> None:
    token = browser.get("/register").form("csrf_token").values["csrf_token"]
    data = {"csrf_token": token, "files": (BytesIO(b"\0" * 2 * MEGABYTE), "a.pdf")}
    assert browser.post("/cabinet/requests/new", data=data).status == 413


def test_the_pages_that_take_files_are_there(app: Flask) -> None:
    assert {*WITH_ATTACHMENTS, *WITH_IMPORTS} <= app.view_functions.keys()
