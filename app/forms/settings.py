"""What a customer changes about themselves."""

from typing import Any

from wtforms import BooleanField, PasswordField, RadioField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..i18n import _, _l
from .base import Form
from .people import EmailField, PhoneField, agreed
from .recovery import NewPasswordForm


class _CurrentPasswordField(PasswordField):
    def __init__(self, **options: Any) -> None:
        super().__init__(_l("Current password"), [InputRequired(_l("Enter the current password."))], **options)

    def pre_validate(self, form: PlainForm) -> None:
        if len(self.data or "") > 128:
            raise ValidationError(
                _("This is not your current password. Check the capital letters and the language of the keyboard.")
            )


class PasswordForm(NewPasswordForm):
    current = _CurrentPasswordField()


class EmailForm(Form):
    email = EmailField(_l("New e-mail"))
    current = _CurrentPasswordField()


class PhoneForm(Form):
    phone = PhoneField(_l("Phone"))
    current = _CurrentPasswordField()


class ClosingForm(Form):
    current = _CurrentPasswordField()
    agreed = BooleanField(
        _l("I understand that the cabinet cannot be brought back"),
        [agreed(_l("Tick that you understand it, or leave the cabinet as it is."))],
    )


class LanguageForm(Form):
    language = RadioField(_l("Language of the pages and letters"), validate_choice=True)


class SubscriptionsForm(Form):
    categories = SelectMultipleField(
        _l("Letters that I want"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
