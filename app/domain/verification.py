"""How long a meter's verification holds: after it the readings are not charged by (ПП 354, п. 81(12) and 59)."""

from datetime import date
from enum import StrEnum

from ..models import Meter

SOON, VERY_SOON = 60, 30  # days


class Verification(StrEnum):
    unknown = "unknown"
    valid = "valid"
    soon = "soon"  # ends within 60 days
    very_soon = "very_soon"  # ends within 30 days
    over = "over"

    @property
    def warns(self) -> bool:
        return self in (Verification.soon, Verification.very_soon, Verification.over)


def state(meter: Meter, today: date) -> Verification:
    """The last day of the verification is still a valid one."""
    if meter.verified_until is None:
        return Verification.unknown
    left = (meter.verified_until - today).days
    if left < 0:
        return Verification.over
    if left <= VERY_SOON:
        return Verification.very_soon
    return Verification.soon if left <= SOON else Verification.valid
