"""What people say of themselves, shared by registration and settings: e-mail, phone, a new password, consent."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import Field, Form, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from ..domain.errors import DomainError
from ..domain.identifiers import phone
from ..domain.passwords import check_password
from ..i18n import _, _l
from .base import no_card_number

NAME = re.compile(
    r"(?:[^\W\d_]|[ '’-])+\Z"
)  # no signs of a link: names stand in letters to addresses not confirmed yet


def _tidy(text: str | None) -> str | None:
    """One space between words, none around them."""
    return " ".join(text.split()) if text else text


class NameField(StringField):
    """A surname, a name or a patronymic: up to 64 characters."""

    def __init__(self, label: Any, *, ask: Any = None, **options: Any) -> None:
        needed = DataRequired(ask) if ask is not None else Optional()
        rules = [
            needed,
            Length(max=64, message=_l("Shorten it to 64 characters.")),
            Regexp(NAME, message=_l("Use letters, spaces and hyphens only.")),
        ]
        super().__init__(label, rules, filters=[_tidy], **options)


class EmailField(StringField):
    """An e-mail as it is stored: in lower case, the host in ASCII. `data` is text as typed until it is valid."""

    data: Any

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, [InputRequired(_l("Enter the e-mail, for example irina@example.org."))], **options)

    def pre_validate(self, form: Form) -> None:
        no_card_number(form, self)
        typed = (self.data or "").strip()
        try:
            found = validate_email(typed, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError as error:
            raise ValidationError(_("Check the e-mail: it looks like irina@example.org.")) from error
        self.data = (found.ascii_email or found.normalized).lower()


class PhoneField(StringField):
    """A phone as it is stored: E.164 without its plus. `local` is the code put before seven digits."""

    data: Any
    local = "342"

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, [InputRequired(_l("Enter the phone with its code."))], **options)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def pre_validate(self, form: Form) -> None:
        try:
            self.data = phone(self.data or "", local=self.local)
        except DomainError as error:
            raise ValidationError(str(error)) from error


class NewPasswordField(PasswordField):
    """A password that the person chooses now; the form's `about()` says what others know of the person."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, [InputRequired(_l("Think of a password and enter it."))], **options)

    def pre_validate(self, form: Form) -> None:
        about = tuple(part for part in form.about() if part)
        try:
            check_password(self.data or "", about=about)
        except DomainError as error:
            raise ValidationError(str(error)) from error


def agreed(words: Any) -> Any:
    """A rule for a tick without which nothing can be done."""

    def check(_form: Form, field: Field) -> None:
        if not field.data:
            raise ValidationError(words)

    return check
