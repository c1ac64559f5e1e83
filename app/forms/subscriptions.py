"""Subscribing to letters by an e-mail alone."""

from wtforms import SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from ..i18n import _l
from .base import Form
from .people import EmailField


class SubscribeForm(Form):
    email = EmailField(_l("E-mail"))
    categories = SelectMultipleField(
        _l("Letters that I want"),
        [InputRequired(_l("Tick at least one subject."))],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
