"""Sign-in."""

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from ..i18n import _l
from .base import Form


class SignInForm(Form):
    username = StringField(
        _l("Login or e-mail"),
        [InputRequired(_l("Enter the login or the e-mail."))],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter the password."))])
