"""The form of one meter's reading."""

from decimal import Decimal
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from ..domain.errors import DomainError
from ..domain.reading_words import UnusualUse
from ..i18n import _, _l
from .base import Form, ReadingField, no_card_number
from .requests import tidy


class ReadingForm(Form):
    """An unusual use is no error: it is kept in `question`, and the page asks."""

    value = ReadingField(_l("Current reading"))
    likely = ReadingField()  # the value of the button that sends what was meant
    question: UnusualUse | None = None

    def validate_value(self, field: ReadingField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(_("Enter the reading from the black digits."))

    def refuse(self, error: DomainError) -> None:
        if isinstance(error, UnusualUse):
            self.question = error
        else:
            super().refuse(error)

    @property
    def given(self) -> Decimal | None:
        """The value to send: the one that the page proposed, where its button was pressed, else the typed one."""
        return self.value.data if self.likely.data is None else self.likely.data

    @property
    def typed(self) -> str:
        """The value as it was typed."""
        return str(self.value._value())

    @property
    def error(self) -> Any:
        return " ".join(str(error) for error in self.value.errors) or None


class DeclineForm(Form):
    """Why a clerk does not believe a reading; the customer reads it."""

    reason = TextAreaField(
        _l("What to tell the customer"),
        [
            DataRequired(_l("Write why the reading is declined and what to do: the customer will read it.")),
            Length(max=500, message=_l("Keep it within %(max)d characters.")),
            no_card_number,
        ],
        filters=[tidy],
    )
