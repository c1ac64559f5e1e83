"""The rates that come with the product (`app/data/*.csv`), each with its act: what `flask load-rates` puts into the
tables, and what a question on the command line is answered with where there is no database yet."""

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar

from .penalties import KeyRate, Moratorium, PayerClass, PenaltyRules, PenaltyShare, RateCap

DATA = Path(__file__).resolve().parents[1] / "data"
Row = Mapping[str, str]
T = TypeVar("T")


def lines(name: str) -> list[Row]:
    """The lines of a file of the product's data, by its columns."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def penalty_rules() -> PenaltyRules:
    return PenaltyRules(
        key_rates=_all("key_rates.csv", lambda row: KeyRate(_date(row["valid_from"]), Decimal(row["percent"]))),
        caps=_all(
            "penalty_caps.csv",
            lambda row: RateCap(_date(row["valid_from"]), day(row["valid_to"]), Decimal(row["percent"])),
        ),
        shares=_all(
            "penalty_shares.csv",
            lambda row: PenaltyShare(PayerClass(row["payer_class"]), int(row["first_day"]), int(row["share"])),
        ),
        moratoria=_all(
            "moratoria.csv",
            lambda row: Moratorium(_date(row["first_on"]), _date(row["last_on"]), day(row["debts_before"])),
        ),
    )


def _all(name: str, made: Callable[[Row], T]) -> tuple[T, ...]:
    return tuple(map(made, lines(name)))


def _date(text: str) -> date:
    return date.fromisoformat(text)
