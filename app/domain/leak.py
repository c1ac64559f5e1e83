"""The leak test: with all taps closed a meter is read twice, and what it counted between is lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .. import formats
from ..i18n import _
from .errors import DomainError

SHORTEST = timedelta(minutes=20)
HOURS_A_MONTH = 730
LITRES = 1000


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first look at a meter; its value is m³."""

    meter_id: int
    value: Decimal
    at: datetime

    @property
    def ready_at(self) -> datetime:
        """The meter counts litres: in less time a small leak does not show."""
        return self.at + SHORTEST


@dataclass(frozen=True, slots=True)
class Leak:
    """What was lost: litres between the looks, litres an hour to a tenth, m³ a month."""

    litres: Decimal
    an_hour: Decimal
    a_month: Decimal


def check_value(value: Decimal | None) -> Decimal:
    """A value that tells litres. Raises DomainError (field `value`) for whole m³: nothing would show in an hour."""
    if value is None:
        raise DomainError(_("Enter all digits of the meter, the red ones too."), field="value")
    if value.as_tuple().exponent == 0:
        raise DomainError(
            _("Enter the red digits too, after a comma: they are the litres that a leak shows in."), field="value"
        )
    return value


def measured(begun: Beginning, value: Decimal, now: datetime, digits: int) -> Leak:
    """What the meter counted since the first look. `digits`: the black ones, after which it starts anew.

    Raises DomainError (field `value`) before the shortest time has passed and for a value below the first one.
    """
    if now < begun.ready_at:
        ready = formats.time_of_day(begun.ready_at)
        raise DomainError(_("Wait until %(time)s: in less time a small leak does not show.", time=ready), field="value")
    top = Decimal(10) ** digits
    lost = value - begun.value if value >= begun.value else value + top - begun.value
    if lost > top / 2:
        raise DomainError(
            _("The meter showed more the first time, %(value)s m³. Look again.", value=formats.volume(begun.value)),
            field="value",
        )
    hours = Decimal((now - begun.at).total_seconds()) / 3600
    exact = lost / hours
    return Leak(
        lost * LITRES,
        (exact * LITRES).quantize(Decimal("0.1"), ROUND_HALF_UP),
        (exact * HOURS_A_MONTH).quantize(Decimal("0.001"), ROUND_HALF_UP),
    )
