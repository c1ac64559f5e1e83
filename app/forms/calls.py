"""What an operator takes down in a call: why it came, and a value for each meter."""

from decimal import Decimal
from typing import Any

from wtforms import HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length

from ..domain.errors import DomainError
from ..domain.reading_words import UnusualUse
from ..i18n import _l
from ..models import CallChannel, CallReason
from .base import Form, ReadingField, one_line


class CallForm(Form):
    channel = RadioField(
        _l("How the readings came"),
        [InputRequired(_l("Choose how the readings came."))],
        choices=[SelectChoice(each.value, each.label) for each in CallChannel],
    )
    reason = RadioField(
        _l("Why they call"),
        [InputRequired(_l("Choose why they call."))],
        choices=[SelectChoice(each.value, each.label) for each in CallReason],
    )
    note = StringField(_l("Note"), [Length(max=300, message=_l("Shorten the text to %(max)d characters.")), one_line])
    call = HiddenField()


class EntryForm(Form):
    """One meter's field. An unusual use is no error: it is kept in `question`, and a tick confirms the same value."""

    value = ReadingField(_l("Reading"))
    confirm = StringField()
    question: UnusualUse | None = None

    def __init__(self, meter_id: int, **options: Any) -> None:
        super().__init__(prefix=f"m{meter_id}-", **options)

    def refuse(self, error: DomainError) -> None:
        if isinstance(error, UnusualUse):
            self.question = error
        else:
            super().refuse(error)

    @property
    def is_confirmed(self) -> bool:
        """Whether this very value was asked about and ticked."""
        value: Decimal | None = self.value.data
        return value is not None and self.confirm.data == str(value)

    @property
    def typed(self) -> str:
        return str(self.value._value())

    @property
    def error(self) -> str | None:
        return " ".join(str(error) for error in self.value.errors) or None
