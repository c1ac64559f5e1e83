"""The phone desk: from a fragment of an address to readings in the cabinet."""

from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select

from app.models import (
    Account,
    AuditEvent,
    Call,
    Premises,
    Reading,
    ReadingSource,
    RequestChannel,
    ServiceRequest,
    SiteUser,
)
from tests import factories
from tests.conftest import Act
from tests.page import Browser, Page
from tests.statements import recorded
from tests.views.staff.desk import signed_in

DESK = "/staff/phone"


@pytest.fixture(autouse=True)
def _in_the_window() -> Any:
    with time_machine.travel("2026-11-23T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def meters(act: Act) -> list[int]:
    """The meters of Революции, 21а-14, whose holder has a cabinet."""
    with act() as session:
        factories.user(session, "Operator", login="olga", first_name="Ольга", last_name="Белова")
        holder = factories.user(session, login="irina")
        place = factories.premises(session, street="ул. Революции", house="21а", flat="14")
        account = factories.account(session, holder, premises=place)
        cold, hot = factories.meter(session, account), factories.meter(session, account, code="hot")
        factories.reading(session, cold, "100", date(2026, 10, 1))
        return [cold.id, hot.id]


@pytest.fixture
def olga(app: Flask, meters: list[int]) -> Browser:
    return signed_in(app, "olga")


def opened(browser: Browser) -> Page:
    return browser.get(DESK).form("q").submit(q="рев 21а 14")


def value(meter_id: int) -> str:
    return f"m{meter_id}-value"


def focus(page: Page) -> str | None:
    return next((each.get("name") for each in page.root.iter() if each.get("autofocus") is not None), None)


def test_a_fragment_opens_the_place_and_a_reading_gets_into_the_cabinet(
    olga: Browser, meters: list[int], app: Flask, act: Act
) -> None:
    page = opened(olga)
    assert "Революции, 21а" in page.heading
    assert focus(page) == value(meters[0])
    page = page.form(value(meters[0])).submit(**{value(meters[0]): "105"})
    assert (page.status, focus(page)) == (200, value(meters[1]))
    assert "1 reading is taken" in page.text
    assert "By phone: to give readings" in page.text
    assert "Ольга Белова" in page.text
    page = page.form(value(meters[1])).submit(**{value(meters[1]): "7,5", "note": "Просит перезвонить"})
    assert focus(page) == "q"
    with act() as session:
        assert session.scalars(select(Call.note)).all() == ["Просит перезвонить"]
        sources = session.scalars(select(Reading.source).where(Reading.period == date(2026, 11, 1))).all()
        assert sources == [ReadingSource.phone] * 2
        assert session.scalar(select(AuditEvent.id).where(AuditEvent.action == "looked")) is not None
    customer = Browser(app, "en")
    customer.sign_in("irina", factories.PASSWORD)
    assert "105" in customer.get("/cabinet/readings").text
    assert "to give readings" not in customer.get(f"/cabinet/readings/{meters[0]}").text


def test_the_page_of_a_place_asks_little_of_the_database(olga: Browser, meters: list[int]) -> None:
    path = opened(olga).path
    with recorded() as statements:
        olga.get(path)
    assert len(statements) <= 18


def test_the_good_value_is_taken_and_the_bad_one_stands_with_its_error(
    olga: Browser, meters: list[int], act: Act
) -> None:
    page = opened(olga).form(value(meters[0])).submit(**{value(meters[0]): "99", value(meters[1]): "7"})
    assert page.status == 422
    assert "99" in page.error(value(meters[0]))
    form = page.form(value(meters[0]))
    assert (form.values[value(meters[0])], form.values[value(meters[1])]) == ("99", "")
    with act() as session:
        assert session.scalars(select(Reading.meter_id).where(Reading.period == date(2026, 11, 1))).all() == [meters[1]]
    page = form.submit(**{value(meters[0]): "102"})
    assert page.status == 200
    with act() as session:
        assert len(session.scalars(select(Call.id)).all()) == 1


@pytest.mark.parametrize("typed", ["abc", "-5", "1e309", "NaN", "１２", "1" * 30, "<b>"])
def test_what_is_no_reading_is_refused_at_its_field(olga: Browser, meters: list[int], act: Act, typed: str) -> None:
    page = opened(olga).form(value(meters[1])).submit(**{value(meters[1]): typed})
    if page.status == 200:  # full-width digits are digits
        assert typed == "１２"
        return
    assert page.status == 422
    assert page.error(value(meters[1]))
    with act() as session:
        assert session.scalar(select(Reading.id).where(Reading.period == date(2026, 11, 1))) is None


def test_an_unusual_value_is_asked_about_and_a_tick_confirms_this_value_alone(
    olga: Browser, meters: list[int], act: Act
) -> None:
    page = opened(olga).form(value(meters[0])).submit(**{value(meters[0]): "900"})
    assert page.status == 422
    form = page.form(f"m{meters[0]}-confirm")
    other = form.submit(**{value(meters[0]): "950", f"m{meters[0]}-confirm": "900"})
    assert other.status == 422
    page = form.submit(**{f"m{meters[0]}-confirm": "900"})
    assert page.status == 200
    assert "Being checked" in page.text


def test_a_call_without_readings_needs_another_reason(olga: Browser, meters: list[int], act: Act) -> None:
    form = opened(olga).form(value(meters[0]))
    assert form.submit().status == 422
    assert form.submit(reason="bill").status == 200
    assert form.submit(reason=None).status == 422
    assert form.submit(reason="nonsense").status == 422
    with act() as session:
        assert len(session.scalars(select(Call.id)).all()) == 1


def test_the_channel_stays_for_the_next_call(olga: Browser, meters: list[int], act: Act) -> None:
    opened(olga).form(value(meters[0])).submit(**{value(meters[0]): "105", "channel": "staff"})
    assert opened(olga).form("channel").values["channel"] == "staff"
    with act() as session:
        assert session.scalars(select(Reading.source).where(Reading.period == date(2026, 11, 1))).one() == "staff"


def test_a_meter_of_another_place_cannot_be_written_to(olga: Browser, meters: list[int], act: Act) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session)).id
    page = opened(olga)
    page.form(value(meters[0])).submit(**{value(foreign): "5", "reason": "other"})
    with act() as session:
        assert session.scalar(select(Reading.id).where(Reading.meter_id == foreign)) is None


