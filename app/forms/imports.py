"""The upload of a file of another system."""

from typing import Self

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from ..i18n import _l
from .base import Form


class UploadForm(Form):
    """A file, and what it looks like."""

    profile = SelectField(_l("What the file looks like"))
    file = FileField(_l("File"), [FileRequired(_l("Choose the file."))])

    @classmethod
    def of(cls, choices: list[tuple[str, str]]) -> Self:
        """`choices`: names of profiles with their words."""
        form = cls()
        form.profile.choices = choices
        return form


class ConfirmForm(Form):
    """Nothing but the button."""
