"""What a service asks for, as fields of a form: drawn from rows that staff keep, validated on the server."""

from datetime import date, datetime
from typing import Any

from wtforms import RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from ..domain import free_text, offerings
from ..formats import localized
from ..i18n import _, _l
from ..models import FieldKind, OfferingField, ServiceOffering
from .base import Form, NumberField, one_line

LONGEST_TEXT = 500
YES, NO = "yes", "no"
_FORMATS = ("%Y-%m-%d", "%d.%m.%Y")


class DayField(StringField):
    """A date by the browser's own picker, or typed as 22.11.2026."""

    data: date | None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        for form in _FORMATS if text else ():
            try:
                typed = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if 1900 <= typed.year < 2200:
                self.data = typed
                return
        if text:
            raise ValueError(_("Enter the date as day, month and year, for example 22.11.2026."))


def name_of(field: OfferingField) -> str:
    return f"field-{field.id}"


def bound(asked: OfferingField) -> Any:
    """The field of a form that asks for it."""
    label = localized(asked, "label")
    is_choice = asked.kind in (FieldKind.choice, FieldKind.yes_no)
    message = _("Choose: %(label)s.", label=label) if is_choice else _("Write in: %(label)s.", label=label)
    rules: list[Any] = [InputRequired(message) if asked.is_required else Optional()]
    made: Any
    if asked.kind is FieldKind.number:
        made = NumberField(label, rules)
    elif asked.kind is FieldKind.date:
        made = DayField(label, rules)
    elif asked.kind is FieldKind.choice:
        names = offerings.choices(localized(asked, "choices"))
        choices = [
            SelectChoice("", _("Choose from the list")),
            *(SelectChoice(str(n), name) for n, name in enumerate(names)),
        ]
        made = SelectField(label, [*rules, _of_the_list], choices=choices, validate_choice=False)
    elif asked.kind is FieldKind.yes_no:
        choices = [SelectChoice(YES, _("Yes")), SelectChoice(NO, _("No"))]
        made = RadioField(label, [*rules, _of_the_list], choices=choices, validate_choice=False)
    else:
        shorter = Length(max=LONGEST_TEXT, message=_l("Shorten the text to %(max)d characters."))
        made = StringField(label, [*rules, shorter, one_line], filters=[free_text.tidy_line])
    return made


def _of_the_list(form: Form, field: SelectField) -> None:
    if field.data and field.data not in {choice.value for choice in field.choices or ()}:
        raise ValidationError(_("Choose from the list."))


def answers(form: Form, chosen: ServiceOffering) -> list[dict[str, str]]:
    """What a valid form answers; what was left empty is left out."""
    values = ((field, form[name_of(field)].data) for field in chosen.fields)
    return [offerings.answer(field, str(value)) for field, value in values if value is not None and value != ""]
