"""What a view may not declare is found when it is made."""

from typing import Any

import pytest
from flask import Flask

from app.models import Account, Customer, Payment, Reading
from app.panel.datamodel import PanelInterface
from app.panel.rest import StaffModelRestApi
from app.panel.views import READING, StaffModelView

NAMES = ("number", "channel", "customer", "amount", "meters", "full_name", "id", "value")
LABELS = {name: name.title() for name in NAMES}


def _view(model: type[Any], **declared: Any) -> type[StaffModelView]:
    columns: dict[str, Any] = {"list_columns": ["id"], "label_columns": LABELS, "include_route_methods": READING}
    return type("TriedView", (StaffModelView,), {"datamodel": PanelInterface(model), **columns, **declared})


@pytest.mark.parametrize(
    ("model", "declared", "complaint"),
    [
        (Payment, {"order_columns": ["amount"]}, "cannot be ordered by"),
        (Payment, {"base_order": ("channel", "asc")}, "cannot be ordered by"),
        (Account, {"order_columns": ["customer_id"]}, "cannot be ordered by"),
        (Payment, {"search_columns": ["channel"]}, "cannot be searched"),
        (Payment, {"search_columns": ["amount"]}, "cannot be searched"),
        (Customer, {"search_columns": ["full_name"]}, "no filter"),
        (Account, {"list_columns": ["meters"]}, "to-many"),
        (Account, {"show_columns": ["meters"]}, "to-many"),
        (Account, {"show_columns": ["number_key"]}, "made by the model"),
        (Customer, {"list_columns": ["email"]}, "no label"),
    ],
)
def test_what_would_read_a_whole_table_is_refused(
    model: type[Any], declared: dict[str, Any], complaint: str, app: Flask
) -> None:
    with app.app_context(), pytest.raises(TypeError, match=complaint):
        _view(model, **declared)()


def test_a_view_declares_its_columns(app: Flask) -> None:
    with app.app_context():
        made = _view(Payment)()
    assert (made.search_columns, made.order_columns, made.add_columns, made.edit_columns) == ([], [], [], [])


def test_a_row_has_a_name(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Payment, "__repr__")
    with app.app_context(), pytest.raises(TypeError, match="the title of its pages"):
        _view(Payment)()


def test_a_to_many_relation_has_no_field(app: Flask) -> None:
    with app.app_context(), pytest.raises(TypeError, match="to-many"):
        _view(Account, add_columns=["meters"], include_route_methods=READING | {"add"})()


def test_rest_is_held_to_the_same(app: Flask) -> None:
    declared = {"datamodel": PanelInterface(Reading), "list_columns": ["id"], "search_columns": ["value"]}
    with app.app_context(), pytest.raises(TypeError, match="cannot be searched"):
        type("TriedApi", (StaffModelRestApi,), declared)()
