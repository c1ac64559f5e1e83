"""Forms of service requests: for a customer who asks, and for both who write to each other."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Self

from flask import request
from flask_wtf.file import MultipleFileField
from wtforms import Form as PlainForm
from wtforms import RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from ..domain import attachments
from ..domain.attachments import Document, Upload
from ..domain.errors import DomainError
from ..domain.requests import Words
from ..formats import localized
from ..i18n import _, _l
from ..models import RequestChannel, ServiceOffering
from . import offering_fields
from .base import Form, MoneyField, no_card_number

LONGEST_REQUEST, LONGEST_MESSAGE, LONGEST_WORDS = 2000, 4000, 1000
ACCEPT = "image/jpeg,image/png,application/pdf"


def tidy(text: str | None) -> str:
    """What was typed, with plain ends of lines, without spaces around."""
    return (text or "").replace("\r\n", "\n").strip()


def longest(count: int) -> Length:
    return Length(max=count, message=_l("Shorten the text to %(max)d characters."))


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
    """A new request. `of` adds the questions of the chosen service, named in `own`. A page that was drawn for another
    service (`drawn_for` of what is sent) asks them first."""

    own: Sequence[str] = ()
    is_new_to_them = False
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
    def of(cls, offerings: Iterable[ServiceOffering], chosen: ServiceOffering | None) -> Self:
        """A form that lets choose one of the services and asks what the chosen one does."""
        asked = {offering_fields.name_of(field): field for field in chosen.fields} if chosen else {}
        fields: dict[str, Any] = {name: offering_fields.bound(field) for name, field in asked.items()}
        fields |= {name: _later(getattr(cls, name)) for name in ("description", "files")}
        made = type(cls.__name__, (cls,), {**fields, "own": tuple(asked)})
        code = chosen.code if chosen else ""
        form: Self = made(service=code)
        offered = (SelectChoice(row.code, localized(row, "name")) for row in offerings)
        form.service.choices = [SelectChoice("", _("Choose a service")), *offered]
        form.service.validate_choice = False  # what is not offered any more is said by the rules
        form.is_new_to_them = bool(asked) and request.form.get("drawn_for") != code
        return form

    def validate_service(self, field: SelectField) -> None:
        if self.is_new_to_them:
            raise ValidationError(_("This service asks for more. Fill in what has appeared below."))

    def words(self) -> Words:
        """What a valid form asks for."""
        return Words(str(self.description.data), self.files.documents)

    def answers(self, chosen: ServiceOffering) -> list[dict[str, str]]:
        """What a valid form answers to the questions of the service; those left empty are left out."""
        return offering_fields.answers(self, chosen)


def _later(field: Any) -> Any:
    """The same field behind those made before: errors are listed in the order in which fields were made."""
    return UnboundField(field.field_class, *field.args, **field.kwargs)


class PhoneRequestForm(RequestForm):
    """The same, filled in by an operator."""

    channel = RadioField(
        _l("How the request came"),
        [InputRequired(_l("Choose how the request came."))],
        choices=[SelectChoice(each.value, each.label) for each in (RequestChannel.phone, RequestChannel.office)],
        default=RequestChannel.phone.value,
    )

    @property
    def came_by(self) -> RequestChannel:
        return RequestChannel(self.channel.data)


def chosen_code() -> str:
    """The service that the form was sent for, or that the address names."""
    return str(request.form.get("service", request.args.get("service", "")))[:30]


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


class PriceAnswerForm(Form):
    """What the customer says to a price: the page names the price that it showed."""

    price = MoneyField("")

    @property
    def shown(self) -> Decimal | None:
        price: Decimal | None = self.price.data
        return price


class VisitAnswerForm(Form):
    """Which of the offered times suits, or why none does."""

    slot = RadioField(_l("Time of the visit"), choices=[], validate_choice=False)
    why = TextAreaField(_l("When would it suit you?"), [longest(LONGEST_WORDS), no_card_number], filters=[tidy])

    def offer(self, times: Iterable[tuple[int, str]]) -> None:
        self.slot.choices = [SelectChoice(str(pk), words) for pk, words in times]

    @property
    def slot_id(self) -> int | None:
        text = self.slot.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class WithdrawalForm(Form):
    why = TextAreaField(_l("Why you withdraw it"), [longest(LONGEST_WORDS), no_card_number], filters=[tidy])


class RatingForm(Form):
    rating = RadioField(
        _l("How was it done?"),
        [InputRequired(_l("Choose from 1 to 5."))],
        choices=[
            SelectChoice("5", _l("5, very well")),
            SelectChoice("4", _l("4, well")),
            SelectChoice("3", _l("3, so-so")),
            SelectChoice("2", _l("2, badly")),
            SelectChoice("1", _l("1, very badly")),
        ],
        validate_choice=False,
    )
    words = TextAreaField(_l("In your words"), [longest(LONGEST_WORDS), no_card_number, Optional()], filters=[tidy])

    @property
    def given(self) -> int:
        """0 for what is none of the five."""
        text = self.rating.data or ""
        return int(text) if len(text) == 1 and text in "12345" else 0
