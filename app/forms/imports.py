"""The upload of a file of another system."""

from typing import Self

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from ..domain.imports import profiles
from ..i18n import _, _l
from ..models import ImportKind
from .base import Form


class UploadForm(Form):
    """A file, and what it looks like."""

    profile = SelectField(_l("What the file looks like"))
    file = FileField(_l("File"), [FileRequired(_l("Choose the file."))])

    @classmethod
    def of(cls, kind: ImportKind) -> Self:
        form = cls()
        form.profile.choices = [(name, _(profiles.PROFILES[name].label)) for name in profiles.of_kind(kind)]
        return form


class ConfirmForm(Form):
    """Nothing but the button."""
