"""What staff decide about money: whose it is, whether it came, what goes back."""

from wtforms import StringField

from ..i18n import _l
from .base import Form, MoneyField, one_line


class ReasonForm(Form):
    """Any decision is written down with its reason."""

    reason = StringField(_l("Reason"), [one_line])


class AssignForm(ReasonForm):
    account = StringField(_l("Account number"))


class DecisionForm(ReasonForm):
    operation = StringField(_l("Number of the gateway's operation"))


class RefundForm(ReasonForm):
    amount = MoneyField(_l("Sum to return"))
