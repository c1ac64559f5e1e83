"""Penalties: shares by class and day, the cap and its end, moratoria, one rounding."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import published
from app.domain.penalties import KeyRate, PayerClass, Penalty, PenaltyShare, RateCap

VECTORS = json.loads((Path(__file__).parents[1] / "data/vectors/penalties.json").read_text("utf-8"))
RULES = published.penalty_rules()
DAY = timedelta(days=1)
classes = st.sampled_from(PayerClass)
debts = st.decimals("0.01", "1000000", places=2)


def of(due: str, paid: str, *, amount: str = "1000.00", payer_class: PayerClass = PayerClass.citizen) -> Penalty:
    return RULES.penalty(
        Decimal(amount), payer_class=payer_class, due=date.fromisoformat(due), paid=date.fromisoformat(paid)
    )


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"])
def test_every_penalty_of_the_vectors_is_reproduced(case: dict[str, Any]) -> None:
    rules = RULES
    if case["hypothetical_key_rate"] is not None:
        rules = replace(RULES, key_rates=[KeyRate(date.min, Decimal(case["hypothetical_key_rate"]))])
    found = rules.penalty(
        Decimal(case["amount"]),
        payer_class=PayerClass(case["payer_class"]),
        due=date.fromisoformat(case["due_date"]),
        paid=date.fromisoformat(case["paid_on"]),
    )
    segments = [{"rate": f"{each.rate:.2f}", "den": each.share, "days": each.days} for each in found.segments]
    assert (f"{found.amount:.2f}", found.days, segments) == (case["penalty"], case["overdue_days"], case["segments"])


def test_the_cap_ends_with_2026_and_the_key_rate_of_the_payment_counts_after_it() -> None:
    segments = of("2026-12-25", "2027-01-10", payer_class=PayerClass.other).segments
    assert [(each.rate, each.days) for each in segments] == [(Decimal("9.50"), 6), (Decimal("15.50"), 10)]


def test_a_moratorium_takes_days_out_while_the_count_goes_on() -> None:
    spring = of("2020-03-10", "2021-01-05")
    assert spring.days == 301
    assert [(each.share, each.days) for each in spring.segments] == [(130, 5)]
    assert of("2022-04-10", "2022-10-01").segments != ()  # the debt arose in the moratorium, which is not for it


@given(payer_class=classes, amount=debts, days=st.integers(0, 1000))
def test_a_day_more_never_costs_less(payer_class: PayerClass, amount: Decimal, days: int) -> None:
    due = date(2024, 1, 10)
    rules = replace(RULES, key_rates=[KeyRate(date.min, Decimal(16))])
    earlier, later = (
        rules.penalty(amount, payer_class=payer_class, due=due, paid=due + (days + more) * DAY) for more in (0, 1)
    )
    assert 0 <= earlier.amount <= later.amount
    assert earlier.days == days
    assert sum(each.days for each in earlier.segments) <= days


@given(
    payer_class=classes,
    due=st.dates(min(each.valid_from for each in RULES.key_rates), date(2027, 6, 1)),
    days=st.integers(0, 1500),
    returned=st.none() | st.integers(0, 1500),
)
def test_runs_of_days_are_what_each_day_alone_costs(
    payer_class: PayerClass, due: date, days: int, returned: int | None
) -> None:
    """A day's cost follows from that day alone: the share by its number, moratoria and caps by its date."""
    paid = due + days * DAY
    rate = max((each for each in RULES.key_rates if each.valid_from <= paid), key=lambda each: each.valid_from).percent

    def holds(rule: RateCap | PenaltyShare, day: date) -> bool:
        return rule.valid_from <= day <= (rule.valid_to or day)

    alone = []
    for number in range(max(returned or 0, 1), days + 1):
        day = due + number * DAY
        steps = (each for each in RULES.shares if each.payer_class == payer_class and holds(each, day))
        step = max((each for each in steps if each.first_day <= number), key=lambda each: each.first_day, default=None)
        is_idle = any(
            each.first_on <= day <= each.last_on and due < (each.debts_before or date.max) for each in RULES.moratoria
        )
        if step and step.share and not is_idle:
            alone.append((min([rate, *(each.percent for each in RULES.caps if holds(each, day))]), step.share))
    found = RULES.segments(payer_class, due, paid, None if returned is None else due + returned * DAY)
    assert [(each.rate, each.share) for each in found for _ in range(each.days)] == alone


def test_a_payment_in_time_costs_nothing() -> None:
    assert of("2026-04-15", "2026-04-15") == of("2026-04-15", "2026-03-01") == Penalty(Decimal(0), 0, ())
