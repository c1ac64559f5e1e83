"""Penalties of an account's debts: the oldest is paid first, no rounding twice, money counts while held."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain import published
from app.domain.billing_penalties import Owed, Part, Received, Weights, owed, parts
from app.domain.penalties import PayerClass

CASES = json.loads((Path(__file__).parents[1] / "data/vectors/penalties.json").read_text("utf-8"))
VECTORS: dict[str, Any] = {case["id"]: case for case in CASES}
RULES = published.penalty_rules()
MAY, JUNE, JULY = (date(2025, month, 1) for month in (5, 6, 7))
DUE = {MAY: date(2025, 6, 10), JUNE: date(2025, 7, 10), JULY: date(2025, 8, 11)}


def roubles(**amounts: str) -> dict[date, Decimal]:
    return {{"may": MAY, "june": JUNE, "july": JULY}[month]: Decimal(amount) for month, amount in amounts.items()}


def money(*received: tuple[str, str]) -> list[Received]:
    return [Received(date.fromisoformat(day), Decimal(amount)) for day, amount in received]


def penalties(billed: dict[date, Decimal], received: list[Received], asof: str) -> dict[date, Owed]:
    its = parts(billed, received, date.fromisoformat(asof))
    return owed(its, PayerClass.citizen, Weights(RULES, DUE.__getitem__))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_penalty_of_the_vectors_is_charged(case: dict[str, Any]) -> None:
    due, amount, paid_on = date.fromisoformat(case["due_date"]), Decimal(case["amount"]), case["paid_on"]
    weights = Weights(RULES, {due.replace(day=1): due}.__getitem__)
    its = parts({due.replace(day=1): amount}, money((paid_on, case["amount"])), date(2026, 12, 31))
    [found] = owed(its, PayerClass(case["payer_class"]), weights).values()
    assert (f"{found.to_date:.2f}", found.days) == (case["penalty"], case["overdue_days"])


def test_a_debt_paid_in_two_parts_costs_what_both_cost() -> None:
    first, second = VECTORS["P08a"], VECTORS["P08b"]
    paid = money((first["paid_on"], first["amount"]), (second["paid_on"], second["amount"]))
    [found] = penalties(roubles(may="2000"), paid, "2025-12-31").values()
    assert found.to_date == Decimal(first["penalty"]) + Decimal(second["penalty"]) == Decimal("60.82")


def test_money_pays_the_oldest_debt_first() -> None:
    its = parts(roubles(may="500", june="300"), money(("2025-07-05", "600")), date(2025, 8, 31))
    assert its == [
        Part(MAY, Decimal(500), date(2025, 7, 5)),
        Part(JUNE, Decimal(100), date(2025, 7, 5)),
        Part(JUNE, Decimal(200), date(2025, 8, 31)),
    ]


def test_what_is_paid_ahead_pays_the_months_to_come() -> None:
    assert penalties(roubles(may="500", june="500"), money(("2025-05-20", "1000")), "2025-12-31") == {
        MAY: Owed(Decimal("0.00"), 0),
        JUNE: Owed(Decimal("0.00"), 0),
    }


def test_money_counts_while_it_is_held() -> None:
    """Paid in time and returned on 1 September, day 83: to the 8th 1/300 of 9.5 % a day, from the 9th 1/130:
    1000 × 9.5 % × (8 / 300 + 22 / 130) = 18.61; the days before cost nothing."""
    paid = money(("2025-06-05", "1000"), ("2025-09-01", "-1000"))
    assert penalties(roubles(may="1000"), paid, "2025-07-10")[MAY].to_date == 0
    assert penalties(roubles(may="1000"), paid, "2025-08-31")[MAY].to_date == 0
    assert penalties(roubles(may="1000"), paid, "2025-09-01")[MAY] == Owed(Decimal("0.32"), 83)
    assert penalties(roubles(may="1000"), paid, "2025-09-30")[MAY] == Owed(Decimal("18.61"), 112)


def test_money_paid_late_and_returned_costs_the_days_before_it_and_those_after() -> None:
    """To 10 August 31 days at 1/300, from 1 to 8 September 8 more; what came again on the 8th ends it."""
    paid = money(("2025-08-10", "1000"), ("2025-09-01", "-400"), ("2025-09-08", "400"))
    assert parts(roubles(may="1000"), paid, date(2025, 9, 30)) == [
        Part(MAY, Decimal(1000), date(2025, 8, 10)),
        Part(MAY, Decimal(400), date(2025, 9, 8), again=date(2025, 9, 1)),
    ]
    [found] = penalties(roubles(may="1000"), paid, "2025-09-30").values()
    assert found.to_date == Decimal("10.83")  # 95 / 300 × 31 = 9.817, 38 / 300 × 8 = 1.013


def test_a_return_takes_the_latest_money_away() -> None:
    paid = money(("2025-06-05", "500"), ("2025-07-05", "300"), ("2025-07-20", "-400"), ("2025-08-01", "100"))
    assert parts(roubles(may="500", june="300"), paid, date(2025, 8, 31)) == [
        Part(MAY, Decimal(500), date(2025, 6, 5)),
        Part(MAY, Decimal(100), date(2025, 8, 1), again=date(2025, 7, 20)),
        Part(JUNE, Decimal(300), date(2025, 7, 5)),
        Part(JUNE, Decimal(300), date(2025, 8, 31), again=date(2025, 7, 20)),
    ]


def test_a_penalty_grows_by_the_day_and_bears_none_itself() -> None:
    """31-90 days cost 1/300 of 9.5 % each: 1000 × 9.5 % / 300 = 0.3167 a day."""
    unpaid = {
        asof: penalties(roubles(may="1000"), [], asof)[MAY] for asof in ("2025-07-10", "2025-07-11", "2025-08-10")
    }
    assert {asof: (f"{found.to_date:.2f}", found.days) for asof, found in unpaid.items()} == {
        "2025-07-10": ("0.00", 30),
        "2025-07-11": ("0.32", 31),
        "2025-08-10": ("9.82", 61),
    }
