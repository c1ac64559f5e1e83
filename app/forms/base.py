"""Fields that turn what people type into typed values. A form checks shape; the utility's rules live in `domain/`."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from ..domain import free_text
from ..domain.errors import DomainError
from ..domain.numbers import parse_decimal, parse_money, parse_volume
from ..i18n import FormWords

LARGEST_NUMBER = Decimal(1_000_000_000)


class Form(FlaskForm):
    """The base of every form: CSRF by FlaskForm, errors of the domain put at their field."""

    class Meta(FormWords, FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent as a form, without NUL, which no database keeps. FlaskForm would take JSON too, whose
            values may be anything."""
            sent = None if request.is_json else super().wrap_formdata(form, formdata)
            return sent and MultiDict((name, _without_nul(value)) for name, value in sent.items(multi=True))

    def refuse(self, error: DomainError) -> None:
        """Show a broken rule at the field it names, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


def no_card_number(form: FlaskForm, field: Field) -> None:
    """A rule for words that people write: the number of a bank card is refused, and is not even shown again."""
    if field.data and free_text.card_number_in(field.data) is not None:
        field.data = free_text.without_card_numbers(field.data)
        raise ValidationError(free_text.card_advice())


def one_line(form: FlaskForm, field: Field) -> None:
    """A rule for words on one line: what nobody can print and the number of a bank card are refused, and not shown
    again."""
    no_card_number(form, field)
    try:
        free_text.check_line(field.data or "", field=field.name)
    except DomainError as error:
        field.data = free_text.printable(field.data)
        raise ValidationError(error.message) from error


def _without_nul(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value


class _ParsedField(StringField):
    """Text that a parser turns into a value; the text itself is kept for the redrawn page."""

    parse: Callable[..., Decimal]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._shown(self.data)

    def _shown(self, value: Decimal) -> str:
        return str(value).replace(".", ",")

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = None
        if not str(text).strip():
            return
        try:
            self.data = type(self).parse(str(text))
        except DomainError as error:
            raise ValueError(str(error)) from error


class MoneyField(_ParsedField):
    """Roubles with kopecks, in any clothing that people type."""

    parse = staticmethod(parse_money)


class ReadingField(_ParsedField):
    """A meter's value in m³, whole or with up to three decimals."""

    parse = staticmethod(parse_volume)


class NumberField(_ParsedField):
    """A number that is neither money nor water: not below zero, with up to three decimals."""

    @staticmethod
    def parse(text: str) -> Decimal:
        return parse_decimal(text, places=3, minimum=Decimal(0), maximum=LARGEST_NUMBER)
