"""Attaching an account of somebody else, and inviting somebody to one's own."""

from datetime import date, datetime
from typing import Any

from wtforms import PasswordField, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..i18n import _, _l
from .base import Form
from .people import EmailField

LIMITS = {
    "may_send": _l("To send readings"),
    "may_pay": _l("To make payments"),
    "may_request": _l("To order services and write requests"),
}


class AttachByPasswordForm(Form):
    login = StringField(
        _l("Login or e-mail of that cabinet"),
        [
            InputRequired(_l("Enter the login or the e-mail of the cabinet that has the account.")),
            Length(max=320, message=_l("Enter the login or the e-mail of the cabinet that has the account.")),
        ],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(_l("Password of that cabinet"), [InputRequired(_l("Enter the password of that cabinet."))])
    number = StringField(
        _l("Account number"), filters=[lambda typed: "".join((typed or "").split())], validators=[Length(max=20)]
    )

    def validate_password(self, field: PasswordField) -> None:
        if len(field.data or "") > 128:
            raise ValidationError(_("Check the password: it is longer than passwords are."))


class InviteForm(Form):
    email = EmailField(_l("E-mail of the person"))
    may = SelectMultipleField(
        _l("Besides looking, the person may"),
        choices=[SelectChoice(*each) for each in LIMITS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    last_day = StringField(_l("Last day"))

    def validate_last_day(self, field: StringField) -> None:
        """A date by the browser's own picker or typed as 22.11.2026; `last_on()` is its value."""
        if self.last_on() is None and field.data and field.data.strip():
            raise ValidationError(_("Enter the last day, for example 31.12.2026, or leave it empty."))

    def last_on(self) -> date | None:
        for shape in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                typed = datetime.strptime((self.last_day.data or "").strip(), shape).date()  # noqa: DTZ007 - a local day
            except ValueError:
                continue
            return typed if 2000 <= typed.year < 2200 else None
        return None

    def limits(self) -> dict[str, Any]:
        return {name: name in (self.may.data or ()) for name in LIMITS}
