"""The number of a bank card typed into any text field of the product: refused, not shown again, never stored."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField
from wtforms.fields.core import UnboundField

import app.forms as package
from app.domain import free_text
from app.forms.base import Form, _ParsedField
from app.model_types import metadata
from app.panel.forms import TextField
from app.panel.values import is_code
from tests.conftest import Act

CARD = "4111 1111 1111 1111"
CLOTHES = (CARD, CARD.replace(" ", ""), f"карта {CARD.replace(' ', '-')}", f"{CARD.replace(' ', '')}@example.org")
LOOKED_UP = {
    "AccountForm.account_number",
    "AccountForm.fact",
    "ApplicationForm.token",
    "AssignForm.account",
    "AttachByPasswordForm.login",
    "AttachByPasswordForm.number",
    "BulkReadingsForm.lines",
    "CallForm.call",
    "CodeForm.code",
    "DecisionForm.operation",
    "EntryForm.confirm",
    "FirstCodeForm.offered",
    "InviteForm.last_day",
    "PaperForm.token",
    "RecoveryForm.login",
    "RegisterFilter.day",
    "SignInForm.username",
    "SlipForm.seen",
}
"""These are compared with what is known and kept nowhere; the lock of a login keeps a hash."""


def typed_in() -> Iterator[tuple[str, type[Form], str]]:
    """Every text field of the forms: its name, the form that declares it, the field."""
    for module in pkgutil.iter_modules(package.__path__):
        for form in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            if not (isinstance(form, type) and issubclass(form, Form)):
                continue
            for name, field in vars(form).items():
                if isinstance(field, UnboundField) and is_text(field.field_class):
                    yield f"{form.__name__}.{name}", form, name


def is_text(kind: type[Any]) -> bool:
    return issubclass(kind, StringField) and not issubclass(kind, PasswordField | _ParsedField)


FIELDS = {label: (form, name) for label, form, name in typed_in()}


@pytest.mark.parametrize("label", sorted(FIELDS.keys() - LOOKED_UP))
@pytest.mark.parametrize("text", CLOTHES)
def test_a_field_that_is_kept_refuses_it_and_forgets_it(app: Flask, label: str, text: str) -> None:
    form, name = FIELDS[label]
    rules = {key: rule for key, rule in vars(form).items() if key in (name, f"validate_{name}")}
    with app.test_request_context(method="POST"):
        filled = type("Alone", (Form,), rules)(formdata=MultiDict({name: text}), meta={"csrf": False})
        assert not filled.validate()
        assert filled[name].errors


def test_nothing_is_left_out_that_is_not_there() -> None:
    assert FIELDS.keys() >= LOOKED_UP
    assert len(FIELDS) > 10


def panel_fields(app: Flask) -> Iterator[tuple[str, Any, str, Any]]:
    for view in app.appbuilder.baseviews:  # type: ignore[attr-defined]
        for way in ("add_form", "edit_form"):
            form = getattr(view, way, None)
            for name, field in vars(form).items() if form is not None else ():
                if isinstance(field, UnboundField) and issubclass(field.field_class, TextField):
                    yield f"{type(view).__name__}.{way}.{name}", view, name, field


def test_every_text_of_the_panel_refuses_it(app: Flask, act: Act) -> None:
    """Codes apart (numbers of accounts, serials): they have columns of their own kind."""
    seen = 0
    with app.test_request_context(method="POST"):
        for label, view, name, field in panel_fields(app):
            column = view.datamodel.list_columns.get(name)
            if column is None or not isinstance(column.type, String) or is_code(column.type):
                continue

            class Alone(Form):
                text = field

            filled = Alone(formdata=MultiDict({"text": f"карта {CARD}"}), meta={"csrf": False})
            assert not filled.validate(), label
            assert any(free_text.card_advice() == str(error) for error in filled.text.errors), label
            assert CARD not in str(filled.text.data), label
            seen += 1
    assert seen > 20


def test_words_have_no_columns_of_codes(app: Flask) -> None:
    """What people write in words is not exempt as a code."""
    words = ("reason", "basis", "note", "description", "body", "purpose", "answer")
    wrong = [
        f"{table.name}.{column.name}"
        for table in metadata().sorted_tables
        for column in table.columns
        if column.name in words and is_code(column.type)
    ]
    assert wrong == []
