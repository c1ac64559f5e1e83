"""Where the houses of the demo stand: along their streets, not where the real ones are; and their districts."""

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...models import House
from ..house_places import STEP
from .content import content

LAST_NUMBER = 130
ASIDE = Decimal("0.00025")
"""Odd houses stand so many degrees to one side of their street, even ones to the other."""


def lay_out(session: Session) -> None:
    streets = content()["streets"]
    for house in session.scalars(select(House).options(joinedload(House.street))):
        told = streets.get(house.street.name)
        if told is not None:
            house.district = told["district"]
            house.longitude, house.latitude = _place(house.number, told)


def _place(number: str, told: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """On the way from the street's first to its last house as far as the number is from the highest one."""
    digits = re.match(r"[0-9]+", number)
    count = int(digits[0]) if digits else 1
    part, side = Decimal(min(count, LAST_NUMBER)) / LAST_NUMBER, ASIDE if count % 2 else -ASIDE
    (x1, y1), (x2, y2) = ([Decimal(str(each)) for each in told[end]] for end in ("from", "to"))
    is_across = abs(x2 - x1) >= abs(y2 - y1)
    x = x1 + (x2 - x1) * part + (0 if is_across else 2 * side)
    y = y1 + (y2 - y1) * part + (side if is_across else 0)
    return x.quantize(STEP), y.quantize(STEP)
