"""The other ways in: the office's slip, the phone, a relative's account by its password and by an invitation.

Letters are read from the mail server, the calendar by a calendar program's parser. Each journey has an account of its
own, that nobody sees in a cabinet before.
"""

import re
from datetime import timedelta
from urllib.request import urlopen

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from app import clock
from tests.browser.conftest import leave
from tests.journeys.conftest import PASSWORD, Stack, sign_in

pytestmark = pytest.mark.xdist_group("run")

OWN = "seven-quiet-boats-41"
FREE = """
    FROM account JOIN premises ON premises.id = account.premises_id
    WHERE account.customer_id IS NOT NULL AND account.status = 'active'
    AND account.id NOT IN (SELECT account_id FROM account_access)
"""
WAITING = f"""
    SELECT premises.address, meter.id, MAX(reading.value) / 1000
    FROM meter JOIN reading ON reading.meter_id = meter.id JOIN account ON account.id = meter.account_id
    JOIN premises ON premises.id = account.premises_id
    WHERE meter.removed_on IS NULL AND meter.verified_until > date('now', '+1 month')
    AND account.id IN (SELECT account.id {FREE})
    GROUP BY meter.id
    HAVING MAX(reading.period) < date('now', 'start of month') AND MAX(reading.value) < 90000000
    AND (SELECT COUNT(*) FROM meter AS other WHERE other.account_id = account.id) = 1
    ORDER BY meter.id LIMIT 1
"""
ACCESS = """
    SELECT basis, ends_at FROM account_access JOIN account ON account.id = account_id
    JOIN ab_user ON ab_user.id = user_id WHERE username = ? AND number = ?
"""


def newcomer(page: Page, stack: Stack, place: int) -> tuple[str, str]:
    """Somebody who got a slip in the office and chose a password: the login, the account's number."""
    number = stack.row(f"SELECT account.number {FREE} ORDER BY account.id DESC LIMIT 1 OFFSET {place}")[0]
    sign_in(page, "operator")
    page.goto("/staff/office")
    page.fill("#q", number)
    page.press("#q", "Enter")
    page.locator("main th a").first.click()
    page.check("[name=whom][value=new]")
    page.fill("[name=last_name]", "Новикова")
    page.fill("[name=first_name]", "Мария")
    for name in ("document][value=passport", "checked", "consent"):
        page.check(f"[name={name}]")
    page.press("[name=last_name]", "Enter")
    secrets = page.locator(".slip__secrets dd")
    expect(secrets).to_have_count(2)
    login, password = secrets.all_inner_texts()
    leave(page)
    sign_in(page, login, password)
    page.wait_for_url("**/recover/password")
    page.goto("/cabinet/readings")
    page.wait_for_url("**/recover/password")
    page.fill("[name=password]", OWN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cabinet/")
    return login, number


def test_a_slip_of_the_office_opens_the_cabinet_once_a_new_password_is_chosen(page: Page, stack: Stack) -> None:
    login, number = newcomer(page, stack, 0)
    assert stack.row(ACCESS, login, number)[0] == "office"
    leave(page)
    sign_in(page, login, OWN)
    assert page.url.endswith("/cabinet/")


def test_a_relative_attaches_by_login_and_password_and_a_calendar_reads_the_account(page: Page, stack: Stack) -> None:
    login, _number = newcomer(page, stack, 1)
    page.goto("/cabinet/accounts/attach/password")
    page.fill("[name=login]", "customer")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=number]", "9110471603")
    page.keyboard.press("Enter")
    expect(page.locator(".flash--success")).to_be_visible()
    assert stack.row(ACCESS, login, "9110471603")[0] == "password"
    assert "9110471603" in stack.mailbox.with_text("customer@example.org", "Мария")
    page.goto("/cabinet/settings/calendar")
    page.locator("form[action$='/make'] button").click()
    with urlopen(page.locator("#address").input_value(), timeout=10) as answer:
        calendar = Calendar.from_ical(answer.read())
    events = calendar.walk("VEVENT")
    assert events
    assert not any(event.errors for event in events)
    assert all(event["UID"] and event["SUMMARY"] and event["DTSTART"] for event in events)


def test_an_invitation_comes_by_letter_and_ends_on_its_last_day(page: Page, stack: Stack) -> None:
    _login, number = newcomer(page, stack, 2)
    key = stack.row("SELECT id FROM account WHERE number = ?", number)[0]
    last_day = clock.today() + timedelta(days=30)
    page.goto(f"/cabinet/accounts/{key}/invite")
    page.fill("[name=email]", "aunt@example.net")
    page.fill("[name=last_day]", last_day.isoformat())
    page.press("[name=email]", "Enter")
    page.wait_for_url(f"**/cabinet/accounts/{key}/people")
    link = re.search(r"http://\S+/cabinet/invitation/\S+", stack.mailbox.with_text("aunt@example.net", "invitation"))
    assert link
    leave(page)
    sign_in(page, "company")
    page.goto(link[0])
    page.locator("main form button").click()
    expect(page.locator(".flash--success")).to_be_visible()
    basis, ends_at = stack.row(ACCESS, "company", number)
    assert basis == "invitation"
    assert ends_at[:10] in (last_day.isoformat(), (last_day + timedelta(days=1)).isoformat())
    page.goto(link[0])
    expect(page.locator("main form")).to_have_count(0)


def test_a_reading_is_taken_by_phone_with_the_keyboard_alone(page: Page, stack: Stack) -> None:
    address, meter_id, last = stack.row(WAITING)
    sign_in(page, "operator")
    page.goto("/staff/phone")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(re.sub(r"[^\w/ ]", " ", address.partition(",")[2]))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/staff/phone(/\d+|\?)"))
    if "?" in page.url:  # several places answer: the first one has the focus
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/staff/phone/\d+$"))
    field = page.locator(f"[name=m{meter_id}-value]")
    expect(field).to_be_focused()
    page.keyboard.type(f"{int(last) + 2}")
    page.keyboard.press("Enter")
    expect(page.locator(".flash--success")).to_be_visible()
    row = stack.row("SELECT source, value FROM reading WHERE meter_id = ? ORDER BY id DESC LIMIT 1", meter_id)
    assert row == ("phone", (int(last) + 2) * 1000)
    expect(page.locator("main")).to_contain_text("Пепеляева")
