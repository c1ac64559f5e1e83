"""Rates with dates: prices, normatives, coefficients, value added tax. Every figure is a row, none a constant.

A month takes the price and the tax of its last day, and the coefficient too (domain.md): pass that day.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..model_types import Base
from ..models import ActStatus, Coefficient, Normative, PayerGroup, Service, Tariff, VatMode, VatRate
from ..queries import charges

DATA = Path(__file__).resolve().parents[1] / "data"
TERRITORY = "Пермь"
CATEGORY = "Ванна 1650–1700 мм с душем"

Row = TypeVar("Row", Tariff, Normative, Coefficient, VatRate)


def load_demo(session: Session) -> None:
    """The demo's rates (`app/data/*.csv`) into an installation that has none. A utility loads its own."""
    if session.scalar(select(Tariff.id).limit(1)) is not None:
        return
    services = {service.code: service.id for service in session.scalars(select(Service))}
    session.add_all(_rows(services))
    session.flush()


def _rows(services: dict[str, int]) -> Iterator[Base]:
    for row in _lines("tariffs_demo.csv"):
        yield Tariff(
            service_id=services[row["service"]],
            payer_group=PayerGroup(row["payer_group"]),
            territory=row["territory"],
            price=Decimal(row["price"]),
            vat_mode=VatMode(row["vat_mode"]),
            act=row["act"],
            status=ActStatus(row["status"]),
            **_interval(row),
        )
    for row in _lines("coefficients.csv"):
        yield Coefficient(
            service_id=services[row["service"]], value=Decimal(row["value"]), act=row["act"], **_interval(row)
        )
    for row in _lines("normatives_demo.csv"):
        yield Normative(
            category=row["category"],
            service_id=services[row["service"]],
            volume=Decimal(row["volume"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            act=row["act"],
        )
    for row in _lines("vat_rates.csv"):
        yield VatRate(percent=Decimal(row["percent"]), valid_from=date.fromisoformat(row["valid_from"]), act=row["act"])


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _interval(row: dict[str, str]) -> dict[str, date | None]:
    ends = row["valid_to"]
    return {"valid_from": date.fromisoformat(row["valid_from"]), "valid_to": date.fromisoformat(ends) if ends else None}


@dataclass(frozen=True, slots=True)
class Price:
    """What 1 m³ costs a payer group on a day; `vat_rate` in percent."""

    tariff_id: int
    amount: Decimal
    vat_mode: VatMode
    vat_rate: Decimal


class RateBook:
    """All rates of one territory and one category of housing, read once. Services are named by their code.

    Each method raises LookupError where nothing is in force on the day.
    """

    def __init__(self, session: Session, *, territory: str = TERRITORY, category: str = CATEGORY) -> None:
        codes = {service.id: service.code for service in session.scalars(select(Service))}
        self._tariffs = [(codes[row.service_id], row) for row in session.scalars(charges.tariffs(territory))]
        self._normatives = [
            (codes[row.service_id], row)
            for row in session.scalars(select(Normative).where(Normative.category == category))
        ]
        self._coefficients = [(codes[row.service_id], row) for row in session.scalars(select(Coefficient))]
        self._vat = list(session.scalars(select(VatRate)))

    def price(self, service: str, group: PayerGroup, day: date) -> Price:
        rows = (row for code, row in self._tariffs if code == service and row.payer_group is group)
        row = _in_force(rows, day)
        return Price(row.id, row.price, row.vat_mode, _in_force(self._vat, day).percent)

    def normative(self, service: str, day: date) -> Decimal:
        """m³ a person a month."""
        return _in_force((row for code, row in self._normatives if code == service), day).volume

    def coefficient(self, service: str, day: date) -> Decimal:
        return _in_force((row for code, row in self._coefficients if code == service), day).value


def _in_force(rows: Iterable[Row], day: date) -> Row:
    """The row that began last and has not ended."""
    current = [row for row in rows if row.valid_from <= day and (getattr(row, "valid_to", None) or day) >= day]
    if not current:
        raise LookupError(f"No rate is in force on {day}")
    return max(current, key=lambda row: row.valid_from)
