"""The second step of signing in."""

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from ..i18n import _l
from .base import Form


class CodeForm(Form):
    code = StringField(
        _l("Code"),
        [
            InputRequired(_l("Enter the code.")),
            Length(max=40, message=_l("A code has six digits, one on paper has twelve signs.")),
        ],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class FirstCodeForm(CodeForm):
    offered = HiddenField()
    """The secret, sealed."""
