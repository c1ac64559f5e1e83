"""Charges put right by hand, in a real browser: axe, narrow screens, keys alone; then what the customer sees of it."""

import os
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from app.domain import corrections
from app.domain.corrections import Wish
from app.models import AccountResidents, ChargeMethod, EntryKind, PeriodState
from tests import billed, factories
from tests.billed import NOVEMBER, OCTOBER
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act

REASON = "По акту от 17.11.2026: в октябре начислено по показанию соседнего прибора учёта"
DESK = "/staff/desk/corrections"


@pytest.fixture
def desk(corrected: dict[str, int], sign_in: SignIn) -> dict[str, int]:
    """A manager looks."""
    sign_in("Manager")
    return corrected


@pytest.fixture
def corrected(act: Act) -> dict[str, int]:
    """A debt, an advance, a correction and an offset that stand, a correction that waits."""
    with act() as session:
        account = billed.troubled(session)
        billed.post(session, account, EntryKind.payment, "-5000.00", NOVEMBER, "sewerage")
        billed.period(session, NOVEMBER, PeriodState.open)
        service_id, user_id = factories.service(session).id, factories.user(session, "Manager", first_name="Анна").id
        stands = corrections.ask(
            session, account.id, Wish(service_id, Decimal("-120.50"), REASON), user_id=user_id, known_id=0
        )
        to_id = factories.service(session, "sewerage").id
        wish = Wish(to_id, Decimal("300.00"), "По заявлению абонента", service_id)
        offset = corrections.ask(session, account.id, wish, user_id=user_id, known_id=stands.id)
        waits = corrections.ask(
            session, account.id, Wish(service_id, Decimal(6000), REASON), user_id=user_id, known_id=offset.id
        )
        house_id = account.premises.house_id
        return {"account": account.id, "stands": stands.id, "waits": waits.id, "house": house_id}


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_queue_and_the_list(page: Page, desk: dict[str, int]) -> None:
    for path, name in ((DESK, "queue"), ("/staff/corrections/list/", "list")):
        page.goto(path)
        expect(page.locator("main table").first).to_be_visible()
        shot(page, name)
        look(page)


def test_the_accounts_page(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"/staff/accounts/show/{desk['account']}")
    expect(page.locator("main")).to_contain_text(REASON)
    shot(page, "account")
    look(page)
    page.click(f"a[href='{DESK}/account/{desk['account']}']")
    page.wait_for_url("**/desk/corrections/account/**")
    shot(page, "form")
    look(page)
    page.press("#amount", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    shot(page, "refused")
    look(page)


def test_keys_alone_ask_for_a_correction(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"{DESK}/account/{desk['account']}")
    page.focus("#service")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # less is owed
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("10,50")
    page.keyboard.press("Tab")
    page.keyboard.type("Перерасчёт за октябрь 2026")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DESK}/*")
    expect(page.locator("main")).to_contain_text("10,50")


def test_one_that_waits_and_one_that_stands(page: Page, desk: dict[str, int]) -> None:
    page.goto(f"{DESK}/{desk['stands']}")
    look(page)
    page.goto(f"{DESK}/{desk['waits']}")
    shot(page, "waits")
    look(page)
    page.click("[value=decline]")
    expect(page.locator(".summary")).to_be_focused()
    look(page)


def test_the_accounts_of_a_house(page: Page, desk: dict[str, int], act: Act) -> None:
    with act() as session:
        service = factories.service(session).id
    page.goto(f"{DESK}/house/{desk['house']}?service={service}&about=interruption&since=2026-10&until=2026-10")
    expect(page.locator("main li a").first).to_be_visible()
    shot(page, "house")
    look(page)


def test_the_clerk_is_told_of_a_bill_that_stands(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        account = factories.account(session)
        billed.line(session, account, "300.00", OCTOBER, method=ChargeMethod.normative, volume=Decimal("7.762"))
        billed.period(session, OCTOBER, PeriodState.closed)
        row = AccountResidents(account_id=account.id, valid_from=date(2026, 10, 10), residents=5)
        session.add(row)
        session.flush()
        pk = row.id
    sign_in("Admin")
    page.goto(f"/staff/residents/edit/{pk}")
    page.fill("[name=residents]", "4")
    page.press("[name=residents]", "Enter")
    link = page.locator(f".flashes a[href*='{DESK}/account/']")
    expect(link).to_be_visible()
    shot(page, "told")
    look(page)
    link.click()
    expect(page.locator("#reason")).to_have_value("Изменилось число проживающих: октябрь 2026")


def test_what_the_customer_sees(page: Page, act: Act, corrected: dict[str, int]) -> None:
    with act() as session:
        billed.period(session, NOVEMBER, PeriodState.approved)
    page.goto("/login/")
    page.fill("[name=username]", "irina")
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/cabinet/**")
    for path, name in (("/cabinet/charges", "statement"), ("/cabinet/charges/2026-11", "why")):
        page.goto(path)
        expect(page.locator("main")).to_contain_text(REASON)
        shot(page, name)
        look(page)
