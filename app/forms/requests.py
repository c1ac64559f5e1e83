"""Forms of service requests: for a customer who asks, and for both who write to each other."""

from collections.abc import Iterable, Sequence
from typing import Self

from flask_wtf.file import MultipleFileField
from wtforms import Form as PlainForm
from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from ..domain import attachments
from ..domain.attachments import Document, Upload
from ..domain.errors import DomainError
from ..domain.requests import Words
from ..formats import localized
from ..i18n import _, _l
from ..models import ServiceOffering
from .base import Form, no_card_number

LONGEST_REQUEST, LONGEST_MESSAGE = 2000, 4000
ACCEPT = "image/jpeg,image/png,application/pdf"


def tidy(text: str | None) -> str:
    """What was typed, with plain ends of lines, without spaces around."""
    return (text or "").replace("\r\n", "\n").strip()


class FilesField(MultipleFileField):
    """Photos and PDF; a browser cannot be given them back, so a redrawn page asks for them again."""

    documents: Sequence[Document] = ()

    def post_validate(self, form: PlainForm, validation_stopped: bool) -> None:
        """What was attached, fit to be kept. Its faults are told together with those of the other fields."""
        try:
            uploads = [Upload(file.filename or "", file.stream) for file in self.data or ()]
            self.documents = attachments.accept(uploads, field=self.name)
        except DomainError as error:
            raise ValidationError(error.message) from error


class RequestForm(Form):
    """A new request."""

    service = SelectField(_l("Service"), [InputRequired(_l("Choose a service."))])
    description = TextAreaField(
        _l("What is to be done"),
        [
            DataRequired(_l("Describe what is to be done.")),
            Length(max=LONGEST_REQUEST, message=_l("Keep the description within %(max)d characters.")),
            no_card_number,
        ],
        filters=[tidy],
    )
    files = FilesField(_l("Photos or PDF"), [Optional()])

    @classmethod
    def of(cls, offerings: Iterable[ServiceOffering], chosen: str | None) -> Self:
        """A form that lets choose one of the services; `chosen` is a code out of the address."""
        form = cls(service=chosen)
        offered = (SelectChoice(row.code, localized(row, "name")) for row in offerings)
        form.service.choices = [SelectChoice("", _("Choose a service")), *offered]
        form.service.validate_choice = False  # what is not offered any more is said by the rules
        return form

    def words(self) -> Words:
        """What a valid form asks for."""
        return Words(str(self.description.data), self.files.documents)


class MessageForm(Form):
    """A message on a request; staff may change the state with it, then it may be empty."""

    body = TextAreaField(
        _l("Message"),
        [Length(max=LONGEST_MESSAGE, message=_l("Keep the message within %(max)d characters.")), no_card_number],
        filters=[tidy],
    )
    files = FilesField(_l("Photos or PDF"), [Optional()])

    def words(self) -> Words:
        """What a valid form says."""
        return Words(str(self.body.data), self.files.documents)
