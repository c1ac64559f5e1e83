"""What staff write into a mailing, and whom it is for."""

from collections.abc import Sequence
from typing import Any, Self

from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from ..domain.campaigns import Text
from ..formats import localized
from ..i18n import _, _l
from ..models import Campaign, Locality, MailingCategory, PayerGroup
from .base import Form, no_card_number, one_line
from .requests import tidy

LONGEST_SUBJECT, LONGEST_BODY = 150, 10_000


def _at_most(count: int) -> Length:
    return Length(max=count, message=_l("Shorten the text to %(max)d characters."))


class CampaignForm(Form):
    category = SelectField(_l("Category"), [InputRequired(_l("Choose the category."))], coerce=int)
    subject = StringField(
        _l("Subject"), [DataRequired(_l("Write the subject of the letter.")), one_line, _at_most(LONGEST_SUBJECT)]
    )
    body = TextAreaField(
        _l("Text"),
        [DataRequired(_l("Write the text of the letter.")), _at_most(LONGEST_BODY), no_card_number],
        filters=[tidy],
    )
    locality = SelectField(_l("Town"), coerce=int)
    district = StringField(_l("District"), [_at_most(100), one_line])
    payer_group = SelectField(_l("Customers"))
    work = SelectField(_l("Works on the networks"), coerce=int)

    @classmethod
    def of(
        cls,
        categories: Sequence[MailingCategory],
        localities: Sequence[Locality],
        works: Sequence[tuple[int, str]],
        **values: Any,
    ) -> Self:
        form = cls(**values)
        form.category.choices = [(each.id, localized(each, "name")) for each in categories]
        form.locality.choices = [(0, _("Everywhere")), *((each.id, each.name) for each in localities)]
        groups = (SelectChoice(group.value, group.label) for group in PayerGroup)
        form.payer_group.choices = [SelectChoice("", _("All customers")), *groups]
        form.work.choices = [(0, _("All houses")), *works]
        return form

    @staticmethod
    def values_of(campaign: Campaign) -> dict[str, Any]:
        return {
            "category": campaign.category_id,
            "subject": campaign.subject,
            "body": campaign.body,
            "locality": campaign.locality_id or 0,
            "district": campaign.district or "",
            "payer_group": campaign.payer_group.value if campaign.payer_group else "",
            "work": campaign.work_id or 0,
        }

    def text(self) -> Text:
        """What a valid form says."""
        group = self.payer_group.data
        return Text(
            category_id=self.category.data,
            subject=" ".join(str(self.subject.data).split()),
            body=str(self.body.data),
            locality_id=self.locality.data or None,
            district=" ".join((self.district.data or "").split()) or None,
            payer_group=PayerGroup(group) if group else None,
            work_id=self.work.data or None,
        )
