"""Receipts under load and at the year's end: unique, gap-free, in the right series."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select

from app.domain import payments
from app.models import Receipt, ReceiptSeries
from tests.conftest import Act
from tests.payments import customer, started, word

MANY = 50


def test_fifty_payments_at_once_some_rolled_back(act: Act) -> None:
    with act() as session:
        made = [started(session, *customer(session)) for _ in range(MANY)]
        words = [word(payment, operation_id=f"20{turn:04d}") for turn, payment in enumerate(made)]
    start = Barrier(10)

    def pay(turn: int) -> None:
        if turn < 10:
            start.wait()
        try:
            with act() as session:
                payments.apply_event(session, words[turn])
                session.flush()
                if turn % 5 == 3:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(pay, range(MANY)))
    with act() as session:
        numbers = sorted(session.scalars(select(Receipt.number)))
        assert numbers == list(range(1, MANY - MANY // 5 + 1))
        assert session.scalars(select(ReceiptSeries.last_number)).one() == len(numbers)


def test_the_years_end_falls_at_local_midnight_in_the_right_series(act: Act) -> None:
    moments = (datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 19, 0, 0, tzinfo=UTC))
    for turn, moment in enumerate(moments):
        with act() as session:
            payment = started(session, *customer(session))
            with time_machine.travel(moment, tick=False):
                payments.apply_event(session, word(payment, operation_id=f"300{turn}"))
    with act() as session:
        titles = [receipt.title for receipt in session.scalars(select(Receipt).order_by(Receipt.id))]
    assert titles == ["2026-0000001", "2027-0000001"]


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_repeated_word_gives_no_second_receipt(act: Act, times: int) -> None:
    with act() as session:
        payment = started(session, *customer(session))
        for _ in range(times):
            payments.apply_event(session, word(payment))
        assert len(session.scalars(select(Receipt)).all()) == 1