def test_several_places_are_listed_and_none_is_said(olga: Browser, act: Act) -> None:
    with act() as session:
        for flat in ("15", "16"):
            factories.account(
                session, premises=factories.premises(session, street="ул. Революции", house="21а", flat=flat)
            )
    page = olga.get(f"{DESK}?q=рев 21а")
    assert "3 addresses" in page.text
    assert "Nothing is found" in olga.get(f"{DESK}?q=нигде").text
    olga.get(f"{DESK}/999", expect=404)


@pytest.mark.parametrize("who", ["Customer", "Company", "Cashier", "Manager"])
def test_nobody_but_operators_opens_the_desk(meters: list[int], app: Flask, act: Act, who: str) -> None:
    with act() as session:
        factories.user(session, who, login="somebody")
        place = session.scalars(select(factories.Premises.id)).first()
    visitor = signed_in(app, "somebody")
    for path in ("", f"/{place}", "?q=рев"):
        assert visitor.client.get(f"{DESK}{path}").status_code in (302, 403)


def test_a_reading_in_the_panel_names_its_call(olga: Browser, meters: list[int], act: Act) -> None:
    opened(olga).form(value(meters[0])).submit(**{value(meters[0]): "105", "reason": "bill"})
    with act() as session:
        pk = session.scalars(select(Reading.id).where(Reading.period == date(2026, 11, 1))).one()
    text = olga.get(f"/staff/readings/show/{pk}").text
    assert "a question about the bill" in text
    assert "Ольга Белова" in text


def test_a_page_that_came_back_with_errors_leaves_a_trace_too(olga: Browser, meters: list[int], act: Act) -> None:
    page = opened(olga)
    with act() as session:
        session.execute(delete(AuditEvent))
    page = page.form(value(meters[0])).submit()
    assert page.status == 422
    with act() as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["looked"]


def test_a_request_is_taken_by_phone_and_followed_in_the_cabinet(
    olga: Browser, meters: list[int], app: Flask, act: Act
) -> None:
    with act() as session:
        asked = factories.offering(session, code="seal", term_days=3)
        factories.question(session, asked, "text", label="Номер пломбы", label_en="Number of the seal")
        closed = factories.account(session, premises=session.scalars(select(Premises)).first(), status="closed").id
    page = opened(olga)
    page = olga.get(next(a.get("href") for a in page.elements("a") if "/request/" in (a.get("href") or "")))
    assert f"/request/{closed}" not in opened(olga).html
    assert olga.get(page.path.rpartition("/")[0] + f"/{closed}", expect=404).status == 404
    page = page.form("service").submit(service="seal", description="Сорвало пломбу")
    own = next(name for name in page.form("service").values if name not in KNOWN)
    page = page.form("service").submit(**{own: "0418837"})
    assert "/staff/phone/" in page.path
    with act() as session:
        request = session.scalars(select(ServiceRequest)).one()
        operator = session.scalars(select(SiteUser).where(SiteUser.username == "olga")).one()
        assert (request.channel, request.taken_by_id, request.user_id) == (RequestChannel.phone, operator.id, None)
        assert request.promised_on == date(2026, 11, 26)
        assert request.answers[0]["value"] == "0418837"
        number, pk = request.number, request.id
    assert f"Request {number} is taken" in page.text
    assert "26 November" in page.text
    customer = Browser(app, "en")
    customer.sign_in("irina", factories.PASSWORD)
    shown = customer.get(f"/cabinet/requests/{pk}").text
    assert "Сорвало пломбу" in shown
    assert "By phone" in shown
    assert "Ольга Белова" in olga.get(f"/staff/desk/requests/{pk}").text


def test_a_request_without_what_its_service_asks_is_not_taken(olga: Browser, meters: list[int], act: Act) -> None:
    with act() as session:
        factories.offering(session, code="seal")
        place, account = session.scalars(select(Premises.id)).one(), session.scalars(select(Account.id)).one()
    page = olga.get(f"{DESK}/{place}/request/{account}").form("service").submit(service="seal", description="")
    assert page.status == 422
    assert page.error("description")
    assert page.form("service").submit(description="Да", service="seal", channel="site").status == 422
    with act() as session:
        assert session.scalar(select(ServiceRequest.id)) is None


KNOWN = {"service", "description", "channel", "files", "csrf_token", "drawn_for"}
