"""A forgotten password, and the new one after a one-time password."""

from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ..i18n import _l
from .base import Form
from .people import NewPasswordField


class RecoveryForm(Form):
    login = StringField(
        _l("Login or e-mail"),
        [
            InputRequired(_l("Enter the login or the e-mail.")),
            Length(max=320, message=_l("Enter only the login or the e-mail.")),
        ],
    )


class NewPasswordForm(Form):
    """`known` is what others know of the person."""

    password = NewPasswordField(_l("New password"))

    def __init__(self, known: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self._known = known

    def about(self) -> tuple[str, ...]:
        return self._known
