"""What stands in a request, in the words of the reader."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ..formats import long_date, volume
from ..i18n import _, locale
from ..models import FieldKind, ServiceRequest


def answers_of(sent: ServiceRequest) -> list[tuple[str, str]]:
    """(question, answer) of what the service asked for."""
    is_english = getattr(locale(), "language", "") == "en"
    return [
        (answer["label_en"] if is_english else answer["label"], _shown(answer, is_english)) for answer in sent.answers
    ]


def _shown(answer: Mapping[str, str], is_english: bool) -> str:
    value = answer["value"]
    kind = FieldKind(answer["kind"])
    if kind is FieldKind.number:
        return volume(Decimal(value))
    if kind is FieldKind.date:
        return long_date(date.fromisoformat(value))
    if kind is FieldKind.yes_no:
        return _("Yes") if value == "yes" else _("No")
    return answer["value_en"] or value if is_english else value
