"""What staff put right by hand of the charges of an account."""

from collections.abc import Sequence
from decimal import Decimal

from wtforms import RadioField, SelectChoice, SelectField, StringField

from ..domain.corrections import Wish
from ..formats import localized
from ..i18n import _l
from ..models import Service
from .base import Form, MoneyField, one_line
from .reports import WRONG

MORE, LESS, OFFSET = "more", "less", "offset"
SIDES = [
    SelectChoice(MORE, _l("The account owes more")),
    SelectChoice(LESS, _l("The account owes less")),
    SelectChoice(OFFSET, _l("The advance of this service covers the debt of the other one")),
]


class CorrectionForm(Form):
    service = SelectField(_l("Service"), invalid_choice_message=WRONG)
    side = RadioField(_l("What is put right"), choices=SIDES, invalid_choice_message=_l("Choose what is put right."))
    to_service = SelectField(_l("The other service"), default="", invalid_choice_message=WRONG)
    amount = MoneyField(_l("Amount"))
    reason = StringField(_l("Reason"), [one_line])

    def offer(self, services: Sequence[Service]) -> None:
        """The services of the account: only of two can one be set off against the other."""
        names = [SelectChoice(str(service.id), localized(service, "name")) for service in services]
        self.service.choices = names
        self.to_service.choices = [SelectChoice("", "—"), *names]
        self.side.choices = SIDES if len(names) > 1 else SIDES[:2]

    @property
    def wish(self) -> Wish:
        roubles = self.amount.data or Decimal(0)
        return Wish(
            service_id=int(self.service.data),
            amount=-roubles if self.side.data == LESS else roubles,
            reason=(self.reason.data or "").strip(),
            to_service_id=int(self.to_service.data or 0) if self.side.data == OFFSET else None,
        )
