"""The forms of the leak test."""

from collections.abc import Sequence

from wtforms import RadioField

from ..formats import localized
from ..i18n import _l
from ..models import Meter
from .base import Form, ReadingField


class LeakForm(Form):
    """The meter is asked for at the first look only."""

    meter = RadioField(_l("Meter"), choices=[])
    value = ReadingField(_l("The meter shows now"))

    def offer(self, meters: Sequence[Meter]) -> None:
        if meters:
            self.meter.choices = [
                (str(meter.id), f"{localized(meter.service, 'name')}, {meter.serial}") for meter in meters
            ]
            self.meter.data = self.meter.data or str(meters[0].id)
        else:
            del self.meter
