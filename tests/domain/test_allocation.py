"""Payments meet the oldest debt of their own service first."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.allocation import Debt, Part, allocate, spread, unpaid
from app.models import EntryKind
from app.queries.payments import Movement

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
COLD, SEWERAGE = 1, 2

roubles = st.integers(1, 10**9).map(lambda kopecks: Decimal(kopecks) / 100)
services = st.integers(1, 4)
periods = st.integers(1, 12).map(lambda month: date(2026, month, 1))
debts = st.lists(st.builds(Debt, services, periods, roubles, st.booleans()), max_size=12)
orders = st.dictionaries(services, roubles, min_size=1)


def test_the_oldest_period_is_paid_first_penalties_last_and_the_rest_is_an_advance() -> None:
    owed = [
        Debt(COLD, JULY, Decimal(30)),
        Debt(COLD, MAY, Decimal(5), is_penalty=True),
        Debt(COLD, JUNE, Decimal(20)),
        Debt(SEWERAGE, MAY, Decimal(100)),
    ]
    assert allocate({COLD: Decimal(60)}, owed) == [
        Part(COLD, JUNE, Decimal(20)),
        Part(COLD, JULY, Decimal(30)),
        Part(COLD, MAY, Decimal(5), is_penalty=True),
        Part(COLD, None, Decimal(5)),
    ]


@given(orders, debts)
def test_the_parts_of_a_service_add_up_to_its_line(lines: dict[int, Decimal], owed: list[Debt]) -> None:
    parts = allocate(lines, owed)
    assert all(part.amount > 0 for part in parts)
    for service_id, amount in lines.items():
        assert sum(part.amount for part in parts if part.service_id == service_id) == amount
    assert {part.service_id for part in parts} == lines.keys()


@given(orders, debts)
def test_no_debt_is_paid_beyond_its_sum_and_no_advance_stands_beside_a_debt(
    lines: dict[int, Decimal], owed: list[Debt]
) -> None:
    parts = allocate(lines, owed)
    for service_id in lines:
        due = sum((debt.amount for debt in owed if debt.service_id == service_id), Decimal(0))
        paid = sum((p.amount for p in parts if p.service_id == service_id and p.period), Decimal(0))
        advance = sum((p.amount for p in parts if p.service_id == service_id and not p.period), Decimal(0))
        assert paid <= due
        assert not advance or paid == due


@given(orders, debts)
def test_a_younger_debt_is_met_only_when_the_older_ones_are(lines: dict[int, Decimal], owed: list[Debt]) -> None:
    left = unpaid(
        [
            Movement(d.service_id, d.period, EntryKind.penalty if d.is_penalty else EntryKind.charge, d.amount)
            for d in owed
        ]
        + [Movement(service_id, JUNE, EntryKind.payment, -amount) for service_id, amount in lines.items()]
    )
    total = sum((debt.amount for debt in owed), Decimal(0))
    met = sum((part.amount for part in allocate(lines, owed) if part.period), Decimal(0))
    assert sum((debt.amount for debt in left), Decimal(0)) == total - met
    for part in allocate(lines, owed):
        if part.period and not part.is_penalty:
            earlier = [
                d for d in left if d.service_id == part.service_id and not d.is_penalty and d.period < part.period
            ]
            assert not earlier


def test_what_was_overpaid_once_is_no_debt_now() -> None:
    movements = [
        Movement(COLD, MAY, EntryKind.opening, Decimal(-50)),
        Movement(COLD, JUNE, EntryKind.charge, Decimal(40)),
        Movement(COLD, JULY, EntryKind.charge, Decimal(30)),
    ]
    assert unpaid(movements) == [Debt(COLD, JULY, Decimal(20))]


def test_money_without_a_service_goes_to_debts_in_proportion() -> None:
    balances = [(COLD, Decimal("300.00")), (SEWERAGE, Decimal("100.00"))]
    assert spread(Decimal("100.01"), balances) == {COLD: Decimal("75.01"), SEWERAGE: Decimal("25.00")}


def test_the_surplus_is_an_advance_of_the_first_service() -> None:
    balances = [(COLD, Decimal("-20.00")), (SEWERAGE, Decimal("100.00"))]
    assert spread(Decimal("130.00"), balances) == {COLD: Decimal("30.00"), SEWERAGE: Decimal("100.00")}


def test_an_account_without_services_cannot_be_paid_for() -> None:
    with pytest.raises(ValueError, match="without services"):
        spread(Decimal(1), [])


@given(
    roubles,
    st.lists(
        st.tuples(services, st.integers(-(10**7), 10**7).map(lambda k: Decimal(k) / 100)),
        min_size=1,
        unique_by=lambda pair: pair[0],
    ),
)
def test_spread_money_adds_up_and_no_line_is_empty(amount: Decimal, balances: list[tuple[int, Decimal]]) -> None:
    lines = spread(amount, balances)
    assert sum(lines.values()) == amount
    assert all(line > 0 for line in lines.values())


def test_a_payment_that_was_taken_back_leaves_the_debt_as_old_as_it_was() -> None:
    moves = [
        Movement(COLD, MAY, EntryKind.charge, Decimal(100)),
        Movement(COLD, MAY, EntryKind.payment, Decimal(-100)),
        Movement(COLD, JULY, EntryKind.payment, Decimal(100)),
    ]
    assert unpaid(moves) == [Debt(COLD, MAY, Decimal(100))]
