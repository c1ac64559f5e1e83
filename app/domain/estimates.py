"""What a volume of water will cost at today's prices, before it is billed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..models import Service
from ..queries.charges import Price
from .calendar import next_month
from .charges import metered_line

SEWERAGE = "sewerage"


@dataclass(frozen=True, slots=True)
class Cost:
    """m³ and roubles, VAT included, of one service."""

    service: Service
    volume: Decimal
    amount: Decimal


def costs(uses: Iterable[tuple[Service, Decimal]], prices: Sequence[Price]) -> list[Cost]:
    """The cost of measured volumes by billed service: water by its own price, and all of it again as sewerage."""
    measured = list(uses)
    found = []
    for price in prices:
        counts = [
            volume
            for service, volume in measured
            if service.id == price.service.id or price.service.code == SEWERAGE != service.code
        ]
        if counts:
            volume = sum(counts, Decimal(0))
            line = metered_line(volume, price.price, price.vat_rate, price.vat_mode)
            found.append(Cost(price.service, volume, line.amount))
    return found


def total(parts: Iterable[Cost]) -> Decimal:
    return sum((part.amount for part in parts), Decimal(0))


def last_day(period: date) -> date:
    """The day whose prices a period takes."""
    return next_month(period) - timedelta(days=1)
