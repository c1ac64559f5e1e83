"""The form of the table of all meters: its fields are as many as the meters, and lines from a spreadsheet."""

from collections.abc import Mapping
from decimal import Decimal

from wtforms import TextAreaField
from wtforms.validators import Length

from ..domain.errors import DomainError
from ..domain.numbers import parse_volume
from ..i18n import _l
from .base import Form

LONGEST, LONGEST_ID = 60_000, 20
VALUE, CONFIRM = "value-", "confirm-"


class BulkReadingsForm(Form):
    lines = TextAreaField(
        _l("From a spreadsheet"), [Length(max=LONGEST, message=_l("This is too long: send the lines in parts."))]
    )


def typed(sent: Mapping[str, str]) -> dict[int, str]:
    """The texts of the table's fields by the meter's id."""
    return _of_meters(sent, VALUE)


def confirmed(sent: Mapping[str, str]) -> dict[int, Decimal]:
    """The unusual values that were ticked as right, by the meter's id."""
    found = {}
    for meter_id, text in _of_meters(sent, CONFIRM).items():
        try:
            found[meter_id] = parse_volume(text)
        except DomainError:
            continue
    return found


def _of_meters(sent: Mapping[str, str], prefix: str) -> dict[int, str]:
    names = ((name.removeprefix(prefix), text) for name, text in sent.items() if name.startswith(prefix))
    ids = ((name, text) for name, text in names if name.isascii() and name.isdigit() and len(name) < LONGEST_ID)
    return {int(name): text.replace("\x00", "") for name, text in ids}
