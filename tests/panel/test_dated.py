"""Dated tables in the panel and by REST: refusals name the neighbour, drafts alone are deleted."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import clock
from app.models import AccountResidents, DueDay, Interruption, KeyRate, MeterFault
from tests import factories
from tests.page import Browser, Form
from tests.panel.test_rest import Client


def test_a_due_day_that_overlaps_is_refused_with_the_neighbours_name(act: Any, admin: Browser) -> None:
    form = admin.get("/staff/due-days/add").form("day")
    page = form.submit(day="20", valid_from="2027-01-01", status="approved", act="Закон № 1")
    assert page.status == 422
    assert "31.12.2026" in page.error("valid_from")
    assert page.form("day").values["act"] == "Закон № 1"
    with act() as session:
        last = session.scalars(select(DueDay.id).order_by(DueDay.valid_from.desc())).first()
    admin.get(f"/staff/due-days/edit/{last}").form("day").submit(valid_to="2026-12-31")
    page = admin.get("/staff/due-days/add").form("day").submit(day="20", valid_from="2027-02-01", status="approved")
    assert "01.01.2027" in page.error("valid_from")
    page = admin.get("/staff/due-days/add").form("day").submit(day="20", valid_from="2027-01-01", status="approved")
    assert page.path.startswith("/staff/due-days/show/")


def test_only_a_draft_is_deleted(act: Any, admin: Browser) -> None:
    with act() as session:
        draft = KeyRate(percent=Decimal(14), valid_from=date(2026, 10, 26))
        session.add(draft)
        session.flush()
        keys = [session.scalars(select(KeyRate.id).order_by(KeyRate.valid_from)).first(), draft.id]
    answers = []
    for key in keys:
        question = admin.get(f"/staff/key-rates/delete/{key}/confirm")
        form = next(each for each in question.elements("form") if "/delete/" in each.get("action", ""))
        answers.append(Form(question, form).submit().status)
    assert answers == [422, 200]
    with act() as session:
        assert [session.get(KeyRate, key) is None for key in keys] == [False, True]


def test_rest_refuses_overlaps_and_deletions_too(act: Any, app: Flask) -> None:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        key = session.scalars(select(DueDay.id)).first()
    boss = Client(app, "boss")
    status, answer = boss.ask("POST", "due-days/", json={"day": 20, "valid_from": "2027-01-01", "status": "approved"})
    assert (status, list(answer["message"])) == (422, ["valid_from"])
    assert boss.ask("DELETE", f"due-days/{key}")[0] == 422
    status, answer = boss.ask("PUT", f"due-days/{key}", json={"day": 29})
    assert (status, list(answer["message"])) == (422, ["day"])


def test_a_line_of_rates_keeps_its_service(act: Any, app: Flask) -> None:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        other = factories.service(session, "hot").id
    boss = Client(app, "boss")
    key = boss.ask("GET", "coefficients/")[1]["ids"][0]
    assert boss.ask("PUT", f"coefficients/{key}", json={"service": other})[0] == 422


def test_an_interruption_is_entered_by_the_clock_of_the_utility(act: Any, operator: Browser) -> None:
    with act() as session:
        house, service = factories.premises(session).house_id, factories.service(session).id
    form = operator.get(f"/staff/interruptions/add?_flt_0_house={house}").form("began_at")
    page = form.submit(service=str(service), began_at="2026-10-05T08:00", ended_at="yesterday")
    assert page.error("ended_at")
    assert page.form("began_at").values["began_at"] == "2026-10-05T08:00"
    page = page.form("began_at").submit(ended_at="05.10.2026 21:30")
    assert page.path.startswith("/staff/interruptions/show/")
    with act() as session:
        row = session.scalars(select(Interruption)).one()
        assert (row.house_id, row.began_at) == (house, clock.at(date(2026, 10, 5), 8))
        assert row.ended_at == clock.at(date(2026, 10, 5), 21, 30)
    form = operator.get(page.path.replace("show", "edit")).form("began_at")
    assert form.values["ended_at"] == "2026-10-05T21:30"


def test_a_fault_and_a_change_of_residents_are_put_on_record(act: Any, operator: Browser) -> None:
    with act() as session:
        account = factories.account(session)
        meter = factories.meter(session, account)
        keys = str(account.id), str(meter.id)
    form = operator.get("/staff/meter-faults/add").form("meter")
    page = form.submit(meter=keys[1], kind="broken", since="2026-10-05")
    assert page.path.startswith("/staff/meter-faults/show/")
    for expected in (200, 422):
        form = operator.get("/staff/residents/add").form("account")
        page = form.submit(account=keys[0], valid_from="2026-10-15", residents="3")
        assert page.status == expected
    assert page.error("valid_from")
    with act() as session:
        assert session.scalars(select(MeterFault.account_id)).one() == int(keys[0])
        assert session.scalars(select(AccountResidents.residents)).one() == 3


def test_a_house_names_a_kind_of_housing_that_has_normatives(act: Any, admin: Browser) -> None:
    with act() as session:
        house = factories.premises(session).house_id
        service = factories.service(session).id
    form = admin.get("/staff/normatives/add").form("category")
    form.submit(category="С ванной", service=str(service), volume="3,9", valid_from="2026-01-01", status="approved")
    page = admin.get(f"/staff/houses/edit/{house}").form("housing").submit(housing="с баней")
    assert "С ванной" in page.error("housing")
    assert page.form("housing").submit(housing=" С  ванной ").status == 200
