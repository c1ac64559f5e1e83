"""The queue of readings to check: what a clerk sees of each, taking one, declining one with a reason."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.domain import account_access
from app.models import AuditEvent, Meter, PayerGroup, Period, PeriodState, Reading, ReadingSource, ReadingState
from tests import factories, mail
from tests.conftest import Act
from tests.household import NOVEMBER, TODAY, household
from tests.page import Browser

DESK = "/staff/desk/readings"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


def doubtful(act: Act, **values: Any) -> int:
    """A reading of cold water that Irina insisted on; she uses about 10 m³ a month."""
    with act() as session:
        irina = factories.user(session, login="irina", email="irina@example.org", phone="79024786154")
        household(session, irina)
        meter = session.scalars(select(Meter).where(Meter.serial == "19-048213")).one()
        sent = {"state": ReadingState.review, "volume": Decimal(1016), "user_id": irina.id, **values}
        return factories.reading(session, meter, "2300", NOVEMBER, **sent).id


def clerk(act: Act, app: Flask) -> Browser:
    with act() as session:
        login = factories.user(session, "Operator").username
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def state(act: Act, pk: int) -> ReadingState:
    with act() as session:
        return session.get_one(Reading, pk).state


def test_a_row_has_the_usual_use_and_whom_to_call(act: Act, app: Flask) -> None:
    doubtful(act)
    page = clerk(act, app).get(DESK)
    assert page.link("478-61-54") == "tel:+79024786154"
    assert "usually 10" in page.text


def test_a_declined_reading_counts_no_more_and_its_sender_is_told(act: Act, app: Flask) -> None:
    pk, browser = doubtful(act), clerk(act, app)
    page = browser.get(browser.get(DESK).link("Decline it"))
    assert page.form("reason").submit(reason=" ").error("reason")
    page = page.form("reason").submit(reason="Лишняя цифра.")
    assert page.path == DESK
    assert "All readings are checked" in page.text
    assert state(act, pk) is ReadingState.declined
    letter = mail.text_of(mail.delivered(app, to="irina@example.org")[0])
    assert "Лишняя цифра." in letter
    assert "/cabinet/readings" in letter
    with act() as session:
        trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "declined")).one()
        assert (trace.object_id, trace.detail) == (str(pk), {"reason": "Лишняя цифра."})


def test_another_reading_may_be_sent_after_one_was_declined(act: Act, app: Flask) -> None:
    pk = doubtful(act)
    clerk(act, app).get(f"{DESK}/{pk}/decline").form("reason").submit(reason="Описка")
    irina = Browser(app, language="en")
    irina.sign_in("irina", factories.PASSWORD)
    with act() as session:
        cold = session.get_one(Reading, pk).meter_id
    forms = [each for each in irina.get("/cabinet/readings").elements("form")]
    assert f"/cabinet/readings/{cold}" in [each.get("action") for each in forms]
    token = irina.get("/cabinet/readings").form("value").values["csrf_token"]
    assert irina.post(f"/cabinet/readings/{cold}", data={"value": "1294", "csrf_token": token}).status == 200
    assert "Not accepted" in irina.get(f"/cabinet/readings/{cold}").text


def test_a_clerk_is_told_to_call_who_has_no_cabinet(act: Act, app: Flask) -> None:
    pk = doubtful(act, source=ReadingSource.phone, user_id=None)
    page = clerk(act, app).get(f"{DESK}/{pk}/decline").form("reason").submit(reason="Описка")
    assert "by phone" in page.text
    assert not mail.delivered(app)


def test_what_is_decided_or_being_calculated_is_not_declined(act: Act, app: Flask) -> None:
    pk, browser = doubtful(act), clerk(act, app)
    form = browser.get(f"{DESK}/{pk}/decline").form("reason")
    with act() as session:
        period = Period(first_on=NOVEMBER, payer_group=PayerGroup.population, state=PeriodState.calculated)
        session.add(period)
    assert form.submit(reason="Описка").status == 422
    with act() as session:
        session.delete(session.scalars(select(Period)).one())
        session.get_one(Reading, pk).state = ReadingState.checked
    assert "already" in form.submit(reason="Описка").text
    assert state(act, pk) is ReadingState.checked
    browser.get(f"{DESK}/{pk}/decline", expect=404)
    browser.get(f"{DESK}/{pk + 1}/decline", expect=404)


def test_a_declined_reading_is_told_to_nobody_who_sees_the_account_no_more(act: Act, app: Flask) -> None:
    pk = doubtful(act)
    with act() as session:
        account_access.change_owner(session, session.get_one(Reading, pk).account_id)
    clerk(act, app).get(f"{DESK}/{pk}/decline").form("reason").submit(reason="Описка")
    assert state(act, pk) is ReadingState.declined
    assert not mail.delivered(app)
