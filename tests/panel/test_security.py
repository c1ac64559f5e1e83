"""Users and roles, kept by administrators."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import PermissionView, Role
from sqlalchemy import select

from app.models import SiteUser, UserSession
from app.queries import people
from tests import factories
from tests.page import Browser

PASSWORD = "four-green-kettles-77"


def _role(act: Any, name: str) -> str:
    with act() as session:
        role = people.role_named(session, name)
        assert role is not None
        return str(role.id)


def _add(admin: Browser, **values: Any) -> Any:
    right = {
        "username": "orlova",
        "last_name": "Орлова",
        "first_name": "Нина",
        "email": "orlova@example.org",
        "active": "y",
        "new_password": PASSWORD,
    }
    return admin.get("/staff/users/add").form("username").submit(**{**right, **values})


def test_a_user_is_added_and_must_change_the_password(act: Any, admin: Browser) -> None:
    page = _add(admin, roles=_role(act, "Operator"))
    assert page.path.startswith("/staff/users/show/")
    assert "Operator" in page.text
    assert PASSWORD not in page.html
    with act() as session:
        row = session.scalars(select(SiteUser).where(SiteUser.username == "orlova")).one()
        assert row.must_change_password
        assert row.password is not None
        assert PASSWORD not in row.password
        assert isinstance(row.email_confirmed_at, datetime)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("username", ""),
        ("username", "THE-admin"),
        ("email", "nobody"),
        ("new_password", ""),
        ("new_password", "short"),
        ("new_password", "qwerty1234567"),
        ("new_password", "orlovaorlova"),
    ],
)
def test_odd_users_are_refused(field: str, typed: str, act: Any, admin: Browser) -> None:
    page = _add(admin, roles=_role(act, "Operator"), **{field: typed})
    assert page.status == 422
    assert page.error(field)


def test_a_user_without_a_role_is_refused(admin: Browser) -> None:
    assert _add(admin).status == 422


def test_a_user_who_may_not_sign_in_any_more_is_signed_out(act: Any, admin: Browser, browser: Browser) -> None:
    with act() as session:
        key = factories.user(session, "Operator", login="leaver").id
    browser.sign_in("leaver", factories.PASSWORD)
    browser.get("/staff/meters/list/")
    page = admin.get(f"/staff/users/edit/{key}").form("username").submit(active=None)
    assert page.path == f"/staff/users/show/{key}"
    assert "/login/" in browser.get("/staff/meters/list/").path
    with act() as session:
        assert session.scalars(select(UserSession).where(UserSession.user_id == key)).one().ended_at is not None


def test_ticked_users_are_signed_out_everywhere(act: Any, admin: Browser, browser: Browser) -> None:
    with act() as session:
        key = factories.user(session, "Operator", login="lost-phone").id
    browser.sign_in("lost-phone", factories.PASSWORD)
    admin.get("/staff/users/list/").form("rowid").submit(("action", "end_sessions"), rowid=str(key))
    assert "/login/" in browser.get("/staff/meters/list/").path


@pytest.mark.parametrize(("name", "status"), [("nothing", 404), ("", 404), ("list", 404)])
def test_an_unknown_act_on_ticked_rows_is_not_found(name: str, status: int, admin: Browser) -> None:
    form = admin.get("/staff/users/list/").form("rowid")
    assert form.submit(("action", name), rowid="9" * 20).status == status


def test_an_administrator_does_not_shut_oneself_out(act: Any, admin: Browser) -> None:
    with act() as session:
        key = session.scalars(select(SiteUser.id).where(SiteUser.username == "the-Admin")).one()
    page = admin.get(f"/staff/users/edit/{key}").form("username").submit(roles=_role(act, "Operator"))
    assert page.status == 422
    with act() as session:
        assert [role.name for role in session.get_one(SiteUser, key).roles] == ["Admin"]


def test_users_are_found_by_login_and_by_role(act: Any, admin: Browser) -> None:
    with act() as session:
        factories.user(session, "Cashier", login="Kassa-1")
        factories.user(session, "Customer", login="abonent")
    assert "abonent" not in admin.get("/staff/users/list/?_flt_0_username=KASSA-1").text
    page = admin.get(f"/staff/users/list/?_flt_0_roles={_role(act, 'Cashier')}")
    assert "Kassa-1" in page.text
    assert "abonent" not in page.text


def test_a_role_of_ones_own_is_made_used_and_kept_while_somebody_has_it(act: Any, admin: Browser) -> None:
    with act() as session:
        known = session.scalars(select(PermissionView)).all()
        pair = next(str(each.id) for each in known if each.view_menu.name == "OfficesApi")
    page = admin.get("/staff/roles/add").form("name").submit(name="Контролёр", permissions=pair)
    assert page.path.startswith("/staff/roles/show/")
    assert "OfficesApi" in page.text
    key = page.path.rpartition("/")[2]
    with act() as session:
        holder = factories.user(session, "Operator", login="holder")
        holder.roles = [session.get_one(Role, int(key))]
    token = page.form("csrf_token").values["csrf_token"]
    refused = admin.post(f"/staff/roles/delete/{key}", data={"csrf_token": token})
    assert refused.status == 422
    with act() as session:
        assert session.get(Role, int(key)) is not None


@pytest.mark.parametrize("name", ["Operator", "Admin"])
def test_a_role_of_the_program_stays_as_it_is(name: str, act: Any, admin: Browser) -> None:
    page = admin.get(f"/staff/roles/edit/{_role(act, name)}").form("name").submit(name="Другая")
    assert page.status == 422
    assert page.error("name")


def test_permissions_given_to_a_role_hold_on_the_next_request(act: Any, admin: Browser, browser: Browser) -> None:
    with act() as session:
        role = Role(name="Наблюдатель")
        session.add(role)
        factories.user(session, "Operator", login="watcher").roles = [role]
        session.flush()
        key = role.id
        pair = next(
            pair.id
            for pair in session.scalars(select(PermissionView))
            if (pair.permission.name, pair.view_menu.name) == ("can_list", "StaffOfficesView")
        )
    browser.sign_in("watcher", factories.PASSWORD)
    browser.get("/staff/offices/list/", expect=403)
    admin.get(f"/staff/roles/edit/{key}").form("name").submit(permissions=str(pair))
    assert browser.client.get("/staff/offices/list/").status_code == 200


def test_an_operator_keeps_no_users(operator: Browser) -> None:
    for page in ("users", "roles", "permissions"):
        operator.get(f"/staff/{page}/list/", expect=403)


def test_a_member_of_staff_changes_the_password(app: Flask, operator: Browser) -> None:
    form = operator.get("/staff/password/").form("current", "password")
    assert form.submit(current="wrong", password=PASSWORD).error("current")
    assert form.submit(current=factories.PASSWORD, password="short").error("password")
    assert form.submit(current=factories.PASSWORD, password=PASSWORD).path == "/staff/"
    again = Browser(app)
    assert again.sign_in("the-Operator", PASSWORD, follow=True).path == "/staff/"
