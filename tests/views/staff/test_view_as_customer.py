"""View as customer: a reason, a quarter of an hour, nothing is changed, no card and no payment is seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.models import AuditEvent, SavedCard, SiteUser, UserSession
from app.queries import people as rows
from app.security.roles import CUSTOMER, wanted
from app.views import viewing
from app.views.base import ACCOUNT_KEY
from tests import billed, cards, factories
from tests.page import Browser, Form, Page
from tests.security.test_routes import permission, routes

REASON = "Позвонили: не принимается показание"
BANNER = "You see it as the customer does"


@dataclass(frozen=True)
class People:
    account: int
    payer: int
    oleg: int
    clerk: int


@pytest.fixture
def people(act: Any) -> People:
    with act() as session:
        oleg = factories.user(session, login="oleg", first_name="Олег", last_name="Белов")
        account = factories.account(session, oleg, number="0012345678")
        factories.account(session, factories.user(session, login="anna", first_name="Анна"))
        clerk = factories.user(session, "Operator", login="clerk")
        return People(account.id, account.customer_id or 0, oleg.id, clerk.id)


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def start(browser: Browser, account: int, reason: str = REASON) -> Page:
    return browser.get(f"/staff/view-as/account/{account}").form("reason").submit(reason=reason)


@pytest.fixture
def clerk(app: Flask, people: People) -> Browser:
    return signed_in(app, "clerk")


@pytest.fixture
def looking(clerk: Browser, people: People) -> Browser:
    page = start(clerk, people.account)
    assert page.path == "/cabinet/", page.text
    assert BANNER in page.text
    return clerk


def leave(page: Page) -> Page:
    button = next(each for each in page.elements("form") if (each.get("action") or "").endswith("/leave"))
    return Form(page, button).submit()


def test_the_pages_are_those_of_the_customer_under_a_banner_that_leads_back(looking: Browser, people: People) -> None:
    page = looking.get("/cabinet/settings")
    assert "Белов" in page.text
    assert BANNER in page.text
    assert "15 minutes left" in page.text
    assert "Payment cards" not in page.text
    assert "Sign out" not in page.text.replace("Sign out all", "").replace("Sign out:", "")
    back = leave(page)
    assert back.path == f"/staff/accounts/show/{people.account}"
    assert "Белов" not in looking.get("/staff/").text


def test_a_reason_is_asked_for(clerk: Browser, people: People, act: Any) -> None:
    page = start(clerk, people.account, reason="  ")
    assert page.status == 422
    assert page.error("reason")
    with act() as session:
        assert session.scalars(select(UserSession.viewed_id)).all() == [None]


def test_the_customer_reads_who_looked_when_and_why_and_the_audit_keeps_it(
    app: Flask, looking: Browser, people: People, act: Any
) -> None:
    leave(looking.get("/cabinet/"))
    told = signed_in(app, "oleg").get("/cabinet/settings/traces").text
    assert "looked at the pages of your cabinet" in told
    assert REASON in told
    assert REASON not in signed_in(app, "anna").get("/cabinet/settings/traces").text
    with act() as session:
        kept = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "ab_user").order_by(AuditEvent.id))
        acts = [(each.user_id, each.action, each.object_id) for each in kept]
    assert acts == [
        (people.clerk, "viewed as customer", str(people.oleg)),
        (people.clerk, "left the cabinet of a customer", str(people.oleg)),
    ]


def test_it_ends_by_itself_and_the_employee_goes_on(
    looking: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(minutes=14)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "1 minute left" in looking.get("/cabinet/").text
    over = later + timedelta(minutes=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: over)
    page = looking.get("/cabinet/readings")
    assert page.path == f"/staff/accounts/show/{people.account}"
    assert "ended by itself" in page.text
    looking.get("/cabinet/", expect=403)


@pytest.fixture
def without_csrf(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


def test_of_all_addresses_only_the_listed_open_and_none_takes_anything(
    app: Flask, looking: Browser, act: Any, without_csrf: None
) -> None:
    """Over the whole map: with every method, whoever's right it is."""
    faults = []
    for rule in routes(app):
        if rule.endpoint in viewing.ALWAYS or rule.endpoint.startswith("SignInView"):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}):
            answer = looking.client.open(_filled(rule.rule), method=method)
            answer.close()
            is_open = rule.endpoint in viewing.SHOWN or rule.endpoint.partition(".")[0] in viewing.PUBLIC_VIEWS
            if rule.endpoint in viewing.CHOOSES and answer.status_code in (404, 405):  # no account of the customer
                continue
            if (method != "GET" or not is_open) and answer.status_code != 403:
                faults.append(f"{method} {rule.rule}: {answer.status_code}")
            if method == "GET" and is_open and answer.status_code >= 500:
                faults.append(f"{method} {rule.rule}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def _filled(rule: str) -> str:
    return re.sub(r"<[^>]+>", "999999", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


def test_any_account_of_the_customer_is_chosen_until_the_view_ends(looking: Browser, people: People, act: Any) -> None:
    with act() as session:
        second = factories.account(session, session.get_one(SiteUser, people.oleg), number="0000000777").id
    assert chosen_in(looking.get("/cabinet/charges")) == "0012345678"
    for _time in range(2):  # the second time with the same form: it changes nothing more
        page = looking.get("/cabinet/charges")
        button = next(each for each in page.elements("form") if (each.get("action") or "").endswith(f"{second}/choose"))
        page = Form(page, button).submit()
        assert (page.path, BANNER in page.text, chosen_in(page)) == ("/cabinet/charges", True, "0000000777")
    assert leave(page).path == f"/staff/accounts/show/{people.account}"
    with looking.client.session_transaction() as cookie:
        assert ACCOUNT_KEY not in cookie


def chosen_in(page: Page) -> str:
    """The number of the account that the switcher names."""
    words = next(each for each in page.elements("summary") if "switcher" in (each.get("class") or ""))
    return re.findall(r"[0-9]{10}", "".join(words.itertext()))[0]


def test_an_account_of_another_customer_is_not_chosen(
    looking: Browser, app: Flask, act: Any, without_csrf: None
) -> None:
    with act() as session:
        foreign = factories.account(session, factories.user(session)).id
    assert looking.client.post(f"/cabinet/accounts/{foreign}/choose").status_code == 404


def test_no_page_that_is_shown_lets_cards_payments_or_secrets_of_links_through(app: Flask) -> None:
    shut = ("Card", "Payment", "Calendar", "OneTap", "Invitation", "EmailConfirmation", "Recovery", "Registration")
    assert not [endpoint for endpoint in viewing.SHOWN if endpoint.startswith(shut)]
    assert not [view for view in viewing.PUBLIC_VIEWS if view.startswith(shut)]
    guarded = {permission(app, endpoint) for endpoint in viewing.SHOWN} - {None}
    assert guarded <= wanted(CUSTOMER)


def test_no_page_shows_what_was_paid_or_by_which_card(clerk: Browser, act: Any) -> None:
    with act() as session:
        user = factories.user(session)
        account = factories.account(session, user)
        billed.period(session, billed.OCTOBER)
        billed.line(session, account, "43.75", billed.OCTOBER)
        cards.saved(session, user, account)
        mask = session.scalars(select(SavedCard.mask)).one()
        account_id, login = account.id, user.username
    own = signed_in(clerk.app, login)
    assert mask[-4:] in own.get("/cabinet/settings").text
    assert "paid" in own.get("/cabinet/charges").text
    start(clerk, account_id)
    for path in ("", "settings", "charges", "requests", "readings"):
        page = clerk.get(f"/cabinet/{path}")
        assert BANNER in page.text
        assert f"•• {mask[-4:]}" not in page.text
        assert "Payment: " not in page.text
        assert "/receipt" not in page.html
    charges = clerk.get("/cabinet/charges").text
    assert "paid" not in charges.replace("Payments", "").replace("prepaid", "").replace("overpaid", "")
    for path in ("settings/cards/1", "payments", "settings/calendar", "settings/archive", "settings/close"):
        clerk.get(f"/cabinet/{path}", expect=403)


def test_the_answer_to_a_press_says_that_nothing_was_saved(looking: Browser, act: Any, people: People) -> None:
    page = looking.get("/cabinet/settings").form("language").submit(language="ru")
    assert page.status == 403
    assert "nothing was saved" in page.text
    with act() as session:
        assert session.get_one(SiteUser, people.oleg).locale is None


def test_the_customers_sign_in_and_sessions_are_not_touched(looking: Browser, people: People, act: Any) -> None:
    with act() as session:
        oleg = session.get_one(SiteUser, people.oleg)
        assert (oleg.last_login, oleg.login_count) == (None, None)
        owners = session.scalars(select(UserSession.user_id)).all()
    assert list(owners) == [people.clerk]


def test_a_start_needs_the_token_of_the_form(clerk: Browser, people: People, act: Any) -> None:
    address = f"/staff/view-as/account/{people.account}"
    answer = clerk.post(address, data={"whom": people.oleg, "reason": REASON})
    assert answer.status == 400
    clerk.get(address + "?whom=1&reason=x")
    with act() as session:
        assert session.scalars(select(UserSession.viewed_id)).all() == [None]


@pytest.mark.parametrize("role", ["Cashier", "Manager", "Customer", "Company"])
def test_who_lacks_the_right_cannot_start(role: str, app: Flask, people: People, act: Any) -> None:
    with act() as session:
        factories.user(session, role, login="other")
    browser = signed_in(app, "other")
    browser.get(f"/staff/view-as/account/{people.account}", expect=403)


def test_an_employee_is_nobodys_view_even_with_an_account(clerk: Browser, people: People, act: Any) -> None:
    with act() as session:
        boss = factories.user(session, "Manager", login="boss")
        account = factories.account(session, boss).id
        theirs = boss.id
    page = clerk.get(f"/staff/view-as/account/{account}")
    assert "there is nothing to look at" in page.text
    form = clerk.get(f"/staff/view-as/account/{people.account}").form("reason")
    assert form.submit(reason=REASON, whom=str(theirs)).status == 422


def test_a_second_view_does_not_start_from_the_first(looking: Browser, people: People) -> None:
    looking.get(f"/staff/view-as/account/{people.account}", expect=403)
    looking.get(f"/staff/accounts/show/{people.account}", expect=403)


@pytest.mark.parametrize("what", ["the right", "the cabinet", "the role"])
def test_the_view_is_over_once_its_ground_is_gone(what: str, looking: Browser, people: People, act: Any) -> None:
    with act() as session:
        if what == "the right":
            session.get_one(SiteUser, people.clerk).roles = [rows.role_named(session, "Cashier")]
        elif what == "the cabinet":
            session.get_one(SiteUser, people.oleg).active = False
        else:
            session.get_one(SiteUser, people.oleg).roles = [rows.role_named(session, "Operator")]
    page = looking.get("/cabinet/settings")
    assert "Белов" not in page.text
    assert page.path.startswith("/staff/")


def test_a_customer_whose_password_must_be_changed_is_looked_at_all_the_same(
    clerk: Browser, people: People, act: Any
) -> None:
    with act() as session:
        session.get_one(SiteUser, people.oleg).must_change_password = True
    assert BANNER in start(clerk, people.account).text


def test_signing_out_ends_the_employees_own_session(looking: Browser, act: Any) -> None:
    token = looking.get("/cabinet/settings").form("csrf_token").values["csrf_token"]
    looking.post("/logout/", data={"csrf_token": token})
    assert looking.get("/cabinet/").path == "/login/"
    with act() as session:
        assert all(session.scalars(select(UserSession.ended_at)).all())


def test_from_the_customers_page_any_of_their_cabinets_can_be_chosen(clerk: Browser, people: People) -> None:
    page = clerk.get(clerk.get(f"/staff/customers/show/{people.payer}").link("View as customer"))
    assert "Белов" in page.text
    assert page.form("reason").submit(reason=REASON).path == "/cabinet/"
