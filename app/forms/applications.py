"""The application of a company or a sole trader, and what a clerk says of it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from ..domain import attachments
from ..domain.application_checks import is_inn, is_ogrn
from ..domain.applications import Particulars
from ..domain.attachments import Document, Upload
from ..domain.errors import DomainError
from ..domain.identifiers import kpp
from ..formats import phone
from ..i18n import _, _l
from ..models import AccessApplication, ApplicantKind, ApplicationChannel, RefusalTemplate
from .base import Form, no_card_number, one_line
from .people import EmailField, NameField, PhoneField, agreed
from .requests import tidy

CONSENT_VERSION = "2026-11"
LONGEST_FILE_LINE = 300


def _line(text: str | None) -> str:
    """One space between words, none around them."""
    return " ".join((text or "").split())


def _without_gaps(text: str | None) -> str:
    """A number as it is stored: typed with spaces and hyphens."""
    return re.sub(r"[\s-]", "", text or "")


def _needed(message: Any, most: int) -> list[Any]:
    shorter = Length(max=most, message=_l("Shorten the text to %(max)d characters."))
    return [DataRequired(message), shorter, one_line]


def _digits(message: Any, most: int) -> list[Any]:
    def check(_form: Form, field: StringField) -> None:
        if not re.fullmatch(rf"[0-9]{{1,{most}}}", field.data or ""):
            raise ValidationError(message)

    return [DataRequired(message), check]


class ScanField(FileField):
    """One photo or PDF; a browser cannot be given it back, so a redrawn page asks for it again."""

    document: Document | None = None

    def post_validate(self, form: PlainForm, validation_stopped: bool) -> None:
        if not self.data:
            raise ValidationError(_("Attach the signed application: a PDF, or a photo of the whole sheet."))
        try:
            (self.document,) = attachments.accept([Upload(self.data.filename or "", self.data.stream)], field=self.name)
        except DomainError as error:
            raise ValidationError(error.message) from error


class ParticularsForm(Form):
    """What stands in the application, on the site or on paper."""

    kind = RadioField(
        _l("Who applies"),
        [InputRequired(_l("Choose who applies."))],
        choices=[SelectChoice(kind.value, kind.label) for kind in ApplicantKind],
    )
    name = StringField(_l("Name"), _needed(_l("Enter the name as it stands in the contract."), 300), filters=[_line])
    inn = StringField(
        _l("Taxpayer number (INN)"),
        _digits(_l("Enter the INN: 10 digits of a legal entity, 12 of a sole trader."), 12),
        filters=[_without_gaps],
    )
    kpp = StringField(_l("Registration reason code (KPP)"), [Optional()], filters=[_without_gaps])
    ogrn = StringField(
        _l("Registration number (OGRN)"),
        _digits(_l("Enter the OGRN: 13 digits of a legal entity, 15 of a sole trader."), 15),
        filters=[_without_gaps],
    )
    contract_number = StringField(
        _l("Number of the contract"), _needed(_l("Enter the number of the contract with us."), 40), filters=[_line]
    )
    last_name = NameField(_l("Surname"), ask=_l("Enter the surname of whoever will use the cabinet."))
    first_name = NameField(_l("First name"), ask=_l("Enter the first name."))
    patronymic = NameField(_l("Patronymic"))
    job = StringField(
        _l("Position"), _needed(_l("Enter the position, for example chief accountant."), 100), filters=[_line]
    )
    phone = PhoneField(_l("Phone"))
    email = EmailField(_l("E-mail"))

    def __init__(self, *, local: str, **options: Any) -> None:
        """`local` is the area code."""
        super().__init__(**options)
        self.phone.local = local

    def validate_kpp(self, field: StringField) -> None:
        if field.data and not kpp(field.data):
            raise ValidationError(_("Enter the KPP: 9 signs, or nothing if there is none."))

    def particulars(self) -> Particulars:
        """What a valid form says."""
        return Particulars(
            kind=self._kind,
            kpp=(self.kpp.data or None) if self._kind is ApplicantKind.company else None,
            patronymic=self.patronymic.data or None,
            **{
                name: self[name].data
                for name in ("name", "inn", "ogrn", "contract_number", "last_name", "first_name", "job")
            },
            phone=self.phone.data,
            email=self.email.data,
        )

    @property
    def _kind(self) -> ApplicantKind:
        return ApplicantKind(self.kind.data)

    @staticmethod
    def values_of(sent: AccessApplication) -> dict[str, Any]:
        """What the form of an application stands with."""
        names = (
            *("name", "inn", "kpp", "ogrn", "contract_number", "last_name", "first_name", "patronymic"),
            *("job", "phone", "email"),
        )
        known = {name: getattr(sent, name) or "" for name in names}
        return {**known, "kind": sent.kind.value, "phone": phone(sent.phone)}


class ApplicationForm(ParticularsForm):
    """An applicant's own form: numbers that cannot be are said at once."""

    token = HiddenField()
    scan = ScanField(_l("Signed application"))
    consent = BooleanField("", [agreed(_l("Tick the consent: without it we may not keep your data."))])

    def __init__(self, *, utility: str, **options: Any) -> None:
        """`utility` is whom the consent is given to."""
        super().__init__(**options)
        self.consent.label.text = consent(utility)

    def validate_inn(self, field: StringField) -> None:
        self._check(field, is_inn, _("Check the INN: its check digits do not hold. One digit is wrong or left out."))

    def validate_ogrn(self, field: StringField) -> None:
        self._check(field, is_ogrn, _("Check the OGRN: its check digit does not hold. One digit is wrong or left out."))

    def _check(self, field: StringField, holds: Callable[[str, ApplicantKind], bool], words: str) -> None:
        is_known = self.kind.data in ApplicantKind.__members__
        if not field.errors and is_known and not holds(field.data or "", self._kind):
            raise ValidationError(words)

    def typed(self) -> dict[str, str]:
        """What was typed for the blank, fit for a file or not: cut to a line each."""
        names = (
            *("name", "inn", "kpp", "ogrn", "contract_number", "last_name", "first_name", "patronymic"),
            *("job", "phone", "email"),
        )
        return {name: _line(str(self[name]._value() or ""))[:LONGEST_FILE_LINE] for name in names}


