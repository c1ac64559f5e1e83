"""Every generated page opens, for whoever may open it."""

from typing import Any

import pytest

from app.extensions import appbuilder
from app.panel.views import StaffModelView
from tests import factories, samples
from tests.page import Browser


@pytest.fixture
def records(act: Any) -> None:
    """A row in every table of the panel."""
    with act() as session:
        owner = factories.user(session)
        samples.one_of_each(session, factories.account(session, owner), owner)
        factories.account(session, is_company=True)


def test_every_list_row_and_form_of_the_panel_opens(records: None, admin: Browser) -> None:
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
