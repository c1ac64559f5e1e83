"""The desk of applications: the queue, the scan beside the form, the checks, the decision."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import (
    AccessApplication,
    Account,
    ApplicationChannel,
    AuditEvent,
    OutboxMessage,
    RefusalTemplate,
    SiteUser,
)
from tests import companies, factories
from tests.conftest import Act
from tests.domain.test_attachments import PDF
from tests.mail import delivered, link_in, text_of
from tests.page import Browser, Page
from tests.statements import recorded
from tests.views.cabinet.test_applications import GOOD
from tests.views.staff.desk import form_to, has_form, signed_in

DESK = "/staff/desk/applications"


@pytest.fixture
def sent(act: Act, app: Flask) -> int:
    with act() as session:
        for login, role in (
            ("olga", "Operator"),
            ("maria", "Operator"),
            ("manager", "Manager"),
            ("cashier", "Cashier"),
        ):
            factories.user(session, role, login=login, first_name=login.title(), last_name="Орлова")
        companies.contract(session, ogrn=companies.OGRN)
        return companies.application(session, Path(app.config["DATA_DIR"])).id


@pytest.fixture
def olga(app: Flask, sent: int) -> Browser:
    return signed_in(app, "olga")


def taken(browser: Browser) -> Page:
    """The page of the application that the queue gave."""
    return form_to(browser.get(DESK), "/next").submit()


def test_a_clerk_takes_the_next_one_and_approves_it(olga: Browser, sent: int, app: Flask, act: Act) -> None:
    page = taken(olga)
    assert page.path == f"{DESK}/{sent}"
    assert "None yet: a new one will be made" in page.text
    page = form_to(page, "/approve").submit()
    assert "Application approved" in page.text
    assert "login anna@romashka.example, 2 accounts" in page.text
    assert not has_form(page, "/approve")
    assert not has_form(page, "/take")
    (letter,) = delivered(app, companies.SAID.email)
    assert "2 accounts are in your cabinet" in text_of(letter)
    assert link_in(letter, "/login") == "/login/"


def test_the_letter_of_an_approval_opens_the_cabinet_and_asks_for_a_new_password(
    olga: Browser, app: Flask, act: Act
) -> None:
    form_to(taken(olga), "/approve").submit()
    text = text_of(delivered(app, companies.SAID.email)[0])
    password = next(line.rpartition(" ")[2] for line in text.splitlines() if "one-time password:" in line)
    company = Browser(app, "en")
    page = company.sign_in(companies.SAID.email, password, follow=True)
    assert page.path == "/recover/password"
    assert company.get("/cabinet/").path == "/recover/password"
    page = company.get("/recover/password").form("password").submit(password=factories.PASSWORD)
    assert page.path == "/cabinet/"
    with act() as session:
        numbers = list(session.scalars(select(Account.number)))
    accounts = company.get("/cabinet/accounts").text
    assert [number for number in numbers if number in accounts] == numbers
    assert Browser(app, "en").sign_in(companies.SAID.email, password, follow=True).path == "/login/"


def test_a_rejection_sends_the_words_of_the_reason_and_the_link(olga: Browser, sent: int, app: Flask, act: Act) -> None:
    page = form_to(taken(olga), "/reject").submit(**{"reject-template": "signature", "reject-reason": "Лист 2."})
    assert "Application rejected" in page.text
    with act() as session:
        body = session.scalars(select(RefusalTemplate.body).where(RefusalTemplate.code == "signature")).one()
        token = session.get_one(AccessApplication, sent).token
    (letter,) = delivered(app, companies.SAID.email)
    text = text_of(letter)
    assert all(words in text for words in (body, "Лист 2.", f"/apply/follow/{token}"))
    followed = Browser(app, "en").get(f"/apply/follow/{token}")
    assert body in followed.text


def test_a_rejection_without_a_reason_is_refused(olga: Browser, sent: int) -> None:
    page = form_to(taken(olga), "/reject").submit()
    assert page.status == 422
    assert "Write why it is rejected" in page.text


def test_two_clerks_never_hold_one_application(olga: Browser, sent: int, app: Flask, act: Act) -> None:
    maria = signed_in(app, "maria")
    free = maria.get(f"{DESK}/{sent}")
    page = taken(olga)
    late = form_to(free, "/take").submit()
    assert "Another clerk" in late.text
    assert "Olga Орлова" in late.text
    assert not has_form(late, "/approve")
    assert taken(maria).path == DESK
    token = free.form("csrf_token").values["csrf_token"]
    for act_name in ("approve", "reject", "correct"):
        answer = maria.post(f"{DESK}/{sent}/{act_name}", data={"csrf_token": token, "reject-reason": "x", **GOOD})
        assert answer.status == 422, act_name
    maria.post(f"{DESK}/{sent}/release", data={"csrf_token": token})
    assert form_to(page, "/approve").submit().status == 200
    with act() as session:
        assert session.scalars(select(AuditEvent.action).where(AuditEvent.action == "approved")).all() == ["approved"]


def test_an_approval_sent_twice_makes_one_user_and_one_letter(olga: Browser, sent: int, act: Act) -> None:
    form = form_to(taken(olga), "/approve")
    assert [form.submit().status for _time in range(2)] == [200, 422]
    with act() as session:
        assert len(session.scalars(select(SiteUser.id).where(SiteUser.email == companies.SAID.email)).all()) == 1
        assert len(session.scalars(select(OutboxMessage.id)).all()) == 1


def test_what_is_wrong_is_corrected_beside_the_scan_and_checked_again(olga: Browser, sent: int, act: Act) -> None:
    with act() as session:
        session.get_one(AccessApplication, sent).contract_number = "17/25"
    page = taken(olga)
    assert "No contract of this number is on record" in page.text
    assert not has_form(page, "/approve")
    page = form_to(page, "/correct").submit(contract_number="17/24-В")
    assert has_form(page, "/approve")
    assert "Number of the contract: was “17/25”" in page.text
    assert form_to(page, "/correct").submit(inn="abc").error("inn")


def test_a_paper_application_is_entered_as_it_stands_and_its_slips_are_told(olga: Browser, act: Act) -> None:
    form = olga.get(f"{DESK}/new").form("inn")
    page = form.submit(**{**GOOD, "inn": "5902817383", "channel": "office", "scan": (BytesIO(PDF), "бумага.pdf")})
    assert "The check digits of the INN do not hold" in page.text
    with act() as session:
        entered = session.scalars(
            select(AccessApplication).where(AccessApplication.channel == ApplicationChannel.office)
        ).one()
        assert entered.entered_by_id is not None
        assert entered.file_name == "бумага.pdf"
    assert "Entered from paper" in page.text
    refused = form.submit(**{**GOOD, "channel": "email", "scan": (BytesIO(b"text"), "a.pdf")})
    assert (refused.status, bool(refused.error("scan"))) == (422, True)


def test_the_scan_is_shown_inside_of_the_page_and_nowhere_else(olga: Browser, sent: int, app: Flask) -> None:
    page = olga.get(f"{DESK}/{sent}")
    (frame,) = page.elements("iframe")
    answer = olga.client.get(frame.get("src"))
    assert answer.data == companies.SCAN.content
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert page.response.headers["X-Frame-Options"] == "DENY"
    assert Browser(app).client.get(frame.get("src")).status_code == 302


@pytest.mark.parametrize("who", ["manager", "cashier", "customer"])
def test_others_find_neither_the_queue_nor_a_scan(sent: int, app: Flask, act: Act, who: str) -> None:
    with act() as session:
        factories.user(session, "Customer", login="customer")
        session.get_one(AccessApplication, sent)
    visitor = signed_in(app, who)
    for path in ("", f"/{sent}", f"/{sent}/scan", "/new"):
        answer = visitor.client.get(f"{DESK}{path}")
        assert answer.status_code in (302, 403), path
    with act() as session:
        assert session.get_one(AccessApplication, sent).claimed_by_id is None


def test_whoever_looks_at_an_application_leaves_a_trace(olga: Browser, sent: int, act: Act) -> None:
    olga.get(f"{DESK}/{sent}")
    with act() as session:
        seen = select(AuditEvent.id).where(AuditEvent.action == "looked", AuditEvent.object_id == str(sent))
        assert session.scalar(seen) is not None


@pytest.mark.parametrize("path", ["/999", "/999/scan", "/99999999999999999999"])
def test_an_application_that_is_not_there_is_404(olga: Browser, path: str) -> None:
    olga.get(f"{DESK}{path}", expect=404)


def test_the_queue_is_read_in_pages_and_by_state(olga: Browser, act: Act, app: Flask) -> None:
    with act() as session:
        user_id = session.scalars(select(SiteUser.id)).first()
        for n in range(27):
            companies.application(session, Path(app.config["DATA_DIR"]), user_id=user_id, name=f"ООО «Фирма {n:02d}»")
    with recorded() as statements:
        first = olga.get(DESK)
    assert len(statements) < 12
    assert ["Фирма 00" in first.text, "Фирма 26" in first.text] == [True, False]
    further = next(link.get("href") for link in first.elements("a") if link.get("rel") == "next")
    assert "Фирма 26" in olga.get(further).text
    assert "No applications are here" in olga.get(f"{DESK}?state=approved").text
    assert olga.get(f"{DESK}?state=abc&after=abc").status == 200


def test_staff_edit_the_words_of_rejections(olga: Browser, sent: int) -> None:
    values = {"code": "stamp", "name": "Нет печати", "body": "Поставьте печать.", "position": "9"}
    page = olga.get("/staff/refusal-templates/add").form("body").submit(**values)
    assert page.status == 200
    page = taken(olga)
    options = [option.get("value") for option in page.elements("option")]
    assert "stamp" in options


def test_the_first_page_of_staff_counts_what_waits(olga: Browser, sent: Any) -> None:
    page = olga.get("/staff/")
    assert DESK in page.html


def test_the_scan_alone_leaves_a_trace_too(olga: Browser, sent: int, act: Act) -> None:
    assert olga.client.get(f"{DESK}/{sent}/scan").status_code == 200
    with act() as session:
        trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "looked")).one()
        assert (trace.object_type, trace.object_id) == ("access_application", str(sent))
