"""What a clerk writes down at the window before a slip is printed."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Optional

from ..domain.office_desk import DOCUMENTS
from ..i18n import _, _l
from ..models import SiteUser
from .base import Form
from .people import EmailField, NameField, agreed

NEW = "new"


class _OptionalEmailField(EmailField):
    def __init__(self, label: Any, **options: Any) -> None:
        StringField.__init__(self, label, [Optional()], **options)

    def pre_validate(self, form: PlainForm) -> None:
        if (self.data or "").strip():
            super().pre_validate(form)


class SlipForm(Form):
    whom = RadioField(_l("For which cabinet"), [InputRequired(_l("Choose the cabinet."))])
    last_name = NameField(_l("Surname"))
    first_name = NameField(_l("First name"))
    patronymic = NameField(_l("Patronymic"))
    email = _OptionalEmailField(_l("E-mail"))
    consent = BooleanField(_l("The person has signed the consent to the processing of personal data"))
    document = RadioField(
        _l("The paper that was shown"),
        [InputRequired(_l("Choose the paper that you were shown."))],
        choices=[SelectChoice(name, words) for name, words in DOCUMENTS.items()],
    )
    checked = BooleanField(
        _l("I have compared the person with the original of the paper; no copy was kept"),
        [agreed(_l("Compare the person with the paper, then tick it."))],
    )
    seen = HiddenField()

    def __init__(self, cabinets: Iterable[SiteUser], **options: Any) -> None:
        super().__init__(**options)
        self.last_name.flags.optional = self.first_name.flags.optional = False  # needed for a new cabinet
        known = (
            SelectChoice(
                str(user.id),
                _("a new password for %(login)s, %(name)s", login=user.username, name=user.get_full_name()),
            )
            for user in cabinets
        )
        self.whom.choices = [SelectChoice(NEW, _("a new cabinet")), *known]

    @property
    def is_new(self) -> bool:
        return bool(self.whom.data == NEW)

    def validate(self, **options: Any) -> bool:
        """A new cabinet needs a name and a consent; one that is there has them."""
        is_valid = bool(super().validate(**options))
        needed = {
            self.last_name: _("Enter the surname."),
            self.first_name: _("Enter the first name."),
            self.consent: _("Let the person sign the consent, then tick it."),
        }
        missing = [field for field in needed if self.is_new and not field.data and not field.errors]
        for field in missing:
            field.errors = [needed[field]]
        return is_valid and not missing
