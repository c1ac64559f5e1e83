"""Every generated page opens, for whoever may open it."""

from typing import Any

import pytest
from flask import Flask

from app.extensions import appbuilder
from app.panel.views import StaffModelView
from tests import factories, samples
from tests.page import Browser


@pytest.fixture
def admin(app: Flask, act: Any) -> Browser:
    with act() as session:
        factories.user(session, "Admin", login="boss")
        owner = factories.user(session)
        account = factories.account(session, owner)
        samples.one_of_each(session, account, owner)
        factories.account(session, is_company=True)
    browser = Browser(app)
    browser.sign_in("boss", factories.PASSWORD)
    return browser


def test_every_list_row_and_form_of_the_panel_opens(admin: Browser) -> None:
    for view in [each for each in appbuilder.baseviews if isinstance(each, StaffModelView)]:
        page = admin.get(f"{view.route_base}/list/")
        links = [element.get("href", "") for element in page.elements("a")]
        shown = [link for link in links if link.startswith(f"{view.route_base}/show/")]
        if shown:
            admin.get(shown[0])
            if "edit" in view.include_route_methods:
                admin.get(shown[0].replace("/show/", "/edit/"))
        if "add" in view.include_route_methods:
            admin.get(f"{view.route_base}/add")
        if "delete" in view.include_route_methods and shown:
            admin.get(shown[0].replace("/show/", "/delete/") + "/confirm")
        for name in ("csv", "xlsx"):
            assert admin.client.get(f"{view.route_base}/export.{name}").data
