"""The ways in, in a real browser: the application of a company, the phone desk by the keyboard alone, an office."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from app.domain import applications
from app.domain.attachments import Document
from app.models import ApplicationChannel
from tests import companies, factories
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act


def photo() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (300, 400), "white").save(drawn, "JPEG")
    return drawn.getvalue()


def test_a_company_applies_and_a_clerk_decides(page: Page, act: Act, app: Flask, sign_in: SignIn) -> None:
    page.goto("/apply")
    look(page)
    page.press("[name=inn]", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    with act() as session:
        companies.contract(session)
        origin = applications.Origin(ApplicationChannel.site, "t" * 43, "ru", "Согласен", "1", "192.0.2.1")
        scan = Document("лист.jpg", "image/jpeg", photo())
        said = replace(companies.SAID, name="Очень длинное название организации " * 3)
        applications.submit(session, said, scan, origin, Path(app.config["DATA_DIR"]))
    page.goto(f"/apply/follow/{'t' * 43}")
    look(page)
    sign_in("Operator")
    page.goto("/staff/desk/applications/new")
    look(page)
    page.goto("/staff/desk/applications")
    look(page)
    page.keyboard.press("n")
    expect(page.locator("form[action$='/approve']")).to_be_visible()
    expect(page.locator("img.scan")).to_have_js_property("naturalWidth", 300)
    look(page)
    page.locator("form[action$='/approve'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".flash--success")).to_be_visible()
    look(page)


def test_readings_are_taken_down_by_the_keyboard_alone(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        place = factories.premises(session, street="ул. Революции", house="21а", flat="14")
        account = factories.account(session, premises=place)
        cold = factories.meter(session, account)
        factories.meter(session, account, code="hot")
        factories.reading(session, cold, "100", date(2026, 10, 1))
        factories.account(session, premises=factories.premises(session, street="ул. Революции", house="21а", flat="15"))
    sign_in("Operator")
    page.goto("/staff/phone")
    expect(page.locator("#q")).to_be_focused()
    look(page)
    page.goto("/staff/phone")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("рев 21а")
    page.keyboard.press("Enter")
    expect(page.locator("tbody a").first).to_be_focused()
    look(page)
    page.goto("/staff/phone")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("рев 21а 14")
    page.keyboard.press("Enter")
    expect(page.locator("input[name$='-value']").first).to_be_focused()
    look(page)
    page.reload()
    expect(page.locator("input[name$='-value']").first).to_be_focused()
    page.keyboard.type("105")
    page.keyboard.press("Enter")
    expect(page.locator("input[name$='-value']").last).to_be_focused()
    page.keyboard.type("9999999")
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    look(page)
    page.locator("input[name$='-value']").last.fill("7")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    for value in ("105", "7"):
        expect(page.locator("tbody strong", has_text=re.compile(f"^{value}$"))).to_be_visible()


def test_a_slip_is_printed_in_an_office(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        factories.account(session, number="0012345678")
    sign_in("Operator")
    page.goto("/staff/office?q=12345678")
    look(page)
    page.locator("tbody a").first.click()
    look(page)
    page.fill("[name=last_name]", "Петров")
    page.fill("[name=first_name]", "Олег")
    page.fill("[name=patronymic]", "")
    for name in ("consent", "checked"):
        page.check(f"[name={name}]")
    page.check("[name=document][value=passport]")
    page.press("[name=first_name]", "Enter")
    expect(page.locator(".slip__secrets")).to_contain_text(re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}"))
    look(page)
    page.emulate_media(media="print")
    expect(page.locator(".slip__staff").first).to_be_hidden()
    expect(page.locator(".slip__secrets")).to_be_visible()
