"""What the forms refuse: said at the field, with everything typed kept and nothing written."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import Account, Customer, LegalEntity, Setting
from tests import factories
from tests.page import Browser, Page

PEOPLE = ["Петрова Ирина", "Владелец Счёта"]


@pytest.fixture(scope="module")
def parents(shared_act: Any) -> dict[str, str]:
    """Keys of rows that an account and a meter refer to."""
    with shared_act() as session:
        first, second = (Customer(full_name=name) for name in PEOPLE)
        entity = LegalEntity(name="ООО «Ключ»", inn="5902817382")
        session.add_all([first, second, entity])
        rows = {
            "premises": factories.premises(session, flat="14"),
            "customer": first,
            "legal_entity": entity,
            "account": factories.account(session, customer=second),
            "service": factories.service(session),
        }
        return {name: str(row.id) for name, row in rows.items()}


def _open(clerk: Browser, **values: Any) -> Page:
    right = {"number": "0000012345", "payer_group": "population", "opened_on": "2026-11-01", "residents": "2"}
    return clerk.get("/staff/accounts/add").form("number").submit(**{**right, **values})


def _setting(shared_act: Any, key: str) -> int:
    with shared_act() as session:
        return session.scalars(select(Setting.id).where(Setting.key == key)).one()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("full_name", ""),
        ("full_name", "я" * 201),
        ("phone", "12"),
        ("phone", "9" * 40),
        ("email", "nobody"),
        ("email", "a@b@c"),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_kept(
    field: str, typed: str, parents: dict[str, str], shared_act: Any, clerk: Browser
) -> None:
    right = {"full_name": "Петрова Ирина", "phone": "2019537", "email": "irina@example.org"}
    page = clerk.get("/staff/customers/add").form("full_name").submit(**{**right, field: typed})
    assert page.status == 422
    assert page.error(field)
    kept = page.form("full_name").values
    assert {name: kept[name] for name in right if name != field} == {k: v for k, v in right.items() if k != field}
    assert page.title.startswith("Ошибка")
    with shared_act() as session:
        assert session.scalar(select(func.count(Customer.id))) == len(PEOPLE)


@pytest.mark.parametrize("payers", [(), ("customer", "legal_entity")], ids=["nobody", "both"])
def test_an_account_has_exactly_one_payer(
    payers: tuple[str, ...], parents: dict[str, str], shared_act: Any, clerk: Browser
) -> None:
    page = _open(clerk, premises=parents["premises"], **{name: parents[name] for name in payers})
    assert page.status == 422
    assert page.error("customer")
    assert page.form("number").values["number"] == "0000012345"
    with shared_act() as session:
        assert session.scalar(select(Account.id).where(Account.number == "0000012345")) is None


@pytest.mark.parametrize("key", ["999999", "9" * 20, "abc", "-1"])
def test_a_parent_that_is_not_there_is_chosen_from_the_list(key: str, parents: dict[str, str], clerk: Browser) -> None:
    page = _open(clerk, premises=key, customer=parents["customer"])
    assert page.status == 422
    assert page.error("premises")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("number", "12-34"),
        ("number", "１２３４"),
        ("opened_on", "yesterday"),
        ("opened_on", "2026-02-31"),
        ("opened_on", "0001-01-01"),
        ("residents", "-1"),
        ("residents", "99999"),
        ("residents", "1e309"),
        ("residents", "2,5"),
        ("payer_group", "nobody"),
        ("payer_group", ""),
    ],
)
def test_odd_values_of_an_account_are_refused(field: str, typed: str, parents: dict[str, str], clerk: Browser) -> None:
    page = _open(clerk, premises=parents["premises"], customer=parents["customer"], **{field: typed})
    assert page.status == 422
    assert page.error(field)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("opening_value", "1e309"),
        ("opening_value", "NaN"),
        ("opening_value", "-1"),
        ("opening_value", "9" * 40),
        ("opening_value", "1,2345"),
        ("opening_value", "100000"),
        ("digits", "3"),
        ("digits", "5,5"),
        ("serial", ""),
    ],
)
def test_odd_values_of_a_meter_are_refused_and_kept(
    field: str, typed: str, parents: dict[str, str], clerk: Browser
) -> None:
    right = {"serial": "1", "service": parents["service"], "installed_on": "2026-11-22", "opening_value": "0"}
    form = clerk.get(f"/staff/meters/add?_flt_0_account={parents['account']}").form("serial")
    page = form.submit(**{**right, field: typed})
    assert page.status == 422
    assert page.error(field)
    assert page.form("serial").values[field] == typed


@pytest.mark.parametrize(
    ("key", "typed", "is_right"),
    [
        ("readings.first_day", "15", True),
        ("readings.first_day", "31", False),
        ("readings.first_day", "１５", False),
        ("utility.phone", "8 342 201-95-37", True),
        ("utility.phone", "звоните", False),
        ("accounts.mask", r"\d{10}", True),
        ("accounts.mask", "(", False),
        ("utility.name", "Новогор", True),
        ("utility.name", "", False),
    ],
)
def test_a_setting_takes_only_what_the_program_can_use(
    key: str, typed: str, is_right: bool, shared_act: Any, chief: Browser
) -> None:
    row = _setting(shared_act, key)
    page = chief.get(f"/staff/settings/edit/{row}").form("value").submit(value=typed)
    assert (page.status == 200) is is_right
    assert bool(page.error("value")) is not is_right


def test_settings_that_are_not_for_people_are_not_shown(shared_act: Any, chief: Browser) -> None:
    row = _setting(shared_act, "roles.fingerprint")
    chief.get(f"/staff/settings/show/{row}", expect=404)
    chief.get(f"/staff/settings/edit/{row}", expect=404)


@pytest.mark.parametrize("name", ["accounts", "customers", "meters", "readings", "payments", "premises"])
def test_records_have_no_address_for_deleting(name: str, chief: Browser) -> None:
    assert chief.client.post(f"/staff/{name}/delete/1").status_code in (400, 404)
    chief.get(f"/staff/{name}/delete/1/confirm", expect=404)


@pytest.mark.parametrize("name", ["readings", "payments", "service-requests"])
def test_what_customers_did_is_not_written_here(name: str, chief: Browser) -> None:
    chief.get(f"/staff/{name}/add", expect=404)
    chief.get(f"/staff/{name}/edit/1", expect=404)