class PaperForm(ParticularsForm):
    """A paper application, as a clerk reads it: numbers that cannot be are taken, and the checks tell of them."""

    token = HiddenField()
    channel = RadioField(
        _l("How it came"),
        [InputRequired(_l("Choose how the application came."))],
        choices=[
            SelectChoice(each.value, each.label) for each in (ApplicationChannel.office, ApplicationChannel.email)
        ],
    )
    scan = ScanField(_l("Scan of the paper"))


class RejectionForm(Form):
    """Why an application is rejected; `template` fills the words in where they are empty."""

    template = SelectField(_l("Reason"), [Optional()], validate_choice=False)
    reason = TextAreaField(
        _l("What to tell the applicant"),
        [Length(max=1000, message=_l("Keep it within %(max)d characters.")), no_card_number],
        filters=[tidy],
    )

    def __init__(self, templates: Iterable[RefusalTemplate], **options: Any) -> None:
        super().__init__(**options)
        self._bodies = {each.code: each.body for each in templates}
        names = (SelectChoice(each.code, each.name) for each in templates)
        self.template.choices = [SelectChoice("", _("In words of one's own")), *names]

    def words(self) -> str:
        """What the applicant will read: the template first, then what was typed."""
        parts = (self._bodies.get(self.template.data or "", ""), self.reason.data or "")
        return "\n".join(part for part in parts if part)


def consent(utility: str) -> str:
    """The words that are agreed to and kept with the application."""
    words: str = _(
        "I agree that %(utility)s stores and uses the name, position, e-mail and phone given above to look at this "
        "application and to run the cabinet of the company. The consent holds until I withdraw it in writing.",
        utility=utility,
    )
    return words
