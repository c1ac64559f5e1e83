"""Every list of the panel as a file: as many rows as the list has, however its columns are related."""

import warnings

import pytest
from flask import Flask
from sqlalchemy.exc import SAWarning

from app.models import PaymentType
from app.panel.views import StaffModelView
from tests import factories, samples
from tests.conftest import Act
from tests.page import Browser
from tests.payments import count


@pytest.fixture
def admin(app: Flask, act: Act) -> Browser:
    with act() as session:
        account = factories.account(session)
        samples.one_of_each(session, account, factories.user(session))
        factories.account(session, is_company=True)
        factories.user(session, "Admin", login="admin")
    browser = Browser(app, language="en")
    browser.sign_in("admin", factories.PASSWORD)
    return browser


def test_no_file_multiplies_the_rows_of_one_table_by_those_of_another(app: Flask, admin: Browser) -> None:
    views = [view for view in app.appbuilder.baseviews if isinstance(view, StaffModelView)]  # type: ignore[attr-defined]
    exported = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", SAWarning)
        for view in views:
            answer = admin.client.get(f"{view.route_base}/export.csv")
            if answer.status_code != 404:
                assert (answer.status_code, bool(answer.data)) == (200, True), view
                exported += 1
    assert exported > 15


def test_kinds_of_payments_stand_once_with_their_payee(act: Act, admin: Browser) -> None:
    lines = admin.client.get("/staff/payment-types/export.csv").get_data(as_text=True).splitlines()
    with act() as session:
        assert len(lines) == count(session, PaymentType) + 1
