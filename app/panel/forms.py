"""Forms of a model's columns. To-many relations are refused: a form of a million rows is no form."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder.forms import DynamicForm, GeneralModelConverter
from sqlalchemy import Boolean, Column, Date, Enum, Integer, String
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional, ValidationError

from ..domain import free_text
from ..domain.numbers import parse_decimal
from ..i18n import FormWords
from ..model_types import ScaledDecimal, UtcDateTime
from . import values
from .fields import DayField, Filled, LabelledField, MomentField, ParsedField, RelatedField, TextField, TicksField
from .pages import FormField


class PanelForm(DynamicForm):
    """A form of the panel; `refuse` shows a broken rule at its field, or above the form."""

    class Meta(FormWords, DynamicForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed, without signs that cannot be printed."""
            typed = super().wrap_formdata(form, formdata)
            if typed is None:
                return None
            return MultiDict((name, values.printable(text)) for name, text in typed.items(multi=True))

    def refuse(self, message: str, field: str | None) -> None:
        found = self._fields.get(field or "")
        if found is None:
            self.form_errors.append(message)
        else:
            found.errors = [*found.errors, message]


class PanelConverter(GeneralModelConverter):
    """`options_url(column)` is the address that a related field asks for its choices."""

    def __init__(self, datamodel: Any, options_url: Callable[[str], Callable[[], str]]) -> None:
        super().__init__(datamodel)
        self.options_url = options_url

    def create_form(self, *args: Any, **kwargs: Any) -> type[PanelForm]:
        made = super().create_form(*args, **kwargs)
        fields = {name: field for name, field in vars(made).items() if isinstance(field, UnboundField)}
        return type("PanelForm", (PanelForm,), fields)

    def _convert_many_to_one(
        self, col_name: str, label: Any, description: Any, lst_validators: Any, _rel: Any, form_props: dict[str, Any]
    ) -> dict[str, Any]:
        form_props[col_name] = RelatedField(
            label,
            [*lst_validators, Optional() if self.datamodel.is_nullable(col_name) else Filled()],
            description=description,
            source=self.datamodel.get_related_interface(col_name),
            data_url=self.options_url(col_name),
        )
        return form_props

    def _convert_many_to_many(self, col_name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        raise TypeError(f"{self.datamodel.obj.__name__}.{col_name}: a to-many relation has no field")

    def _convert_simple(
        self, col_name: str, label: Any, description: Any, lst_validators: Any, form_props: dict[str, Any]
    ) -> dict[str, Any]:
        column = self.datamodel.list_columns[col_name]
        may_be_empty = column.nullable or column.server_default is not None or isinstance(column.type, Boolean)
        lst_validators = [*lst_validators, Optional() if may_be_empty else Filled()]
        default = self.datamodel.get_col_default(col_name)
        form_props[col_name] = _field(column, label, lst_validators, description=description, default=default)
        return form_props


def _field(column: Column[Any], label: Any, validators: list[Any], **kwargs: Any) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return BooleanField(label, **kwargs)
    if isinstance(kind, Enum) and kind.enum_class:
        members = list(kind.enum_class)
        return LabelledField(label, validators, members=members, may_be_empty=bool(column.nullable), **kwargs)
    if isinstance(kind, ScaledDecimal):
        return ParsedField(label, validators, parse=_decimal_parser(kind), **kwargs)
    if isinstance(kind, Integer):
        return ParsedField(label, validators, parse=_integer_parser(kind), **kwargs)
    if isinstance(kind, Date):
        return DayField(label, validators, **kwargs)
    if isinstance(kind, UtcDateTime):
        return MomentField(label, validators, **kwargs)
    if isinstance(kind, String):
        if not values.is_code(kind):
            validators = [*validators, _no_card_number]
        return TextField(label, validators, longest=kind.length, empty=None if column.nullable else "", **kwargs)
    raise TypeError(f"{column}: give the field by hand (add_form_extra_fields)")


def _no_card_number(form: Any, field: Any) -> None:
    """Words are refused with the number of a bank card in them; codes have columns of their own."""
    if field.data and free_text.card_number_in(field.data) is not None:
        field.data = free_text.without_card_numbers(field.data)
        raise ValidationError(free_text.card_advice())


def _decimal_parser(kind: ScaledDecimal) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        limit = values.limit_of(kind)
        return parse_decimal(text, places=kind.places, minimum=limit * 0, maximum=limit)

    return parse


def _integer_parser(kind: Integer) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        zero = values.limit_of(ScaledDecimal()) * 0
        return int(parse_decimal(text, places=0, minimum=zero, maximum=zero + values.span_of(kind) - 1))

    return parse


KINDS: tuple[tuple[type[Any], str], ...] = (
    (RelatedField, "related"),
    (TicksField, "ticks"),
    (LabelledField, "select"),
    (BooleanField, "tick"),
    (DayField, "date"),
    (MomentField, "moment"),
)


def form_fields(form: PanelForm, columns: list[str]) -> list[FormField]:
    """The fields as the templates draw them, in the order of the columns."""
    return [FormField(form[name], _kind(form[name]), form[name].description) for name in columns]


def _kind(field: Any) -> str:
    for made, kind in KINDS:
        if isinstance(field, made):
            return kind
    if isinstance(field, ParsedField):
        return "number"
    if isinstance(field, TextField):
        return "textarea" if field.is_long else "text"
    return "password" if field.type == "PasswordField" else "text"
