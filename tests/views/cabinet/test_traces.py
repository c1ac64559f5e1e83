"""Who looked at my data: acts of staff, each to the customer whose data it was."""

from typing import Any

from app import clock
from app.models import AccountAccess, AuditEvent
from app.security.audit import EXPORTED, LOOKED
from tests import factories
from tests.page import Browser

OPENED, LISTED = "An employee opened your account", "An employee took away a list of accounts"


def page_of(app: Any, login: str) -> str:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser.get("/cabinet/settings/traces").text


def leave(session: Any, action: str, account_id: int | None) -> None:
    session.add(
        AuditEvent(
            action=action,
            object_type="account",
            object_id=str(account_id) if account_id else "",
            happened_at=clock.now(),
        )
    )


def test_what_staff_open_is_told_to_the_holder_alone(app: Any, act: Any) -> None:
    with act() as session:
        mine = factories.account(session, factories.user(session, login="oleg"))
        factories.account(session, factories.user(session, login="anna"))
        guest = factories.user(session, login="guest")
        session.add(AccountAccess(user_id=guest.id, account_id=mine.id, basis="invitation", granted_at=clock.now()))
        factories.user(session, "Operator", login="clerk", last_name="Орлова")
        account_id = mine.id
    staff = Browser(app)
    staff.sign_in("clerk", factories.PASSWORD)
    staff.get(f"/staff/accounts/show/{account_id}")
    assert OPENED in page_of(app, "oleg")
    assert OPENED not in page_of(app, "anna") + page_of(app, "guest")
    assert "Орлова" not in page_of(app, "oleg")


def test_a_request_that_staff_open_is_told_too(app: Any, act: Any) -> None:
    with act() as session:
        oleg = factories.user(session, login="oleg")
        sent = factories.request(session, factories.account(session, oleg), oleg).id
        factories.account(session, factories.user(session, login="anna"))
        factories.user(session, "Operator", login="clerk")
    staff = Browser(app)
    staff.sign_in("clerk", factories.PASSWORD)
    staff.get(f"/staff/desk/requests/{sent}")
    assert "An employee opened your request" in page_of(app, "oleg")
    assert "An employee opened your request" not in page_of(app, "anna")


def test_a_list_taken_away_is_told_to_all_whose_data_may_be_in_it(app: Any, act: Any) -> None:
    with act() as session:
        factories.account(session, factories.user(session, login="oleg"))
        factories.user(session, login="newcomer")
        leave(session, EXPORTED, None)
    assert LISTED in page_of(app, "oleg")
    assert LISTED not in page_of(app, "newcomer")


def test_acts_that_are_no_looking_are_left_out(app: Any, act: Any) -> None:
    with act() as session:
        account = factories.account(session, factories.user(session, login="oleg"))
        leave(session, "attached", account.id)
    assert "Nobody has looked so far" in page_of(app, "oleg")


def test_pages_lead_further(app: Any, act: Any) -> None:
    with act() as session:
        account = factories.account(session, factories.user(session, login="oleg"))
        for _row in range(30):
            leave(session, LOOKED, account.id)
    browser = Browser(app, language="en")
    browser.sign_in("oleg", factories.PASSWORD)
    first = browser.get("/cabinet/settings/traces")
    assert first.text.count(OPENED) == 25
    assert browser.get(first.link("Further")).text.count(OPENED) == 5
