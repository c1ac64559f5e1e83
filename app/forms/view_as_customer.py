"""Whose cabinet a member of staff looks at, and why."""

from collections.abc import Iterable

from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from ..domain.registration import masked
from ..i18n import _l
from ..models import SiteUser
from .base import Form, no_card_number


class ViewAsCustomerForm(Form):
    whom = RadioField(_l("Whose cabinet"), [InputRequired(_l("Choose the cabinet."))])
    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Write why you look: the customer reads it.")),
            Length(max=300, message=_l("Make the reason shorter: at most 300 characters.")),
            no_card_number,
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )

    def __init__(self, cabinets: Iterable[SiteUser]) -> None:
        super().__init__()
        self.whom.choices = [SelectChoice(str(user.id), _named(user)) for user in cabinets]
        if len(self.whom.choices) == 1 and not self.is_submitted():
            self.whom.data = self.whom.choices[0].value


def _named(user: SiteUser) -> str:
    return f"{user.get_full_name()}, {masked(user.known_email) if user.known_email else user.username}"
