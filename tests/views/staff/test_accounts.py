"""An account is closed and opened again, in the panel and by REST, with its last day."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.models import Account, AccountStatus
from tests import factories
from tests.conftest import Act
from tests.page import Browser, Form
from tests.panel.test_rest import Client

NUMBER, OPENED = "0048213507", date(2026, 3, 5)
CLOSED, ACTIVE = AccountStatus.closed, AccountStatus.active


@pytest.fixture
def account_id(act: Act) -> int:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        return factories.account(session, number=NUMBER, opened_on=OPENED).id


@pytest.fixture
def form(app: Flask, account_id: int) -> Form:
    """The form that changes the account."""
    boss = Browser(app)
    boss.sign_in("boss", factories.PASSWORD)
    return boss.get(f"/staff/accounts/edit/{account_id}").form("number", "closed_on")


@pytest.fixture
def robot(app: Flask, account_id: int) -> Client:
    return Client(app, "boss")


def kept(act: Act, account_id: int) -> tuple[AccountStatus, date | None]:
    with act() as session:
        account = session.get_one(Account, account_id)
        return account.status, account.closed_on


BAD = [
    ({"status": "closed", "closed_on": "2026-03-04"}, "closed_on"),  # before the day of opening
    ({"status": "active", "closed_on": "2026-10-31"}, "closed_on"),  # a day, and no word of closing
    ({"status": "closed", "closed_on": "2026-02-31"}, "closed_on"),
    ({"status": "closed", "closed_on": "tomorrow"}, "closed_on"),
    ({"status": "undone"}, "status"),
    ({"status": "gone"}, "status"),
]


class TestPanel:
    @pytest.mark.parametrize("day", [OPENED, date(2026, 10, 31)])
    def test_it_is_closed_on_its_day(self, act: Act, form: Form, account_id: int, day: date) -> None:
        page = form.submit(status="closed", closed_on=f"{day}")
        assert page.path == f"/staff/accounts/show/{account_id}"
        assert f"{day:%d.%m.%Y}" in page.text
        assert kept(act, account_id) == (CLOSED, day)

    def test_without_a_day_it_is_closed_today(self, act: Act, form: Form, account_id: int) -> None:
        form.submit(status="closed", closed_on="")
        assert kept(act, account_id) == (CLOSED, clock.today())

    def test_who_opens_it_again_takes_the_day_away(self, act: Act, form: Form, account_id: int) -> None:
        browser = form.submit(status="closed", closed_on="2026-10-31").browser
        again = browser.get(f"/staff/accounts/edit/{account_id}").form("number", "closed_on")
        assert again.values["closed_on"] == "2026-10-31"
        assert again.submit(status="active").status == 200
        assert kept(act, account_id) == (ACTIVE, None)

    @pytest.mark.parametrize(("values", "field"), BAD)
    def test_what_cannot_be_is_refused_at_its_field(
        self, act: Act, form: Form, account_id: int, values: dict[str, str], field: str
    ) -> None:
        page = form.submit(**values)
        assert page.status == 422
        assert page.error(field)
        assert kept(act, account_id) == (ACTIVE, None)


class TestRest:
    def ask(self, robot: Client, account_id: int, values: dict[str, Any]) -> tuple[int, Any]:
        return robot.ask("PUT", f"accounts/{account_id}", json=values)

    @pytest.mark.parametrize("day", [OPENED, date(2026, 10, 31)])
    def test_it_is_closed_on_its_day(self, act: Act, robot: Client, account_id: int, day: date) -> None:
        assert self.ask(robot, account_id, {"status": "closed", "closed_on": f"{day}"})[0] == 200
        assert kept(act, account_id) == (CLOSED, day)
        assert robot.ask("GET", f"accounts/{account_id}")[1]["result"]["closed_on"] == f"{day}"

    def test_without_a_day_it_is_closed_today(self, act: Act, robot: Client, account_id: int) -> None:
        assert self.ask(robot, account_id, {"status": "closed"})[0] == 200
        assert kept(act, account_id) == (CLOSED, clock.today())

    def test_who_opens_it_again_takes_the_day_away(self, act: Act, robot: Client, account_id: int) -> None:
        self.ask(robot, account_id, {"status": "closed", "closed_on": "2026-10-31"})
        assert self.ask(robot, account_id, {"status": "active"})[0] == 200
        assert kept(act, account_id) == (ACTIVE, None)

    @pytest.mark.parametrize(("values", "field"), [*BAD, ({"closed_on": "2026-10-31"}, "closed_on")])
    def test_what_cannot_be_is_refused_at_its_field(
        self, act: Act, robot: Client, account_id: int, values: dict[str, str], field: str
    ) -> None:
        status, answer = self.ask(robot, account_id, values)
        assert (status, list(answer["message"])) == (422, [field])
        assert kept(act, account_id) == (ACTIVE, None)
