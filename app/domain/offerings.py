"""The catalogue of services as staff keep it: what each costs, how soon it is answered, what it asks for."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import AnswerTemplate, FieldKind, OfferingField, ServiceOffering, ServiceRequest
from .errors import DomainError

CODE = re.compile(r"[a-z][a-z0-9-]{1,29}")
LONGEST_TERM = 365
MOST_CHOICES = 50
Answer = Mapping[str, str]
"""What was asked and answered: label, label_en, kind, value, value_en."""


def choices(text: str) -> list[str]:
    """What stands between semicolons."""
    return [choice for part in text.split(";") if (choice := " ".join(part.split()))]


def answer(field: OfferingField, value: str) -> dict[str, str]:
    """An answer as it is kept: in the words of today, whatever becomes of the field. `value` of a choice is its place
    in the list, of a yes or no «yes» or «no», of a day YYYY-MM-DD."""
    twin = ""
    if field.kind is FieldKind.choice:
        place = int(value)
        value, twin = choices(field.choices)[place], choices(field.choices_en)[place]
    return {
        "label": field.label,
        "label_en": field.label_en,
        "kind": field.kind.value,
        "value": value,
        "value_en": twin,
    }


def fill_in(template: AnswerTemplate, request: ServiceRequest, promised: str) -> str:
    """The text of a template for a request; braces that name nothing stay as they are."""
    known = {"{number}": request.number, "{service}": request.offering.name, "{date}": promised}
    text = template.body
    for name, value in known.items():
        text = text.replace(name, value)
    return text


# what staff keep in the panel ---------------------------------------------------------------------------


def prepare(session: Session, row: ServiceOffering) -> None:
    row.code = "".join((row.code or "").split()).lower()
    if CODE.fullmatch(row.code) is None:
        raise DomainError(_("Enter a code of Latin letters, digits and hyphens, for example meter."), field="code")
    for name in ("name", "name_en", "description", "description_en"):
        setattr(row, name, " ".join((getattr(row, name) or "").split()))
    if not 0 <= row.term_days <= LONGEST_TERM:
        raise DomainError(_("Enter a term of up to %(most)s days.", most=LONGEST_TERM), field="term_days")


def prepare_field(session: Session, row: OfferingField) -> None:
    """Raise DomainError for choices that a form could not offer in both languages."""
    row.label, row.label_en = " ".join(row.label.split()), " ".join(row.label_en.split())
    lists: Sequence[list[str]] = [choices(row.choices or ""), choices(row.choices_en or "")]
    if row.kind is not FieldKind.choice:
        row.choices = row.choices_en = ""
        return
    if not 2 <= len(lists[0]) <= MOST_CHOICES or len(set(lists[0])) < len(lists[0]):
        message = _("Enter from 2 to %(most)s different choices with semicolons between them.", most=MOST_CHOICES)
        raise DomainError(message, field="choices")
    if len(lists[0]) != len(lists[1]):
        message = _("Enter as many choices in English, in the same order.")
        raise DomainError(message, field="choices_en")
    row.choices, row.choices_en = "; ".join(lists[0]), "; ".join(lists[1])


def prepare_template(session: Session, row: AnswerTemplate) -> None:
    row.name = " ".join(row.name.split())
    row.body = row.body.replace("\r\n", "\n").strip()
