"""Fields of the panel's forms: text in, typed values out, what was typed kept."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any

from flask import request
from wtforms import DateField, DateTimeField, Field, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import Choice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextArea, TextInput

from .. import clock
from ..domain.errors import DomainError
from ..i18n import _
from .pages import Option
from .values import moment_of, shown, typed

LONG_TEXT = 250  # more characters than this are typed into a text area
LOOKUP = "_lookup"  # the button that asks for choices where there is no JavaScript


class Filled:
    """The field must have a value; the message names it."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation  # what was typed is wrong: that is said already
        if field.data is None or field.data == "":
            raise StopValidation(
                _("Choose: %(label)s.", label=field.label.text)
                if isinstance(field, (SelectField, RelatedField))
                else _("Write in: %(label)s.", label=field.label.text)
            )


class ParsedField(StringField):
    """Text that `parse` turns into a value (raising DomainError), shown again as it was typed."""

    def __init__(self, *args: Any, parse: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parse = parse

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return typed(self.data) if isinstance(self.data, Decimal) else "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = self.parse(text)
            except DomainError as error:
                raise ValueError(str(error)) from error


class TextField(StringField):
    """Text of one line or many, without the spaces around it; nothing typed is `empty`. Its length is looked at when
    the row's rules have cleaned it: a phone is typed with brackets."""

    def __init__(self, *args: Any, longest: int | None, empty: str | None, **kwargs: Any) -> None:
        is_long = (longest or LONG_TEXT + 1) > LONG_TEXT
        super().__init__(*args, widget=TextArea() if is_long else TextInput(), **kwargs)
        self.empty, self.is_long = empty, is_long

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = text or self.empty


class DayField(DateField):
    """A date by the browser's own picker, or typed as 22.11.2026."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist or not str(valuelist[0]).strip():
            return
        try:
            super().process_formdata([str(valuelist[0]).strip()])
        except ValueError as error:
            raise ValueError(_("Enter the date as day, month and year, for example 22.11.2026.")) from error
        if self.data is not None and self.data < date(1900, 1, 1):
            self.data = None
            raise ValueError(_("Enter a date after 1900."))


class MomentField(DateTimeField):
    """A day and a time of the utility's clock, by the browser's own picker or typed as 22.11.2026 14:02; the data is in
    UTC."""

    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{clock.local(self.data):%Y-%m-%dT%H:%M}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            self.data = None
            return
        try:
            super().process_formdata([text])
            self.data = moment_of(self.data)
        except ValueError as error:
            raise ValueError(_("Enter the day and the time, for example 22.11.2026 14:02.")) from error


class LabelledField(SelectField):
    """One member of an enum, by its label."""

    def __init__(self, *args: Any, members: Sequence[Enum], may_be_empty: bool, **kwargs: Any) -> None:
        by_name = {member.name: member for member in members}
        super().__init__(
            *args,
            choices=(),
            validate_choice=False,  # the coercion leaves None for what is no member, and `Filled` speaks of it
            coerce=lambda value: value if isinstance(value, Enum) else by_name.get(value),
            **kwargs,
        )
        self.members, self.may_be_empty = members, may_be_empty

    def iter_choices(self) -> list[Choice]:
        empty = [Choice("", "", self.data is None, {})] if self.may_be_empty or self.data is None else []
        return empty + [Choice(each.name, shown(each), each is self.data, {}) for each in self.members]


class TicksField(SelectMultipleField):
    """Rows of a small table as ticks; the data is the list of rows."""

    def __init__(
        self, *args: Any, rows: Callable[[], Sequence[Any]], words: Callable[[Any], str] = str, **kwargs: Any
    ) -> None:
        super().__init__(*args, choices=(), validate_choice=False, **kwargs)
        self._rows, self._words = rows, words

    @cached_property
    def known(self) -> dict[str, Any]:
        return {str(row.id): row for row in self._rows()}

    def iter_choices(self) -> list[Choice]:
        chosen = {str(row.id) for row in self.data or ()}
        return [Choice(key, self._words(row), key in chosen, {}) for key, row in self.known.items()]

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [self.known[key] for key in valuelist if key in self.known]


class RelatedField(Field):
    """One row of another table, chosen in a select that asks the server while one types. It knows its one row only.

    The key is fetched through the scope of who is at work: a foreign key is the same as a missing one.
    """

    def __init__(self, *args: Any, source: Any, data_url: Callable[[], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source, self._data_url = source, data_url
        self._is_unknown = False
        self.found: list[Any] | None = None

    @property
    def data_url(self) -> str:
        return self._data_url()

    @property
    def lookup_name(self) -> str:
        return f"{self.name}__lookup"

    @property
    def lookup_text(self) -> str:
        return request.form.get(self.lookup_name, "")

    @property
    def options(self) -> list[Option]:
        chosen = [self.data] if self.data is not None else []
        rows = chosen + [row for row in self.found or () if row is not self.data]
        return [Option(str(row.id), str(row), row is self.data) for row in rows]

    def process_formdata(self, valuelist: list[Any]) -> None:
        key = valuelist[0] if valuelist else ""
        self.data = self.source.get(key) if key else None
        self._is_unknown = bool(key) and self.data is None

    def pre_validate(self, form: Any) -> None:
        if self._is_unknown:
            raise ValidationError(_("Choose from the list."))
