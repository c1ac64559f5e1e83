"""Registration of an individual, and the button behind a link of a letter."""

import re
from typing import Any

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from ..i18n import _, _l
from .base import Form
from .people import EmailField, NameField, NewPasswordField, PhoneField, agreed

CONSENT_VERSION = "2026-11"


class AccountForm(Form):
    """An account, and one thing that its holder knows."""

    account_number = StringField(_l("Account number"), [InputRequired(_l("Enter the account number from your bill."))])
    fact = StringField(
        _l("Number of a meter or sum of the last bill"),
        [
            InputRequired(_l("Enter the number of any of your meters or, if you have none, the sum of the last bill.")),
            Length(max=40, message=_l("Enter only the number of one meter or one sum.")),
        ],
    )

    def __init__(self, *, mask: str, **options: Any) -> None:
        """`mask` is the shape of account numbers."""
        super().__init__(**options)
        self._mask = mask

    def validate_account_number(self, field: StringField) -> None:
        field.data = re.sub(r"[\s-]", "", field.data or "")
        if not re.fullmatch(self._mask, field.data, re.ASCII):
            raise ValidationError(_("Enter the account number as it stands in the bill, digits only."))


class RegistrationForm(AccountForm):
    last_name = NameField(_l("Surname"), ask=_l("Enter your surname."))
    first_name = NameField(_l("First name"), ask=_l("Enter your first name."))
    patronymic = NameField(_l("Patronymic"))
    phone = PhoneField(_l("Phone"))
    email = EmailField(_l("E-mail"))
    password = NewPasswordField(_l("Password"))
    consent = BooleanField("", [agreed(_l("Tick the consent: without it we may not keep your data."))])

    def __init__(self, *, utility: str, mask: str, local: str, **options: Any) -> None:
        """`utility` is whom the consent is given to, `local` the area code."""
        super().__init__(mask=mask, **options)
        self.phone.local = local
        self.consent.label.text = consent(utility)

    def about(self) -> tuple[str | None, ...]:
        return (self.email.data, self.last_name.data, self.first_name.data, self.account_number.data)


class JoinForm(Form):
    """A cabinet by an invitation: the e-mail is the one that its letter went to."""

    last_name = NameField(_l("Surname"), ask=_l("Enter your surname."))
    first_name = NameField(_l("First name"), ask=_l("Enter your first name."))
    patronymic = NameField(_l("Patronymic"))
    phone = PhoneField(_l("Phone"))
    password = NewPasswordField(_l("Password"))
    consent = BooleanField("", [agreed(_l("Tick the consent: without it we may not keep your data."))])

    def __init__(self, *, utility: str, local: str, email: str) -> None:
        super().__init__()
        self.phone.local, self.email = local, email
        self.consent.label.text = consent(utility)

    def about(self) -> tuple[str | None, ...]:
        return (self.email, self.last_name.data, self.first_name.data)


def consent(utility: str) -> str:
    """The words that are agreed to and kept with the consent."""
    words: str = _(
        "I agree that %(utility)s stores and uses the name, e-mail, phone and account number given above to run "
        "my cabinet: to show charges, to take readings and payments and to write to me about them. "
        "The consent holds until I withdraw it in writing.",
        utility=utility,
    )
    return words


class ButtonForm(Form):
    """Nothing but the token against forgery: an act of one press."""
