"""What is in force for a month: prices, normatives, coefficients and the law's own figures."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.orm import Session

from ..models import PayerGroup
from ..queries import system
from ..queries.billing_tables import Law
from .billing import COLD, HOT, Figure, Rates
from .estimates import SEWERAGE
from .rates import RateBook

CODES = (COLD, SEWERAGE, HOT)
T = TypeVar("T")


def law(session: Session) -> Law:
    """The figures of the law that are settings."""
    values = system.settings(session)
    return Law(
        guessed_periods=int(values["billing.guessed_periods"]),
        tampered_times=int(values["billing.tampered_times"]),
        tampered_back=int(values["billing.tampered_back"]),
        free_hours=int(values["billing.free_hours"]),
        hour_share=Decimal(values["billing.hour_percent"]) / 100,
        impact_share=Decimal(values["billing.impact_percent"]) / 100,
    )


def in_force(book: RateBook, group: PayerGroup, day: date, figures: Law) -> Rates:
    """What a book holds for a payer group on a day; what it does not hold is left out."""
    return Rates(
        prices=dict(_known(lambda code: book.price(code, group, day))),
        normatives=dict(_known(lambda code: _normative(book, code, day))),
        coefficients=dict(_known(lambda code: _coefficient(book, code, day))),
        law=figures,
    )


def _known(found: Callable[[str], T]) -> Iterator[tuple[str, T]]:
    for code in CODES:
        try:
            yield code, found(code)
        except LookupError:
            continue


def _normative(book: RateBook, code: str, day: date) -> Figure:
    row = book.normative_row(code, day)
    return Figure(row.id, row.volume)


def _coefficient(book: RateBook, code: str, day: date) -> Figure:
    row = book.coefficient_row(code, day)
    return Figure(row.id, row.value)
