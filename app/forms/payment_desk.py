"""What staff decide about money: whose it is, whether it came, what goes back."""

from datetime import date

from wtforms import SelectChoice, SelectField, StringField, ValidationError

from ..i18n import _, _l
from .base import Form, MoneyField, one_line
from .reports import WRONG, Filter


class ReasonForm(Form):
    """Any decision is written down with its reason."""

    reason = StringField(_l("Reason"), [one_line])


class AssignForm(ReasonForm):
    account = StringField(_l("Account number"))


class DecisionForm(ReasonForm):
    operation = StringField(_l("Number of the gateway's operation"))


class RefundForm(ReasonForm):
    amount = MoneyField(_l("Sum to return"))


SIDES = [SelectChoice("gateway", _l("the payment organisation")), SelectChoice("banks", _l("the banks"))]
MATCHES = [
    SelectChoice("", _l("what does not match")),
    SelectChoice("both", _l("what matches")),
    SelectChoice("ours", _l("only here")),
    SelectChoice("theirs", _l("only there")),
    SelectChoice("differs", _l("different sums")),
]


class RegisterFilter(Filter):
    """Which day, against whom, which operations."""

    day = StringField(_l("Day"))
    side = SelectField(_l("Against"), default="gateway", choices=SIDES, invalid_choice_message=WRONG)
    match = SelectField(_l("Show"), default="", choices=MATCHES, invalid_choice_message=WRONG)

    def validate_day(self, field: StringField) -> None:
        try:
            year = date.fromisoformat(field.data or "").year
        except ValueError:
            year = 0
        if not 2000 <= year < 2200:
            raise ValidationError(_("Enter a day, for example 2026-11-21."))

    @property
    def on(self) -> date:
        return date.fromisoformat(self.day.data or "")
