"""Every address × every role: only what somebody decided is open. A route that nobody decided fails here."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.security.roles import ADMIN, PUBLIC, ROLES, wanted
from tests import factories
from tests.page import Browser

STATIC = {"static", "appbuilder.static"}


def routes(app: Flask) -> list[Rule]:
    return sorted(
        (rule for rule in app.url_map.iter_rules() if rule.endpoint not in STATIC), key=lambda rule: rule.endpoint
    )


def permission(app: Flask, endpoint: str) -> tuple[str, str] | None:
    """The (permission, view) pair that guards a route; None when nothing does."""
    name, _, method = endpoint.partition(".")
    owner = next((view for view in app.appbuilder.baseviews if type(view).__name__ == name), None)  # type: ignore[attr-defined]
    permission_name = getattr(getattr(owner, method, None), "_permission_name", None)
    if owner is None or permission_name is None:
        return None
    return f"can_{(owner.method_permission_name or {}).get(method, permission_name)}", owner.class_permission_name


def test_every_route_is_public_with_a_reason_or_guarded_by_a_permission(app: Flask) -> None:
    undecided = {
        rule.endpoint for rule in routes(app) if rule.endpoint not in PUBLIC and permission(app, rule.endpoint) is None
    }
    assert not undecided


def test_no_public_route_is_named_that_does_not_exist(app: Flask) -> None:
    assert set(PUBLIC) <= {rule.endpoint for rule in routes(app)}
    assert all(reason.strip() for reason in PUBLIC.values())


def test_every_permission_of_a_route_is_somebodys(app: Flask) -> None:
    """A page that only Admin may open is listed too: FAB's views of users and roles, nothing else by accident."""
    granted = {pair for role in ROLES for pair in wanted(role)}
    admins = {permission(app, rule.endpoint) for rule in routes(app) if rule.endpoint not in PUBLIC} - granted
    views = {pair[1] for pair in admins if pair}
    assert views <= {view for pair in granted for view in [pair[1]]} | ADMIN_ONLY


ADMIN_ONLY = {"StaffUsersView", "StaffRolesView", "StaffPermissionsView", "StaffLettersView", "StaffLedgerView"}


@pytest.fixture
def without_csrf(app: Flask) -> Iterator[None]:
    """Tokens are tested elsewhere; here a POST must reach the question who may."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.any_database
@pytest.mark.parametrize("role", [None, *ROLES, ADMIN])
def test_a_role_opens_only_what_it_was_given(role: str | None, app: Flask, act: Any, without_csrf: None) -> None:
    visitor = Browser(app)
    if role is not None:
        with act() as session:
            factories.user(session, role, login=f"the-{role}")
        visitor.sign_in(f"the-{role}", factories.PASSWORD)
    faults = []
    for rule in routes(app):
        pair = permission(app, rule.endpoint)
        if rule.endpoint in PUBLIC or pair is None:
            continue
        may = role == ADMIN or (role is not None and pair in wanted(role))
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
            if may and method != "GET":
                continue
            answer = visitor.client.open(_address(rule), method=method)
            answer.close()  # a streamed file holds its request until it is
            is_refused = answer.status_code in (401, 403) or "/login/" in answer.headers.get("Location", "")
            if may and ((is_refused and not rule.rule.startswith("/api/")) or answer.status_code >= 500):
                faults.append(f"{method} {rule.rule}: {answer.status_code}, though {role} has {pair}")
            if not may and not is_refused:
                faults.append(f"{method} {rule.rule}: {answer.status_code}, though {role} lacks {pair}")
    assert not faults, "\n".join(faults)


def _address(rule: Rule) -> str:
    """The rule with a value for each part: a number that no row has, the first of a list."""
    listed = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<[^>]+>", "999999", listed)
