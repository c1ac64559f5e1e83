"""Forms: what is typed is kept until it is saved, and what may not be is said at its field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import (
    Account,
    AccountService,
    AuditEvent,
    Customer,
    House,
    LegalEntity,
    Meter,
    Office,
    Premises,
    Tariff,
)
from tests import factories
from tests.page import Browser, Form

INN = "5902817382"


def _id(act: Any, model: type[Any], **values: Any) -> int:
    with act() as session:
        found: int = session.scalars(select(model).filter_by(**values)).one().id
        return found


def test_a_customer_is_added_with_a_clean_phone(act: Any, operator: Browser) -> None:
    form = operator.get("/staff/customers/add").form("full_name", "phone")
    page = form.submit(full_name="  Петрова   Ирина ", phone="8 (342) 201-95-37", email="irina@example.org")
    assert page.path.startswith("/staff/customers/show/"), page.text
    with act() as session:
        row = session.scalars(select(Customer)).one()
        assert (row.full_name, row.phone, row.email) == ("Петрова Ирина", "73422019537", "irina@example.org")
        assert row.name_fold == "петрова ирина"


def test_signs_that_cannot_be_printed_are_dropped(act: Any, operator: Browser) -> None:
    page = operator.get("/staff/customers/add").form("full_name").submit(full_name="Пет\x00рова\x07")
    assert page.path.startswith("/staff/customers/show/")
    with act() as session:
        assert session.scalars(select(Customer.full_name)).one() == "Петрова"


def test_a_row_is_changed(act: Any, operator: Browser) -> None:
    with act() as session:
        session.add(LegalEntity(name="ООО «Ключ»", inn=INN, kpp="590201001"))
    key = _id(act, LegalEntity, inn=INN)
    page = operator.get(f"/staff/legal-entities/edit/{key}").form("name").submit(name="ООО «Родник»", kpp="")
    assert page.path == f"/staff/legal-entities/show/{key}"
    with act() as session:
        row = session.get_one(LegalEntity, key)
        assert (row.name, row.name_fold, row.kpp) == ("ООО «Родник»", "ооо «родник»", None)


def test_a_second_legal_entity_of_the_same_numbers_is_refused(act: Any, operator: Browser) -> None:
    with act() as session:
        session.add(LegalEntity(name="ООО «Ключ»", inn=INN))
    page = operator.get("/staff/legal-entities/add").form("inn").submit(name="ООО «Другой»", inn=INN)
    assert page.status == 422
    assert page.error("inn")
    assert page.form("inn").values["name"] == "ООО «Другой»"


def test_the_check_digit_of_a_taxpayer_number_is_looked_at(operator: Browser) -> None:
    page = operator.get("/staff/legal-entities/add").form("inn").submit(name="ООО", inn="5902817383", ogrn="1")
    assert page.error("inn")


# accounts -------------------------------------------------------------------------------------------------


@pytest.fixture
def parents(act: Any) -> dict[str, str]:
    with act() as session:
        premises = factories.premises(session, flat="14")
        customer = Customer(full_name="Петрова Ирина")
        entity = LegalEntity(name="ООО «Ключ»", inn=INN)
        session.add_all([customer, entity])
        session.flush()
        return {"premises": str(premises.id), "customer": str(customer.id), "legal_entity": str(entity.id)}


def _open(operator: Browser, **values: Any) -> Any:
    right = {"number": "0000012345", "payer_group": "population", "opened_on": "2026-11-01", "residents": "2"}
    return operator.get("/staff/accounts/add").form("number").submit(**{**right, **values})


def test_an_account_is_opened_and_billed_for_the_ticked_services(
    parents: dict[str, str], act: Any, operator: Browser
) -> None:
    with act() as session:
        cold = str(factories.service(session).id)
    page = _open(operator, premises=parents["premises"], customer=parents["customer"], billed_for=cold)
    assert page.path.startswith("/staff/accounts/show/")
    with act() as session:
        account = session.scalars(select(Account)).one()
        assert (account.number_key, account.opened_on, account.residents) == ("12345", date(2026, 11, 1), 2)
        assert [str(key) for key in session.scalars(select(AccountService.service_id))] == [cold]
    form = operator.get(page.path.replace("show", "edit")).form("number")
    assert form.values["billed_for"] == cold


def test_the_same_number_twice_is_refused(parents: dict[str, str], operator: Browser) -> None:
    _open(operator, premises=parents["premises"], customer=parents["customer"])
    page = _open(operator, premises=parents["premises"], customer=parents["customer"])
    assert page.status == 422
    assert page.error("number")


def test_without_javascript_choices_are_looked_up_and_nothing_is_written(
    parents: dict[str, str], act: Any, operator: Browser
) -> None:
    form = operator.get("/staff/accounts/add").form("number")
    page = form.submit(("_lookup", "customer"), number="0000077777", customer__lookup="петро")
    assert page.status == 200
    found = page.form("number")
    assert found.values["number"] == "0000077777"
    select_ = next(each for each in page.elements("select") if each.get("name") == "customer")
    assert parents["customer"] in [option.get("value") for option in select_.iter() if option.get("value")]
    with act() as session:
        assert session.scalar(select(func.count(Account.id))) == 0


def test_adding_from_a_rows_page_begins_with_that_row(act: Any, operator: Browser) -> None:
    with act() as session:
        key = factories.account(session, number="0000055555").id
    form = operator.get(f"/staff/meters/add?_flt_0_account={key}").form("serial")
    assert form.values["account"] == str(key)


# meters, premises, tariffs, settings ----------------------------------------------------------------------


def test_a_meter_takes_values_as_people_type_them(act: Any, operator: Browser) -> None:
    with act() as session:
        account, service = factories.account(session).id, factories.service(session).id
    form = operator.get(f"/staff/meters/add?_flt_0_account={account}").form("serial")
    page = form.submit(serial="17-304561", service=str(service), installed_on="22.11.2026", opening_value="1 234,5")
    assert page.status == 200
    with act() as session:
        meter = session.scalars(select(Meter)).one()
        assert (meter.opening_value, meter.installed_on, meter.digits) == (Decimal("1234.5"), date(2026, 11, 22), 5)


def test_a_removed_meter_has_both_a_date_and_a_last_value(act: Any, operator: Browser) -> None:
    with act() as session:
        key = factories.meter(session, factories.account(session)).id
    page = operator.get(f"/staff/meters/edit/{key}").form("serial").submit(removed_on="2026-11-20")
    assert page.error("closing_value")
    page = page.form("serial").submit(closing_value="12,345")
    assert page.path == f"/staff/meters/show/{key}"


def test_premises_are_named_by_their_house_and_flat(act: Any, operator: Browser) -> None:
    with act() as session:
        house = factories.premises(session, street="ул. Ключевая", house="14", flat="1").house_id
    form = operator.get("/staff/premises/add").form("house", "flat")
    assert form.submit(house=str(house), flat="27").status == 200
    assert form.submit(house=str(house), flat="27").error("flat")
    page = operator.get(f"/staff/houses/edit/{house}").form("number").submit(number="14а")
    assert page.status == 200
    with act() as session:
        assert session.get_one(House, house).label == "ул. Ключевая, 14а"
        addresses = sorted(session.scalars(select(Premises.address)))
        assert addresses == ["Пермь, ул. Ключевая, 14а, кв. 1", "Пермь, ул. Ключевая, 14а, кв. 27"]


def test_tariffs_of_one_service_do_not_overlap(act: Any, admin: Browser) -> None:
    with act() as session:
        service = factories.service(session).id
    right = {
        "service": str(service),
        "payer_group": "population",
        "territory": "Пермь",
        "price": "47,1234",
        "vat_mode": "inside",
        "valid_from": "2026-01-01",
        "valid_to": "2026-06-30",
        "status": "approved",
    }

    def add(**values: str) -> Any:
        return admin.get("/staff/tariffs/add").form("price").submit(**{**right, **values})

    assert add().path.startswith("/staff/tariffs/show/")
    assert add(valid_from="2026-06-30", valid_to="2026-12-31").error("valid_from")
    assert "31.12.2025" in add(valid_from="2025-01-01", valid_to="").error("valid_to")
    assert add(valid_from="2026-08-01", valid_to="2026-07-01").error("valid_to")
    assert add(valid_from="2026-07-01", valid_to="", price="0").error("price")
    assert add(valid_from="2026-07-01", valid_to="").path.startswith("/staff/tariffs/show/")
    assert "30.06.2026" in add(valid_from="2026-06-01", valid_to="2026-06-15").error("valid_from")
    with act() as session:
        assert sorted(session.scalars(select(Tariff.price))) == [Decimal("47.1234")] * 2


# deleting, traces -----------------------------------------------------------------------------------------


def _office(act: Any) -> int:
    with act() as session:
        office = Office(
            name="На Ленина", name_en="Lenina", payer_group="population", address="Ленина, 1", hours="9", hours_en="9"
        )
        session.add(office)
        session.flush()
        return office.id


def test_a_row_is_deleted_after_a_question_and_by_post_only(act: Any, admin: Browser) -> None:
    key = _office(act)
    admin.get(f"/staff/offices/delete/{key}", expect=405)
    question = admin.get(f"/staff/offices/delete/{key}/confirm")
    form = next(each for each in question.elements("form") if "/delete/" in each.get("action", ""))
    page = Form(question, form).submit()
    assert page.path == "/staff/offices/list/"
    admin.get(f"/staff/offices/show/{key}", expect=404)


@pytest.mark.parametrize("what", ["account", "customer"])
def test_looking_at_a_person_leaves_a_trace(what: str, act: Any, operator: Browser) -> None:
    with act() as session:
        account = factories.account(session)
        key = account.id if what == "account" else account.customer_id
    operator.get(f"/staff/{what}s/show/{key}")
    with act() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "looked")).one()
        assert (event.object_type, event.object_id) == (what, str(key))
        assert event.user_id is not None
